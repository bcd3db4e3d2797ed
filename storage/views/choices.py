"""What a person may pick from while they fill in a field: people, services, open incidents."""

from collections.abc import Iterable

from sqlalchemy import select

from domain.message import Option
from domain.ports import Choosable
from storage.catalog import Catalog
from storage.scope import Scope
from storage.tables.people import users
from storage.views import incidents
from storage.views.incidents import IncidentFilter
from storage.views.listing import Cut

MOST = 25
LONGEST = 75
OPEN_ONES = IncidentFilter(open=True)


async def fitting(
    scope: Scope, viewer: str | None, kind: Choosable, typed: str
) -> tuple[Option, ...]:
    """At most 25 that hold ``typed``, those that begin with it first."""
    known = await _known(scope, viewer, kind)
    return ranked(known, typed.strip().removeprefix("@").lower())[:MOST]


def ranked(known: Iterable[Option], wanted: str) -> tuple[Option, ...]:
    """Those whose value or label holds ``wanted``, in lower case; the best fit first."""
    found = [one for one in known if wanted in f"{one.value} {one.label}".lower()]
    return tuple(sorted(found, key=lambda one: not _begins(one, wanted)))


async def _known(scope: Scope, viewer: str | None, kind: Choosable) -> tuple[Option, ...]:
    if kind == "incident":
        return await _incidents(scope, viewer)
    people, catalog = await _people(scope), Catalog(scope)
    if kind == "person":
        return people
    offered = tuple(_option(one.id, one.name) for one in await catalog.services.where())
    if kind == "service":
        return offered
    teams = tuple(_option(one.id, one.name) for one in await catalog.teams.where())
    return (*people, *teams, *offered)


async def _incidents(scope: Scope, viewer: str | None) -> tuple[Option, ...]:
    found = await incidents.listed(scope, viewer, OPEN_ONES, Cut(limit=200))
    return tuple(_option(one.id, f"{one.id} {one.severity} {one.title}") for one in found.items)


async def _people(scope: Scope) -> tuple[Option, ...]:
    query = select(users.c.id, users.c.name).where(users.c.active).order_by(users.c.id)
    rows = await scope.connection.execute(query)
    return tuple(_option(f"@{handle}", name) for handle, name in rows)


def _option(value: str, label: str) -> Option:
    short = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
    return Option(value=value, label=short)


def _begins(one: Option, wanted: str) -> bool:
    known = (one.value.removeprefix("@").lower(), one.label.lower())
    return any(name.startswith(wanted) for name in known)
