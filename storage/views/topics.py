"""Which nudges a reader may hear: a topic must not tell of what a view would hide (rules.md 2)."""

from collections.abc import Iterable

from sqlalchemy import select

from storage.scope import Scope
from storage.tables.incidents import incidents
from storage.views import rooms
from storage.views.visible import visible

INCIDENT, ROOM, PERSON = "incident:", "room:", "person:"


async def audible(scope: Scope, viewer: str | None, topics: Iterable[str]) -> frozenset[str]:
    """Those of ``topics`` that name nothing hidden from ``viewer``.

    Topics without a name (``incidents``, ``alerts``) and ``*`` only say: look again.
    """
    told = frozenset(topics)
    allowed = {topic for topic in told if not topic.startswith((INCIDENT, ROOM, PERSON))}
    allowed |= told & {f"{PERSON}{viewer}"}
    allowed |= await _incidents(scope, viewer, _named(told, INCIDENT))
    allowed |= await _rooms(scope, viewer, _named(told, ROOM))
    return frozenset(allowed)


async def _incidents(scope: Scope, viewer: str | None, named: set[str]) -> set[str]:
    if not named:
        return set()
    query = select(incidents.c.id).where(incidents.c.id.in_(named), visible(viewer))
    return {f"{INCIDENT}{one}" for one in (await scope.connection.execute(query)).scalars()}


async def _rooms(scope: Scope, viewer: str | None, named: set[str]) -> set[str]:
    if not named or viewer is None:
        return set()
    return {f"{ROOM}{room.id}" for room in await rooms.listed(scope, viewer) if room.id in named}


def _named(topics: frozenset[str], kind: str) -> set[str]:
    return {topic.removeprefix(kind) for topic in topics if topic.startswith(kind)}
