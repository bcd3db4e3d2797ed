"""Incidents for a reader: the list, one of them, its timeline."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Text, case, cast, func, or_, select
from sqlalchemy.engine import RowMapping

from domain.base import Frozen
from domain.facts import Entry
from domain.incident import OPEN, Phase, Resolution, Stage, Status, missing
from domain.severity import Severity
from domain.timeline import TimelineEntry, told
from storage.audit import Audit
from storage.facts import Facts
from storage.scope import Scope
from storage.tables.alerts import alert_groups, alerts
from storage.tables.incidents import incidents
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.people import names
from storage.views.visible import visible

NAMED = re.compile(r"INC-\d+")
COLUMNS = ("status", "stage", "severity", "service")


class IncidentView(Frozen):
    """An incident as the contract shows it; times are UTC, people are handles.

    ``alerts`` counts all of its alerts and ``firing`` those that still fire.
    """

    id: str
    title: str
    stage: Stage
    status: Status
    phase: Phase
    resolution: Resolution | None
    severity: Severity
    service: str | None
    team: str | None
    urgency: str
    category: str | None
    symptoms: tuple[str, ...]
    classified_by: str
    proposed: Severity | None = None
    impact: str
    private: bool
    drill: bool
    source: str
    correlation_id: str
    labels: dict[str, str]
    commander: str | None
    roles: dict[str, str]
    responders: tuple[str, ...]
    detected_at: datetime
    impact_started_at: datetime | None
    declared_at: datetime
    acknowledged_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime | None
    next_update_at: datetime | None
    home_room: str | None
    call_url: str | None
    alert_groups: tuple[str, ...] = ()
    alerts: int = 0
    firing: int = 0

    @property
    def open(self) -> bool:
        """Whether anybody still has to do something about it."""
        return self.status in OPEN


class IncidentFilter(Frozen):
    """Which incidents: every field that is set must fit; ``q`` is part of title, id or service.

    ``mine`` are those that the reader responds to, ``since`` those declared from then on.
    """

    status: Status | None = None
    stage: Stage | None = None
    severity: Severity | None = None
    service: str | None = None
    open: bool | None = None
    mine: bool = False
    since: AwareDatetime | None = None
    q: str = ""


EVERY = IncidentFilter()


async def listed(
    scope: Scope, viewer: str | None, wanted: IncidentFilter = EVERY, cut: Cut = FIRST
) -> Listing[IncidentView]:
    """The incidents that fit, newest first."""
    query = select(incidents).where(visible(viewer), *_clauses(wanted, viewer))
    found = await part(scope, query, Order(incidents.c.number), cut)
    return Listing(items=await _views(scope, found.rows), next=found.next)


async def count_open(scope: Scope, viewer: str | None) -> int:
    """How many incidents are open, as far as the reader may know."""
    query = select(func.count()).where(incidents.c.status.in_(OPEN), visible(viewer))
    return int((await scope.connection.execute(query)).scalar_one())


async def shown(scope: Scope, viewer: str | None, incident: str) -> IncidentView:
    """One incident. Raises `NotFound`, also where it is private and not the reader's."""
    query = select(incidents).where(incidents.c.id == incident, visible(viewer))
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise missing(incident)
    return (await _views(scope, (row,)))[0]


async def timeline(
    scope: Scope, viewer: str | None, incident: str, cut: Cut = FIRST
) -> Listing[TimelineEntry]:
    """What happened to an incident, in sentences, oldest first. Raises `NotFound`."""
    await shown(scope, viewer, incident)
    entries = await Facts(scope, Audit(scope)).of(f"incident:{incident}")
    after = [entry for entry in entries if cut.cursor is None or entry.id > cut.cursor]
    within = await _without_hidden(scope, viewer, after[: cut.limit])
    people = await names(scope)
    more = len(after) > len(within)
    items = tuple(told(entry, people) for entry in within)
    return Listing(items=items, next=within[-1].id if more else None)


def _clauses(wanted: IncidentFilter, viewer: str | None) -> Iterable[ColumnElement[bool]]:
    yield from equal(incidents, wanted, COLUMNS)
    if wanted.open is not None:
        still = incidents.c.status.in_(OPEN)
        yield still if wanted.open else ~still
    if wanted.mine:
        yield cast(incidents.c.responders, Text).contains(f'"{viewer}"', autoescape=True)
    if wanted.since:
        yield incidents.c.declared_at >= wanted.since
    if wanted.q:
        searched = (incidents.c.title, incidents.c.id, incidents.c.service)
        yield or_(*(column.icontains(wanted.q, autoescape=True) for column in searched))


async def _views(scope: Scope, rows: tuple[RowMapping, ...]) -> tuple[IncidentView, ...]:
    ids = tuple(row["id"] for row in rows)
    groups = await _groups(scope, ids)
    counts = await _counts(scope, ids)
    return tuple(_view(row, groups, counts) for row in rows)


def _view(
    row: RowMapping, groups: dict[str, tuple[str, ...]], counts: dict[str, tuple[int, int]]
) -> IncidentView:
    known: dict[str, Any] = {
        name: row[name] for name in IncidentView.model_fields if name in row and name != "alerts"
    }
    count, firing = counts.get(row["id"], (0, 0))
    return IncidentView(
        **known,
        commander=row["roles"].get("commander"),
        alert_groups=groups.get(row["id"], ()),
        alerts=count,
        firing=firing,
    )


async def _groups(scope: Scope, ids: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    query = select(alert_groups.c.incident, alert_groups.c.id).order_by(alert_groups.c.id)
    found: dict[str, tuple[str, ...]] = {}
    rows = await scope.connection.execute(query.where(alert_groups.c.incident.in_(ids)))
    for incident, group in rows:
        found[str(incident)] = (*found.get(str(incident), ()), group)
    return found


async def _counts(scope: Scope, ids: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    firing = func.sum(case((alerts.c.status == "firing", 1), else_=0))
    query = select(alerts.c.incident, func.count(), firing).group_by(alerts.c.incident)
    rows = await scope.connection.execute(query.where(alerts.c.incident.in_(ids)))
    return {incident: (int(count), int(fires)) for incident, count, fires in rows}


async def _without_hidden(scope: Scope, viewer: str | None, entries: list[Entry]) -> list[Entry]:
    """Entries that name no incident the reader may not know of."""
    named = {value for entry in entries for value in entry.payload.values() if _names(value)}
    query = select(incidents.c.id).where(incidents.c.id.in_(named), visible(viewer))
    known = set((await scope.connection.execute(query)).scalars()) if named else set()
    return [_without(entry, {str(value) for value in named} - known) for entry in entries]


def _without(entry: Entry, hidden: set[str]) -> Entry:
    payload = {
        name: "another incident" if _names(value) and value in hidden else value
        for name, value in entry.payload.items()
    }
    return entry.model_copy(update={"payload": payload})


def _names(value: object) -> bool:
    return isinstance(value, str) and NAMED.fullmatch(value) is not None
