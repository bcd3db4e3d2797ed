"""The points at which a process may die: around each commit, and around each word to the chat."""

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event

from bot.passing import PassingChat
from domain.message import Message
from domain.ports import MessageRef, Place, RoomSpec

Answer = TypeVar("Answer")
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Boundaries:
    """Counts the points that are passed, and kills the process at number ``fatal``."""

    fatal: int | None = None
    passed: list[str] = field(default_factory=list)

    def cross(self, name: str) -> None:
        """Here the process may die."""
        self.passed.append(name)
        if len(self.passed) == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class AroundCommits:
    """A point before and one after each commit of something that was written.

    The connection goes back to its pool right after its commit, which is the first that
    SQLAlchemy says of it.
    """

    points: Boundaries

    def listen(self, engine: Engine) -> None:
        """Hear everything that ``engine`` does."""
        event.listen(engine, "begin", self._begun)
        event.listen(engine, "before_cursor_execute", self._executed)
        event.listen(engine, "commit", self._committing)
        event.listen(engine, "checkin", self._given_back)

    @staticmethod
    def _begun(connection: Connection) -> None:
        connection.info["wrote"] = None

    @staticmethod
    def _executed(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(WRITES):
            verb, *named = statement.split(maxsplit=3)
            connection.info["wrote"] = named[0] if verb == "UPDATE" else named[1]

    def _committing(self, connection: Connection) -> None:
        if what := connection.info.pop("wrote", None):
            self.points.cross(f"before commit, {what} last")
            connection.info["committed"] = what

    def _given_back(self, _connection: Any, record: Any) -> None:
        if what := record.info.pop("committed", None):
            self.points.cross(f"after commit, {what} last")


@dataclass
class AroundChat(PassingChat):
    """A point before and one after each call of a chat."""

    points: Boundaries

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        name = f"post {key.partition(':')[0]}"
        return await self._around(name, lambda: self.chat.post(place, message, key, again=again))

    async def edit(self, ref: MessageRef, message: Message) -> None:
        await self._around("edit", lambda: self.chat.edit(ref, message))

    async def direct(self, user: str) -> Place:
        return await self._around("direct", lambda: self.chat.direct(user))

    async def open_room(self, spec: RoomSpec) -> Place:
        return await self._around("open room", lambda: self.chat.open_room(spec))

    async def _around(self, name: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        self.points.cross(f"before {name}")
        answer = await call()
        self.points.cross(f"after {name}")
        return answer
