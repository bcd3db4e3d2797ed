"""The points at which a process may die: around each commit, and around each word to the chat."""

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event

from domain.message import Message
from domain.ports import Chat, MessageRef, Place, RoomSpec

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

    def write(self, file: Path) -> None:
        """Keep what was passed, for the parent to read."""
        file.write_text("\n".join(self.passed))


def around_commits(engine: Engine, points: Boundaries) -> None:
    """A point before and one after each commit of something that was written.

    The connection goes back to its pool right after its commit, which is the first that
    SQLAlchemy says of it.
    """

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        connection.info["wrote"] = None

    @event.listens_for(engine, "before_cursor_execute")
    def executed(connection: Any, *told: Any) -> None:
        _cursor, statement, *_rest = told
        if statement.lstrip().startswith(WRITES):
            connection.info["wrote"] = statement.split(maxsplit=3)[2]

    @event.listens_for(engine, "commit")
    def committing(connection: Any) -> None:
        if what := connection.info.pop("wrote", None):
            points.cross(f"before commit, {what} last")
            connection.info["committed"] = what

    @event.listens_for(engine, "checkin")
    def given_back(_connection: Any, record: Any) -> None:
        if what := record.info.pop("committed", None):
            points.cross(f"after commit, {what} last")


@dataclass(frozen=True)
class AroundChat:
    """A point before and one after each call of a chat."""

    chat: Chat
    points: Boundaries

    @property
    def platform(self) -> str:
        return self.chat.platform

    async def post(self, place: Place, message: Message, key: str) -> MessageRef:
        name = f"post {key.partition(':')[0]}"
        return await self._around(name, lambda: self.chat.post(place, message, key))

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
