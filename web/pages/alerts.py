"""``/alerts``: what arrived, what was done with each, and why."""

from datetime import datetime

from domain.actor import Role
from domain.alert import AlertStatus
from domain.authorize import roles_of, suffices
from domain.base import Frozen
from domain.matcher import Matcher
from domain.noise import Action as Verdict
from domain.redaction import redact
from domain.severity import Severity
from storage.views import alerts, catalog, deliveries
from storage.views.alerts import AlertFilter, AlertView
from storage.views.deliveries import OddDelivery
from storage.views.listing import Cut
from web.pages.discovery import Menu
from web.pages.models import Action, AlertRow, Facet
from web.pages.offers import Face
from web.pages.rows import alert_row, options
from web.pages.visit import Visit

PATH = "/alerts"
TITLE = "Alerts"
MENU = Menu(place=3, icon="alert")

EVERY_SERVICE = Cut(limit=500)


class Query(Frozen):
    """What the address may ask for."""

    q: str = ""
    status: AlertStatus | None = None
    severity: Severity | None = None
    service: str | None = None
    verdict: Verdict | None = None
    incident: str | None = None
    cursor: str | None = None


class Odd(Frozen):
    """A delivery that somebody should look at, in words; ``body`` is how it began, "" for those
    who may not read it."""

    told: str
    at: datetime
    body: str = ""


class AlertsPage(Frozen):
    """``hook`` is where senders deliver to; ``received_at`` is when the last one did."""

    rows: tuple[AlertRow, ...]
    odd: tuple[Odd, ...]
    query: str
    facets: tuple[Facet, ...]
    filtered: bool
    next: str | None
    hook: str
    received_at: datetime | None


async def page(visit: Visit) -> AlertsPage:
    """The alerts that fit, newest first."""
    wanted, scope = visit.wanted(Query), visit.scope
    cut = Cut(cursor=wanted.cursor)
    found = await alerts.listed(scope, visit.viewer, _filter(wanted), cut)
    services = await catalog.services(scope, EVERY_SERVICE)
    return AlertsPage(
        rows=tuple(alert_row(one, actions=_actions(visit, one)) for one in found.items),
        odd=tuple(_odd(visit, one) for one in await deliveries.odd(scope)),
        query=wanted.q,
        facets=_facets(wanted, tuple(one.id for one in services.items)),
        filtered=wanted != Query(),
        next=visit.elsewhere(cursor=found.next) if found.next else None,
        hook=f"{scope.installation.public_url}/hooks/alertmanager",
        received_at=await alerts.last_received(scope),
    )


def _filter(wanted: Query) -> AlertFilter:
    same = wanted.model_dump(exclude={"verdict", "cursor"})
    return AlertFilter(**same, action=wanted.verdict)


def _facets(wanted: Query, services: tuple[str, ...]) -> tuple[Facet, ...]:
    verdicts = options("opened", "attached", "silenced", "inhibited", "suppressed")
    choices = (
        ("status", "Status", wanted.status, options("firing", "resolved")),
        ("severity", "Severity", wanted.severity, options(*Severity)),
        ("service", "Service", wanted.service, options(*services)),
        ("verdict", "Verdict", wanted.verdict, verdicts),
    )
    return tuple(
        Facet(name=name, label=label, value=value or "", options=choice)
        for name, label, value, choice in choices
    )


def _odd(visit: Visit, one: OddDelivery) -> Odd:
    if one.understood:
        left = f"{one.integration} left {one.truncated} alerts out: raise its limit (max_alerts)"
        return Odd(told=left, at=one.received_at)
    told = f"A body from {one.integration} was not understood: it is kept as it came"
    body = redact(one.body).text if _may_read_bodies(visit) else ""
    return Odd(told=told, at=one.received_at, body=body)


def _may_read_bodies(visit: Visit) -> bool:
    """Whoever works on alerts, or on what sends them."""
    roles = roles_of(visit.actor, None)
    return Role.ADMIN in roles or any(suffices(one, Role.RESPONDER) for one in roles)


def _actions(visit: Visit, one: AlertView) -> tuple[Action, ...]:
    offers = visit.offers()
    asked = {"matchers": _matchers(one)}
    return (
        *offers.press("alert why", one.id, WHY),
        *(offers.ask("alert silence", "", SILENCE, asked) if one.status == "firing" else ()),
    )


def _matchers(one: AlertView) -> str:
    """What would silence this alert and those like it."""
    named = (("service", one.service or ""), ("alertname", one.name))
    return " ".join(str(Matcher(name=name, value=value)) for name, value in named if value)


WHY = Face(label="Why?")
SILENCE = Face(label="Silence…", icon="silenced")
