"""What the built-in chat remembers: rooms and messages."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, CursorResult, Executable, Select, and_, or_, select, update

from domain.base import Frozen
from domain.message import Message
from domain.scrub import holds, without, without_in
from storage.scope import Scope
from storage.tables.console import console_messages as messages
from storage.tables.console import console_rooms as rooms

RoomKind = Literal["channel", "direct", "incident"]
WINDOW = 200


class Room(Frozen):
    """A room; ``members`` empty means everybody, or those of its private incident."""

    id: str
    name: str
    room_kind: RoomKind
    topic: str = ""
    members: tuple[str, ...] = ()
    incident: str | None = None


class Posted(Frozen):
    """A message in a room; ``change`` grows with every edit."""

    id: str
    key: str
    room: str
    thread: str | None = None
    author: str
    at: datetime
    edited_at: datetime | None = None
    body: Message
    private_to: str | None = None
    change: str


class Console:
    """Rooms and messages within one unit."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def open(self, room: Room) -> Room:
        """Open a room, or leave the one of that id as it is."""
        row = room.model_dump(mode="json")
        await self._do(self.scope.insert_new(rooms, "id"), row)
        self.scope.topics.add("rooms")
        return room

    async def room(self, room: str) -> Room | None:
        """The room of that id."""
        row = (await self._do(select(rooms).where(rooms.c.id == room))).mappings().first()
        return Room.model_validate(dict(row)) if row else None

    async def rooms(self) -> tuple[Room, ...]:
        """Every room, by kind and name."""
        query = select(rooms).order_by(rooms.c.room_kind, rooms.c.name)
        return tuple(Room.model_validate(dict(row)) for row in (await self._do(query)).mappings())

    async def post(self, posted: Posted) -> str:
        """Post once per key; returns the id of the message that stands for it."""
        row = posted.model_dump(mode="python") | {"body": posted.body.model_dump(mode="json")}
        await self._do(self.scope.insert_new(messages, "key"), row)
        self.scope.topics.add(f"room:{posted.room}")
        found = await self._do(select(messages.c.id).where(messages.c.key == posted.key))
        return str(found.scalar_one())

    async def edit(self, message: str, body: Message) -> str | None:
        """Replace a message; returns its room, None where it has gone."""
        changed = update(messages).where(messages.c.id == message)
        changed = changed.values(
            body=body.model_dump(mode="json"),
            edited_at=self.scope.now,
            change=self.scope.ids.new(),
        )
        room = (await self._do(changed.returning(messages.c.room))).scalar()
        if room is not None:
            self.scope.topics.add(f"room:{room}")
        return room

    async def message(self, message: str) -> Posted | None:
        """The message of that id."""
        row = (await self._do(select(messages).where(messages.c.id == message))).mappings().first()
        return Posted.model_validate(dict(row)) if row else None

    async def messages(
        self, room: str, reader: str, *, after: str | None = None, since: str | None = None
    ) -> tuple[Posted, ...]:
        """What ``reader`` sees in a room, oldest first: the newest window, or what follows.

        ``after`` is a message id; ``since`` a ``change``, and gives edits too.
        """
        seen = or_(messages.c.private_to.is_(None), messages.c.private_to == reader)
        wanted: list[ColumnElement[bool]] = [messages.c.room == room, seen]
        if after is not None:
            wanted.append(messages.c.id > after)
        if since is not None:
            wanted.append(messages.c.change > since)
        return await self._window(select(messages).where(and_(*wanted)))

    async def scrub(self, words: str) -> None:
        """Replace redacted words wherever the chat repeats them."""
        written = (await self._do(select(messages.c.id, messages.c.body))).mappings().all()
        for row in written:
            told = without_in(words, row["body"])
            if told != row["body"]:
                await self.edit(row["id"], Message.model_validate(told))
        for room in await self.rooms():
            if holds(room.topic, words):
                changed = update(rooms).where(rooms.c.id == room.id)
                await self._do(changed.values(topic=without(words, room.topic)))

    async def forget(self, words: str, person: str, *, told: bool = False) -> None:
        """Remove words from what only ``person`` reads; where they were ``told`` to others in
        private answers, from those too."""
        others = messages.c.private_to.is_not(None) if told else messages.c.private_to == person
        theirs = or_(messages.c.room == f"dm-{person}", others)
        query = select(messages.c.id, messages.c.body).where(theirs)
        for row in (await self._do(query)).mappings().all():
            clean = without_in(words, row["body"])
            if clean != row["body"]:
                await self.edit(row["id"], Message.model_validate(clean))

    async def _window(self, query: Select[Any]) -> tuple[Posted, ...]:
        newest = query.order_by(messages.c.id.desc()).limit(WINDOW)
        rows = (await self._do(newest)).mappings().all()
        return tuple(Posted.model_validate(dict(row)) for row in reversed(rows))

    async def _do(self, statement: Executable, row: Any = None) -> CursorResult[Any]:
        return await self.scope.connection.execute(statement, row)
