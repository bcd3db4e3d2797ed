"""Answers already given: the same key and arguments get the same reply, for seven days."""

import hashlib
import json
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from domain.call import Call, Reply
from domain.errors import Invalid
from domain.scrub import without_in
from storage.scope import Scope
from storage.tables.ledger import calls, stored_calls

KEPT = timedelta(days=7)


class Calls:
    """Replies by idempotency key, written in the command's own commit."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def answered(self, call: Call) -> Reply | None:
        """The reply already given for this key; other arguments under it are refused."""
        query = select(calls.c.args_hash, calls.c.reply).where(calls.c.key == self._key(call))
        row = (await self.scope.connection.execute(query)).first()
        if row is None:
            return None
        if row[0] != _hash(call):
            raise Invalid("This Idempotency-Key was used for another call: send a new key.")
        return Reply.model_validate(row[1])

    async def remember(self, call: Call, reply: Reply) -> None:
        """Keep the reply with the change it reports."""
        row = {
            "key": self._key(call),
            "args_hash": _hash(call),
            "reply": reply.model_dump(mode="json"),
            "created_at": self.scope.now,
        }
        await self.scope.connection.execute(insert(calls), row)

    async def store(self, command: str, args: dict[str, str]) -> str:
        """Keep a call that a button will make; returns the button's id."""
        made = f"c_{self.scope.ids.new()}"
        row = {"id": made, "command": command, "args": args, "created_at": self.scope.now}
        await self.scope.connection.execute(insert(stored_calls), row)
        return made

    async def stored(self, made: str) -> tuple[str, dict[str, str]] | None:
        """The command and arguments behind a button made by `store`."""
        query = select(stored_calls.c.command, stored_calls.c.args)
        row = (await self.scope.connection.execute(query.where(stored_calls.c.id == made))).first()
        return (row[0], row[1]) if row else None

    async def scrub(self, words: str) -> None:
        """Remove redacted words from answers and buttons that were kept."""
        kept = (
            (calls, calls.c.key, calls.c.reply),
            (stored_calls, stored_calls.c.id, stored_calls.c.args),
        )
        for table, key, document in kept:
            for name, told in (await self.scope.connection.execute(select(key, document))).all():
                if (clean := without_in(words, told)) != told:
                    changed = update(table).where(key == name).values({document: clean})
                    await self.scope.connection.execute(changed)

    async def forget(self) -> int:
        """Drop what is older than seven days."""
        gone = 0
        for table in (calls, stored_calls):
            old = delete(table).where(table.c.created_at < self.scope.now - KEPT)
            gone += int((await self.scope.connection.execute(old)).rowcount)
        return gone

    @staticmethod
    def _key(call: Call) -> str:
        return f"{call.origin.surface}:{call.actor.by}:{call.key}"


def _hash(call: Call) -> str:
    said = json.dumps([call.command, call.args], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()
