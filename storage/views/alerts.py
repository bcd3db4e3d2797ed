"""Alerts and their groups for a reader, each with the reason for what was done with it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from domain.alert import AlertStatus
from domain.base import Frozen
from domain.errors import NotFound
from domain.grouping import Group
from domain.noise import Action, Verdict
from domain.severity import Severity
from domain.silence import Silence
from storage.scope import Scope
from storage.tables.alerts import alert_groups, alerts, deliveries, silences
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.visible import with_incident


class AlertView(Frozen):
    """An alert as the contract shows it; ``verdict`` is None until triage has decided."""

    id: str
    fingerprint: str
    source: str
    status: AlertStatus
    severity: Severity
    service: str | None
    name: str
    summary: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None
    count: int
    group: str | None
    incident: str | None
    verdict: Verdict | None
    url: str | None


class AlertFilter(Frozen):
    """Which alerts: every field that is set must fit; ``action`` is the verdict's."""

    status: AlertStatus | None = None
    severity: Severity | None = None
    service: str | None = None
    source: str | None = None
    incident: str | None = None
    group: str | None = None
    action: Action | None = None
    q: str = ""


EVERY = AlertFilter()
COLUMNS = ("status", "severity", "service", "source", "incident", "group")
SEARCHED = (alerts.c.name, alerts.c.summary, alerts.c.service, alerts.c.id)


async def listed(
    scope: Scope, viewer: str | None, wanted: AlertFilter = EVERY, cut: Cut = FIRST
) -> Listing[AlertView]:
    """The alerts that fit, newest first."""
    query = select(*_columns()).where(with_incident(alerts.c.incident, viewer), *_clauses(wanted))
    found = await part(scope, query.add_columns(alerts.c.number), Order(alerts.c.number), cut)
    items = tuple(AlertView.model_validate(_known(dict(row))) for row in found.rows)
    return Listing(items=items, next=found.next)


async def shown(scope: Scope, viewer: str | None, alert: str) -> AlertView:
    """One alert. Raises `NotFound`, also where its incident is hidden."""
    query = select(*_columns()).where(alerts.c.id == alert)
    query = query.where(with_incident(alerts.c.incident, viewer))
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no alert {alert}: see /alert list.")
    return AlertView.model_validate(dict(row))


async def tally(scope: Scope, viewer: str | None, since: datetime) -> dict[str, int]:
    """How many alerts began after ``since``, by what was done with them."""
    action = alerts.c.verdict["action"].as_string()
    query = select(action, func.count()).where(alerts.c.starts_at >= since).group_by(action)
    rows = await scope.connection.execute(query.where(with_incident(alerts.c.incident, viewer)))
    return {done or "undecided": int(count) for done, count in rows}


async def firing(scope: Scope, viewer: str | None) -> int:
    """How many alerts fire now."""
    query = select(func.count()).where(alerts.c.status == "firing")
    readable = query.where(with_incident(alerts.c.incident, viewer))
    return int((await scope.connection.execute(readable)).scalar_one())


async def last_received(scope: Scope) -> datetime | None:
    """When the last delivery of any source came, None before the first."""
    query = select(func.max(deliveries.c.received_at))
    found: datetime | None = (await scope.connection.execute(query)).scalar()
    return found


async def groups(scope: Scope, viewer: str | None, cut: Cut = FIRST) -> Listing[Group]:
    """The alert groups, newest first."""
    query = select(alert_groups).where(with_incident(alert_groups.c.incident, viewer))
    found = await part(scope, query, Order(alert_groups.c.id), cut)
    items = tuple(Group.model_validate(dict(row)) for row in found.rows)
    return Listing(items=items, next=found.next)


async def group(scope: Scope, viewer: str | None, group: str) -> Group:
    """One alert group. Raises `NotFound`, also where its incident is hidden."""
    query = select(alert_groups).where(alert_groups.c.id == group)
    query = query.where(with_incident(alert_groups.c.incident, viewer))
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no alert group {group}: see /alert list.")
    return Group.model_validate(dict(row))


async def open_silences(scope: Scope) -> tuple[Silence, ...]:
    """Silences that have not ended, the first to end first."""
    query = select(silences).where(silences.c.ends_at > scope.now).order_by(silences.c.ends_at)
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(Silence.model_validate(dict(row)) for row in rows)


def _columns() -> tuple[ColumnElement[object], ...]:
    return tuple(alerts.c[name] for name in AlertView.model_fields)


def _known(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in AlertView.model_fields}


def _clauses(wanted: AlertFilter) -> Iterable[ColumnElement[bool]]:
    yield from equal(alerts, wanted, COLUMNS)
    if wanted.action is not None:
        yield alerts.c.verdict["action"].as_string() == wanted.action
    if wanted.q:
        yield or_(*(column.icontains(wanted.q, autoescape=True) for column in SEARCHED))
