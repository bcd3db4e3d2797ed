"""Facts and their words. Adding a fact adds its audit row: a state change has exactly one."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from domain.base import Frozen
from domain.facts import Entry, Fact
from domain.scrub import holds
from storage.audit import Audit
from storage.chain import hash_of
from storage.scope import Scope
from storage.tables.ledger import facts, texts


class Redacted(Frozen):
    """Words that were removed, so that copies can be removed too, and the entries they stood in."""

    words: str
    entries: tuple[str, ...]


class Past(Frozen):
    """When something happened, and by whom, where that is not here and now."""

    at: datetime
    by: str


class Facts:
    """The append-only ledger of what happened."""

    def __init__(self, scope: Scope, audit: Audit) -> None:
        self.scope = scope
        self.audit = audit

    async def add(
        self, subject: str, fact: Fact, text: str | None = None, past: Past | None = None
    ) -> str:
        """Record that ``fact`` happened to ``subject``, just now unless in the ``past``.

        Returns the fact's id.
        """
        kept = await self._keep(text) if text else {"id": None, "hash": None}
        row = {
            "id": self.scope.ids.new(),
            "subject": subject,
            "at": past.at if past else self.scope.now,
            "kind": fact.kind,
            "version": fact.version,
            "by": past.by if past else self.scope.by,
            "payload": fact.model_dump(mode="json"),
            "text": kept["id"],
        }
        await self.scope.connection.execute(insert(facts), row)
        await self.audit.add(fact.kind, subject, "done", row | {"hash": kept["hash"]})
        self.scope.topics.add(subject)
        return str(row["id"])

    async def get(self, fact: str) -> Entry | None:
        """The fact of that id."""
        joined = facts.outerjoin(texts, texts.c.id == facts.c.text)
        query = select(facts, texts.c.text.label("words"), texts.c.redacted).select_from(joined)
        row = (await self.scope.connection.execute(query.where(facts.c.id == fact))).mappings()
        found = row.first()
        return _entry(dict(found)) if found else None

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

    async def redact(self, subject: str, entry: str, why: str) -> Redacted | None:
        """Remove an entry's words for good, and those of every entry that repeats them."""
        query = select(facts.c.id, facts.c.text, texts.c.text)
        query = query.join(texts, facts.c.text == texts.c.id).order_by(facts.c.id)
        query = query.where(facts.c.subject == subject, texts.c.text.is_not(None))
        rows = (await self.scope.connection.execute(query)).all()
        words = next((text for fact, _, text in rows if fact == entry), None)
        if words is None:
            return None
        found = {fact: kept for fact, kept, text in rows if holds(text, words)}
        gone = update(texts).where(texts.c.id.in_(found.values()))
        await self.scope.connection.execute(gone.values(text=None, redacted=why))
        return Redacted(words=words, entries=tuple(found))

    async def _keep(self, text: str) -> dict[str, Any]:
        salt = self.scope.ids.secret()
        row = {
            "id": self.scope.ids.new(),
            "text": text,
            "salt": salt,
            "hash": hash_of(salt, text),
        }
        await self.scope.connection.execute(insert(texts), row)
        return row


def _entry(row: dict[str, Any]) -> Entry:
    known = {name: row[name] for name in Entry.model_fields if name != "text"}
    return Entry(**known, text=row["words"])
