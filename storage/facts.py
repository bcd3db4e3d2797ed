"""Facts and their words. Adding a fact adds its audit row: a state change has exactly one."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from domain.facts import Entry, Fact
from storage.audit import Audit
from storage.scope import Scope
from storage.tables.ledger import facts, texts


class Facts:
    """The append-only ledger of what happened."""

    def __init__(self, scope: Scope, audit: Audit) -> None:
        self.scope = scope
        self.audit = audit

    async def add(
        self, subject: str, fact: Fact, text: str | None = None, at: datetime | None = None
    ) -> str:
        """Record that ``fact`` happened to ``subject``, now or ``at``; returns the fact's id."""
        kept = await self._keep(text) if text else {"id": None, "hash": None}
        row = {
            "id": self.scope.ids.new(),
            "subject": subject,
            "at": at or self.scope.now,
            "kind": fact.kind,
            "version": fact.version,
            "by": self.scope.by,
            "payload": fact.model_dump(mode="json"),
            "text": kept["id"],
        }
        await self.scope.connection.execute(insert(facts).values(**row))
        await self.audit.add(fact.kind, subject, "done", row | {"hash": kept["hash"]})
        self.scope.topics.add(subject)
        return str(row["id"])

    async def of(self, subject: str) -> tuple[Entry, ...]:
        """Everything that happened to ``subject``, oldest first."""
        joined = facts.outerjoin(texts, texts.c.id == facts.c.text)
        query = select(facts, texts.c.text.label("words"), texts.c.redacted).select_from(joined)
        query = query.where(facts.c.subject == subject).order_by(facts.c.id)
        rows = (await self.scope.connection.execute(query)).mappings()
        return tuple(_entry(dict(row)) for row in rows)

    async def last_by(self, subject: str, by: str) -> Any:
        """When ``by`` last did something to ``subject``; None where never."""
        query = select(func.max(facts.c.at)).where(facts.c.subject == subject, facts.c.by == by)
        return (await self.scope.connection.execute(query)).scalar()

    async def count_by(self, by: str, kind: str, since: datetime) -> int:
        """How many facts of a kind ``by`` made since an instant."""
        made = (facts.c.by == by, facts.c.kind == kind, facts.c.at >= since)
        query = select(func.count()).select_from(facts).where(*made)
        return int((await self.scope.connection.execute(query)).scalar_one())

    async def redact(self, subject: str, entry: str, why: str) -> str | None:
        """Remove an entry's words for good; returns them so that copies can be removed too."""
        query = select(texts.c.id, texts.c.text).join(facts, facts.c.text == texts.c.id)
        query = query.where(facts.c.id == entry, facts.c.subject == subject)
        row = (await self.scope.connection.execute(query)).first()
        if row is None or row[1] is None:
            return None
        gone = update(texts).where(texts.c.id == row[0]).values(text=None, redacted=why)
        await self.scope.connection.execute(gone)
        return str(row[1])

    async def _keep(self, text: str) -> dict[str, Any]:
        salt = self.scope.ids.secret()
        hashed = hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()
        row = {"id": self.scope.ids.new(), "text": text, "salt": salt, "hash": hashed}
        await self.scope.connection.execute(insert(texts).values(**row))
        return row


def _entry(row: dict[str, Any]) -> Entry:
    known = {name: row[name] for name in Entry.model_fields if name != "text"}
    return Entry(**known, text=row["words"])
