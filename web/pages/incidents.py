"""``/incidents``: all of them, newest first, cut by what the address asks for."""

from typing import Literal

from domain.base import Frozen
from domain.incident import Status
from domain.message import Option
from domain.severity import Severity
from storage.views import catalog, incidents, people
from storage.views.incidents import IncidentFilter
from storage.views.listing import Cut
from web.pages.discovery import Menu
from web.pages.models import Action, Facet, IncidentRow
from web.pages.now import DECLARE
from web.pages.rows import incident_row, options
from web.pages.visit import Visit

PATH = "/incidents"
TITLE = "Incidents"
MENU = Menu(place=2, icon="incident")

EVERY_SERVICE = Cut(limit=500)


class Query(Frozen):
    """What the address may ask for."""

    q: str = ""
    status: Status | Literal["open"] | None = None
    severity: Severity | None = None
    service: str | None = None
    mine: Literal["yes"] | None = None
    cursor: str | None = None


class IncidentsPage(Frozen):
    """A part of the list; ``next`` is the address of the rest, ``query`` the words looked for."""

    rows: tuple[IncidentRow, ...]
    query: str
    facets: tuple[Facet, ...]
    filtered: bool
    next: str | None
    actions: tuple[Action, ...]


async def page(visit: Visit) -> IncidentsPage:
    """The incidents that fit."""
    wanted = visit.wanted(Query)
    names = await people.names(visit.scope)
    cut = Cut(cursor=wanted.cursor)
    found = await incidents.listed(visit.scope, visit.viewer, _filter(wanted), cut)
    services = await catalog.services(visit.scope, EVERY_SERVICE)
    return IncidentsPage(
        rows=tuple(incident_row(one, names) for one in found.items),
        query=wanted.q,
        facets=_facets(wanted, tuple(one.id for one in services.items)),
        filtered=wanted != Query(),
        next=visit.elsewhere(cursor=found.next) if found.next else None,
        actions=visit.offers().ask("incident declare", "", DECLARE),
    )


def _filter(wanted: Query) -> IncidentFilter:
    return IncidentFilter(
        q=wanted.q,
        status=wanted.status if isinstance(wanted.status, Status) else None,
        open=True if wanted.status == "open" else None,
        severity=wanted.severity,
        service=wanted.service,
        mine=wanted.mine is not None,
    )


def _facets(wanted: Query, services: tuple[str, ...]) -> tuple[Facet, ...]:
    mine = (Option(value="yes", label="mine"),)
    choices = (
        ("status", "Status", wanted.status, options("open", *Status)),
        ("severity", "Severity", wanted.severity, options(*Severity)),
        ("service", "Service", wanted.service, options(*services)),
        ("mine", "Responder", wanted.mine, mine),
    )
    return tuple(
        Facet(name=name, label=label, value=value or "", options=choice)
        for name, label, value, choice in choices
    )
