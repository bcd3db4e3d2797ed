"""The audit trail: one row for each state change and refusal, chained by the sealer."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from domain.audit_facts import AuditCut
from domain.base import Frozen
from storage.chain import Cut, Row, Walk, canonical, digest_of, key_id, mac_of
from storage.scope import Scope
from storage.tables.ledger import audit, facts, texts

WORDS = (texts.c.hash, texts.c.salt, texts.c.text.label("words"), texts.c.redacted)
SEALED_WITHIN = timedelta(seconds=10)
KEPT = timedelta(days=400)


class AuditRow(Frozen):
    """One row as readers meet it; ``position``, ``mac`` and ``key`` are None until sealed.

    ``key`` names the secret key that sealed it.
    """

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
    key: str | None


class Verified(Frozen):
    """What `verify` found: ``problems`` is empty when the trail is whole.

    ``forgotten`` rows, before those that were looked at, were dropped by their age.
    """

    rows: int
    head: str
    unsealed: int
    problems: tuple[str, ...]
    forgotten: int = 0


class Sealed(Frozen):
    """How many rows a key sealed, and when; ``key`` is None for those from before it had a name."""

    key: str | None
    rows: int
    since: datetime
    until: datetime


class Audit:
    """Writes rows within a unit; seals and verifies the chain."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.connection = scope.connection

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
        row["digest"] = digest_of(canonical(row, fact))
        await self.connection.execute(insert(audit), row)

    async def waits(self) -> bool:
        """Whether any row is not yet chained."""
        query = select(audit.c.id).where(audit.c.position.is_(None)).limit(1)
        return (await self.connection.execute(query)).first() is not None

    async def seal(self, key: bytes, limit: int = 2000) -> int:
        """Chain the rows that are not yet chained, oldest first; returns how many."""
        position, before = await self._head()
        query = select(audit.c.id, audit.c.digest).where(audit.c.position.is_(None))
        rows = (await self.connection.execute(query.order_by(audit.c.id).limit(limit))).all()
        sealed: list[dict[str, Any]] = []
        for row, digest in rows:
            position += 1
            before = mac_of(key, position, before, digest)
            sealed.append({"row": row, "position": position, "mac": before, "key": key_id(key)})
        if sealed:
            chained = update(audit).where(audit.c.id == bindparam("row"))
            await self.connection.execute(chained, sealed)
        return len(sealed)

    async def verify(self, key: bytes, *previous: bytes) -> Verified:
        """Recompute every digest and link; nothing is trusted but the keys."""
        walk = Walk((key, *previous), await self._cut())
        async for row, fact in self._sealed():
            walk.step(row, fact)
        problems = [*walk.found(), *await self._facts_without_a_row(walk.cut)]
        unsealed = await self._unsealed(problems)
        return Verified(
            rows=walk.rows,
            head=walk.before,
            unsealed=unsealed,
            problems=tuple(problems),
            forgotten=walk.cut.position,
        )

    async def forget(self) -> Cut | None:
        """Drop what was sealed over 400 days ago, but for the newest row of all.

        Returns where the trail begins from then on, for the fact that must tell of it; None
        where nothing was that old.
        """
        young = audit.c.at >= self.scope.now - KEPT
        kept = func.coalesce(
            select(func.min(audit.c.position)).where(young).scalar_subquery(),
            select(func.max(audit.c.position)).scalar_subquery(),
        )
        going = select(audit.c.position, audit.c.mac).where(audit.c.position < kept)
        last = await self.connection.execute(going.order_by(audit.c.position.desc()).limit(1))
        if (found := last.first()) is None:
            return None
        old = audit.c.position <= found[0]
        upto = (await self.connection.execute(select(func.max(audit.c.id)).where(old))).scalar_one()
        await self.connection.execute(delete(audit).where(old))
        return Cut(position=found[0], mac=found[1], upto=upto)

    async def sealed(self) -> tuple[Sealed, ...]:
        """Which keys have sealed what, in the order of their use."""
        since, until = func.min(audit.c.at).label("since"), func.max(audit.c.at).label("until")
        query = select(audit.c.key, func.count().label("rows"), since, until)
        query = query.where(audit.c.position.is_not(None)).group_by(audit.c.key)
        found = await self.connection.execute(query.order_by(func.min(audit.c.position)))
        return tuple(Sealed.model_validate(dict(row)) for row in found.mappings())

    async def _cut(self) -> Cut:
        """As the newest fact says that has a row of its own: nobody cuts without leaving one."""
        query = select(facts.c.payload).join(audit, audit.c.fact == facts.c.id)
        query = query.where(facts.c.kind == AuditCut.kind).order_by(facts.c.id.desc())
        found = (await self.connection.execute(query.limit(1))).scalar()
        return Cut.model_validate(found) if found else Cut()

    async def _head(self) -> tuple[int, str]:
        query = select(audit.c.position, audit.c.mac).where(audit.c.position.is_not(None))
        query = query.order_by(audit.c.position.desc()).limit(1)
        row = (await self.connection.execute(query)).first()
        return (row[0], row[1]) if row else (0, Cut().mac)

    async def _sealed(self) -> AsyncIterator[tuple[Row, Row]]:
        joined = audit.outerjoin(facts, facts.c.id == audit.c.fact)
        joined = joined.outerjoin(texts, texts.c.id == facts.c.text)
        query = (
            select(audit, *(c.label(f"fact_{c.name}") for c in facts.c), *WORDS)
            .select_from(joined)
            .where(audit.c.position.is_not(None))
            .order_by(audit.c.position)
        )
        for row in (await self.connection.execute(query)).mappings():
            fact = {c.name: row[f"fact_{c.name}"] for c in facts.c}
            words = {name: row[name] for name in ("hash", "salt", "words", "redacted")}
            yield dict(row), fact | words if row["fact"] else {}

    async def _facts_without_a_row(self, cut: Cut) -> list[str]:
        """Facts outlive their rows: those of rows that were cut are not missed."""
        covered = select(audit.c.fact).where(audit.c.fact.is_not(None))
        missing = select(facts.c.id).where(facts.c.id > cut.upto, facts.c.id.not_in(covered))
        found = (await self.connection.execute(missing)).scalars()
        return [f"fact {fact} has no audit row" for fact in found]

    async def _unsealed(self, problems: list[str]) -> int:
        waiting = audit.c.position.is_(None)
        query = select(func.count(), func.min(audit.c.at)).where(waiting)
        count, oldest = (await self.connection.execute(query)).one()
        if count and oldest < self.scope.now - SEALED_WITHIN:
            problems.append(f"{count} rows have waited over 10 s for the sealer")
        return int(count)
