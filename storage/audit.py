"""The audit trail: one row for each state change and refusal, chained by the sealer.

A row's digest covers itself, the fact it belongs to and the salted hash of the fact's words,
never the words: redaction leaves the chain whole. The chain is an HMAC over position, the mac
before and the digest, so that a reader without the key can neither alter nor insert.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from domain.base import Frozen
from storage.scope import Scope
from storage.tables.ledger import audit, facts, texts

GENESIS = "0" * 64
WORDS = (texts.c.hash, texts.c.salt, texts.c.text.label("words"), texts.c.redacted)
SEALED_WITHIN = timedelta(seconds=10)


class AuditRow(Frozen):
    """One row as readers meet it; ``position`` and ``mac`` are None until sealed."""

    id: str
    at: datetime
    by: str
    action: str
    subject: str
    outcome: str
    fact: str | None
    surface: str
    correlation_id: str | None
    digest: str
    position: int | None
    mac: str | None


class Verified(Frozen):
    """What `verify` found: ``problems`` is empty when the trail is whole."""

    rows: int
    head: str
    unsealed: int
    problems: tuple[str, ...]


def digest_of(row: dict[str, Any]) -> str:
    """The hash of everything a row says, in one canonical form."""
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()


def mac_of(key: bytes, position: int, before: str, digest: str) -> str:
    """The link of the chain at ``position``."""
    return hmac.new(key, f"{position}:{before}:{digest}".encode(), hashlib.sha256).hexdigest()


class Audit:
    """Writes rows within a unit; seals and verifies the chain."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def add(self, action: str, subject: str, outcome: str, fact: dict[str, Any]) -> None:
        """Add a row; ``fact`` is the fact's own row and text hash, or empty for a refusal."""
        row = {
            "id": self.scope.ids.new(),
            "at": self.scope.now,
            "by": self.scope.by,
            "action": action,
            "subject": subject,
            "outcome": outcome,
            "fact": fact.get("id"),
            "surface": self.scope.surface,
            "correlation_id": self.scope.correlation_id,
        }
        row["digest"] = digest_of(_canonical(row, fact))
        await self.scope.connection.execute(insert(audit).values(**row))

    async def waits(self) -> bool:
        """Whether any row is not yet chained."""
        query = select(audit.c.id).where(audit.c.position.is_(None)).limit(1)
        return (await self.scope.connection.execute(query)).first() is not None

    async def seal(self, key: bytes, limit: int = 2000) -> int:
        """Chain the rows that are not yet chained, oldest first; returns how many."""
        position, before = await self._head()
        query = select(audit.c.id, audit.c.digest).where(audit.c.position.is_(None))
        rows = (await self.scope.connection.execute(query.order_by(audit.c.id).limit(limit))).all()
        for row_id, digest in rows:
            position += 1
            before = mac_of(key, position, before, digest)
            sealed = update(audit).where(audit.c.id == row_id)
            await self.scope.connection.execute(sealed.values(position=position, mac=before))
        return len(rows)

    async def verify(self, key: bytes) -> Verified:
        """Recompute every digest and link; nothing is trusted but the key."""
        problems: list[str] = []
        position, before = 0, GENESIS
        async for row, fact in self._sealed():
            position += 1
            if row["position"] != position:
                problems.append(f"row {row['id']} stands at {row['position']}, not {position}")
            if digest_of(_canonical(row, fact)) != row["digest"] or not _kept_words(fact):
                problems.append(f"row {row['id']} or its fact was altered")
            before_here, before = before, row["mac"]
            if mac_of(key, row["position"], before_here, row["digest"]) != row["mac"]:
                problems.append(f"the chain breaks at row {row['id']}")
        problems += await self._facts_without_a_row()
        unsealed = await self._unsealed(problems)
        found = tuple(problems)
        return Verified(rows=position, head=before, unsealed=unsealed, problems=found)

    async def _head(self) -> tuple[int, str]:
        query = select(audit.c.position, audit.c.mac).where(audit.c.position.is_not(None))
        query = query.order_by(audit.c.position.desc()).limit(1)
        row = (await self.scope.connection.execute(query)).first()
        return (row[0], row[1]) if row else (0, GENESIS)

    async def _sealed(self) -> Any:
        joined = audit.outerjoin(facts, facts.c.id == audit.c.fact)
        joined = joined.outerjoin(texts, texts.c.id == facts.c.text)
        query = (
            select(audit, *(c.label(f"fact_{c.name}") for c in facts.c), *WORDS)
            .select_from(joined)
            .where(audit.c.position.is_not(None))
            .order_by(audit.c.position)
        )
        for row in (await self.scope.connection.execute(query)).mappings():
            fact = {c.name: row[f"fact_{c.name}"] for c in facts.c}
            words = {name: row[name] for name in ("hash", "salt", "words", "redacted")}
            yield dict(row), fact | words if row["fact"] else {}

    async def _facts_without_a_row(self) -> list[str]:
        covered = select(audit.c.fact).where(audit.c.fact.is_not(None))
        missing = select(facts.c.id).where(facts.c.id.not_in(covered))
        found = (await self.scope.connection.execute(missing)).scalars()
        return [f"fact {fact} has no audit row" for fact in found]

    async def _unsealed(self, problems: list[str]) -> int:
        waiting = audit.c.position.is_(None)
        query = select(func.count(), func.min(audit.c.at)).where(waiting)
        count, oldest = (await self.scope.connection.execute(query)).one()
        if count and oldest < self.scope.now - SEALED_WITHIN:
            problems.append(f"{count} rows have waited over 10 s for the sealer")
        return int(count)


def hash_of(salt: str, words: str) -> str:
    """What stands for written words in facts and chain."""
    return hashlib.sha256(f"{salt}:{words}".encode()).hexdigest()


def _kept_words(fact: dict[str, Any]) -> bool:
    """Whether the words are those that were written, or were taken away with a reason."""
    if fact.get("words") is not None:
        return bool(hash_of(fact["salt"], fact["words"]) == fact["hash"])
    return not fact.get("hash") or fact["redacted"] is not None


def _canonical(row: dict[str, Any], fact: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "at", "by", "action", "subject", "outcome", "fact", "surface", "correlation_id")
    covered = ("id", "subject", "at", "kind", "version", "by", "payload", "hash")
    return {name: row[name] for name in kept} | {
        f"fact_{name}": fact.get(name) for name in covered if fact
    }
