"""The one clause that keeps private incidents to their members (rules.md 2).

``viewer`` is a person's id; None reads as nobody in particular, who sees what is public.
"""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from storage.tables.incidents import incidents, members, rooms


def visible(viewer: str | None) -> ColumnElement[bool]:
    """Rows of `incidents` that ``viewer`` may read."""
    mine = select(members.c.incident).where(members.c.user == viewer)
    return or_(incidents.c.private.is_(False), incidents.c.id.in_(mine))


def with_incident(column: ColumnElement[str | None], viewer: str | None) -> ColumnElement[bool]:
    """Rows whose incident, named by ``column``, ``viewer`` may read, and rows without one."""
    return or_(column.is_(None), exists().where(incidents.c.id == column, visible(viewer)))


def about(subject: ColumnElement[str], viewer: str | None) -> ColumnElement[bool]:
    """Rows about nothing that is hidden; ``subject`` is as facts name it: ``incident:INC-42``."""
    readable = exists().where("incident:" + incidents.c.id == subject, visible(viewer))
    return or_(subject.not_like("incident:%"), readable)


def in_place(
    room: ColumnElement[str], thread: ColumnElement[str | None], viewer: str | None
) -> ColumnElement[bool]:
    """Rows in a room or thread of the console that belongs to no incident hidden from them."""
    there = and_(rooms.c.platform == "console", rooms.c.room == room, rooms.c.thread == thread)
    hidden = exists().where(there, incidents.c.id == rooms.c.incident, ~visible(viewer))
    return or_(thread.is_(None), ~hidden)
