"""The built-in chat for a reader: rooms, and the messages in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, or_, select
from sqlalchemy.engine import RowMapping

from domain.base import Frozen
from domain.errors import NotFound
from domain.message import Message
from domain.ports import Place
from domain.timeline import name_of
from storage.scope import Scope
from storage.tables.console import console_messages as messages
from storage.tables.console import console_rooms as rooms
from storage.tables.incidents import incidents
from storage.tables.incidents import rooms as incident_rooms
from storage.tables.people import users
from storage.views.listing import Cut, Listing
from storage.views.visible import in_place, visible

NEWEST = Cut(limit=200)


class RoomView(Frozen):
    """A room; ``incident`` is the one it belongs to as a whole."""

    id: str
    name: str
    kind: str
    topic: str
    incident: str | None


class MessageView(Frozen):
    """A message; ``thread`` is the id of the message it hangs on, ``change`` grows with edits."""

    id: str
    room: str
    thread: str | None
    author: str
    author_name: str
    at: datetime
    edited_at: datetime | None
    private_to: str | None
    change: str
    message: Message


class Since(Frozen):
    """From where to read: after the message ``after``, or what changed after ``change``."""

    after: str | None = None
    change: str | None = None


LATEST = Since()
# where an incident has a room of the console to itself, not only a thread in one
WHOLE = and_(incident_rooms.c.platform == "console", incident_rooms.c.thread == "")


async def listed(scope: Scope, viewer: str) -> tuple[RoomView, ...]:
    """The rooms that ``viewer`` may enter, by kind and name."""
    query = _rooms(viewer).order_by(rooms.c.room_kind, rooms.c.name)
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(RoomView.model_validate(dict(row)) for row in rows)


async def shown(scope: Scope, viewer: str, room: str) -> RoomView:
    """One room. Raises `NotFound`, also where the reader may not enter."""
    query = _rooms(viewer).where(rooms.c.id == room)
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no room {room}: see the list of those you may enter.")
    return RoomView.model_validate(dict(row))


async def said(
    scope: Scope, viewer: str, room: str, since: Since = LATEST, cut: Cut = NEWEST
) -> Listing[MessageView]:
    """What the reader sees in a room, oldest first: the newest, or what follows ``since``.

    Raises `NotFound` as `shown` does.
    """
    await shown(scope, viewer, room)
    query = _messages(viewer).where(messages.c.room == room)
    if since.change is not None:
        return await _following(scope, query, messages.c.change, since.change, cut)
    if since.after is not None:
        return await _following(scope, query, messages.c.id, since.after, cut)
    rows = await _rows(scope, query.order_by(messages.c.id.desc()).limit(cut.limit))
    return Listing(items=tuple(map(_message, reversed(rows))))


async def message(scope: Scope, viewer: str, key: str) -> MessageView:
    """One message. Raises `NotFound`, also where the reader may not see it."""
    rows = await _rows(scope, _messages(viewer).where(messages.c.id == key))
    if not rows:
        raise NotFound(f"There is no message {key}: look again.")
    await shown(scope, viewer, rows[0]["room"])
    return _message(rows[0])


async def asked(scope: Scope, viewer: str, form: str) -> MessageView | None:
    """The newest message to the reader alone that may hold the form ``form``."""
    told = cast(messages.c.body, Text).contains(form, autoescape=True)
    query = _messages(viewer).where(messages.c.private_to == viewer, told)
    rows = await _rows(scope, query.order_by(messages.c.id.desc()).limit(1))
    return _message(rows[0]) if rows else None


async def of_incident(scope: Scope, viewer: str | None, incident: str) -> Place | None:
    """Where the console talks of an incident: its own room, else a thread; None where nowhere."""
    columns = (incident_rooms.c.platform, incident_rooms.c.room, incident_rooms.c.thread)
    joined = incident_rooms.join(incidents, incidents.c.id == incident_rooms.c.incident)
    query = select(*columns).select_from(joined).where(visible(viewer))
    query = query.where(incidents.c.id == incident, incident_rooms.c.platform == "console")
    row = (await scope.connection.execute(query.order_by(incident_rooms.c.thread))).first()
    return Place(platform=row[0], room=row[1], thread=row[2] or None) if row else None


def _rooms(viewer: str) -> Select[Any]:
    """Rooms open to the reader: an incident's by its own members, others by theirs."""
    joined = rooms.outerjoin(incident_rooms, and_(WHOLE, incident_rooms.c.room == rooms.c.id))
    columns = (
        rooms.c.id,
        rooms.c.name,
        rooms.c.room_kind.label("kind"),
        rooms.c.topic,
        incident_rooms.c.incident,
    )
    theirs = exists().where(incidents.c.id == incident_rooms.c.incident, visible(viewer))
    listed_there = cast(rooms.c.members, Text)
    own = or_(listed_there == "[]", listed_there.contains(f'"{viewer}"', autoescape=True))
    enters = or_(and_(incident_rooms.c.incident.is_(None), own), theirs)
    return select(*columns).select_from(joined).where(enters)


def _messages(viewer: str) -> Select[Any]:
    columns = (messages, users.c.name.label("author_name"))
    joined = messages.outerjoin(users, users.c.id == messages.c.author)
    to_them = or_(messages.c.private_to.is_(None), messages.c.private_to == viewer)
    root = in_place(messages.c.room, messages.c.id, viewer)
    branch = in_place(messages.c.room, messages.c.thread, viewer)
    return select(*columns).select_from(joined).where(to_them, root, branch)


async def _following(
    scope: Scope, query: Select[Any], key: ColumnElement[str], last: str, cut: Cut
) -> Listing[MessageView]:
    """The first rows beyond ``last``; shown by id, whatever they were cut by."""
    query = query.where(key > last).order_by(key).limit(cut.limit + 1)
    rows = await _rows(scope, query)
    kept = rows[: cut.limit]
    more = str(kept[-1][key.key or "id"]) if len(rows) > len(kept) else None
    return Listing(items=tuple(map(_message, sorted(kept, key=lambda row: row["id"]))), next=more)


async def _rows(scope: Scope, query: Select[Any]) -> list[RowMapping]:
    return list((await scope.connection.execute(query)).mappings().all())


def _message(row: RowMapping) -> MessageView:
    known = {name: row[name] for name in MessageView.model_fields if name in row}
    told = {
        "author_name": name_of(row["author"], {row["author"]: row["author_name"] or ""}),
        "message": row["body"],
    }
    return MessageView.model_validate(known | told)
