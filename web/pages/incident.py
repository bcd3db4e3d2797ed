"""``/incidents/INC-42``: one incident, from what broke to what was learned."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.message import Spans, moment, spans
from domain.timeline import TimelineEntry
from storage.views import alerts, incidents, pages, people, postmortems, rooms, suspects
from storage.views.alerts import AlertFilter, AlertView
from storage.views.incidents import IncidentView
from storage.views.listing import Cut, Listing
from storage.views.pages import PageView, RingView
from storage.views.postmortems import ActionFilter, PostmortemFilter
from web.pages.incident_actions import more_moves, moves
from web.pages.models import Action, ActionItemRow, AlertRow, IncidentRow, Person
from web.pages.offers import Face
from web.pages.rows import (
    Names,
    action_item_row,
    alert_row,
    incident_row,
    lasting,
    person,
    waiting,
)
from web.pages.visit import Visit

PATH = "/incidents/{incident}"
TITLE = "Incident"
UNDER = "incidents"

WHOLE = Cut(limit=500)
METHODS = {"chat": "chat message", "push": "push", "sms": "SMS", "voice": "call", "mail": "e-mail"}


class Query(Frozen):
    """``after`` is the last timeline entry already shown, for a very long incident."""

    after: str | None = None


class PageRow(Frozen):
    """Who was paged and why, and what became of it; ``rings`` in words, oldest first."""

    person: Person
    state: str
    why: str
    at: datetime
    ended_at: datetime | None
    rings: tuple[Spans, ...]


class Change(Frozen):
    """What changed before, and the evidence; never called a cause (rules.md 16)."""

    text: str
    why: str
    actions: tuple[Action, ...]


class Milestone(Frozen):
    """An instant of the incident's life; ``took`` is how long after the declaration, ``fact``
    the timeline's entry that tells of it."""

    label: str
    at: datetime
    took: str = ""
    fact: str = ""


class IncidentPage(Frozen):
    """``room`` and ``thread`` are where it is talked about, "" where that is nowhere or the
    whole room; ``later`` is the address of the timeline's rest."""

    incident: IncidentRow
    impact: str
    resolution: str
    room: str
    thread: str
    call_url: str | None
    roles: tuple[Person, ...]
    responders: tuple[Person, ...]
    milestones: tuple[Milestone, ...]
    changes: tuple[Change, ...]
    timeline: tuple[TimelineEntry, ...]
    later: str | None
    alerts: tuple[AlertRow, ...]
    pages: tuple[PageRow, ...]
    action_items: tuple[ActionItemRow, ...]
    postmortem: str
    actions: tuple[Action, ...]
    more: tuple[Action, ...]


async def page(visit: Visit) -> IncidentPage:
    """The incident as it stands. Raises `NotFound`."""
    scope, viewer, key = visit.scope, visit.viewer, visit.path["incident"]
    one = await incidents.shown(scope, viewer, key)
    names = await people.names(scope)
    paged = await pages.of_incident(scope, viewer, key)
    story = await _timeline(visit, key)
    ringing = tuple(page for page in paged if page.state == "sent")
    told = waiting(one, ringing, names, visit.now)
    place = await rooms.of_incident(scope, viewer, key)
    return IncidentPage(
        incident=incident_row(one, names, waiting=told),
        impact=one.impact,
        resolution=(one.resolution or "").replace("_", " "),
        room=place.room if place else "",
        thread=(place.thread or "") if place else "",
        call_url=one.call_url,
        roles=tuple(_roles(one, names)),
        responders=tuple(person(each, names) for each in one.responders),
        milestones=tuple(_milestones(one, story.items)),
        changes=await _changes(visit, one),
        timeline=story.items,
        later=visit.elsewhere(after=story.next) if story.next else None,
        alerts=await _alerts(visit, one),
        pages=await _pages(visit, paged, names),
        action_items=await _action_items(visit, one, names),
        postmortem=await _postmortem(visit, key),
        actions=moves(visit, one),
        more=more_moves(visit, one),
    )


async def _timeline(visit: Visit, key: str) -> Listing[TimelineEntry]:
    cut = WHOLE.model_copy(update={"cursor": visit.wanted(Query).after})
    return await incidents.timeline(visit.scope, visit.viewer, key, cut)


def _roles(one: IncidentView, names: Names) -> Iterator[Person]:
    """Who does what, beside the lead."""
    for role, handle in one.roles.items():
        if role != "commander":
            yield person(handle, names, role)


def _milestones(one: IncidentView, story: tuple[TimelineEntry, ...]) -> Iterator[Milestone]:
    begun = one.impact_started_at
    if begun:
        yield Milestone(label="Impact began", at=begun, fact=_first(story, "times_corrected"))
    yield Milestone(label="Detected", at=one.detected_at)
    declared = _first(story, "incident_declared")
    yield Milestone(label="Declared", at=one.declared_at, fact=declared)
    for label, at, kind in (
        ("Acknowledged", one.acknowledged_at, "incident_acknowledged"),
        ("Mitigated", one.mitigated_at, ""),
        ("Resolved", one.resolved_at, "incident_resolved"),
    ):
        if at:
            took = f"after {lasting(max(at - one.declared_at, timedelta()))}"
            yield Milestone(label=label, at=at, took=took, fact=_first(story, kind))


def _first(story: tuple[TimelineEntry, ...], kind: str) -> str:
    return next((entry.id for entry in story if entry.kind == kind), "")


async def _changes(visit: Visit, one: IncidentView) -> tuple[Change, ...]:
    """What changed before, ranked, with the evidence; then who may say whether it was it."""
    found = await suspects.of(visit.scope, visit.viewer, one.id)
    offers = visit.offers(one.team)
    return tuple(
        Change(
            text=f"{each.deployment.service} {each.deployment.version}",
            why=each.why,
            actions=(
                *offers.press("incident judge", f"{one.id},{each.deployment.id},yes", IT_WAS),
                *offers.press("incident judge", f"{one.id},{each.deployment.id},no", NOT_IT),
            ),
        )
        for each in found
    )


async def _alerts(visit: Visit, one: IncidentView) -> tuple[AlertRow, ...]:
    """The one that opened it first; what is of another service may be another matter."""
    found = await alerts.listed(visit.scope, visit.viewer, AlertFilter(incident=one.id), WHOLE)
    by_age = sorted(reversed(found.items), key=_opened_none)
    return tuple(alert_row(alert, actions=_split(visit, one, alert.service)) for alert in by_age)


def _opened_none(alert: AlertView) -> bool:
    return alert.verdict is None or alert.verdict.action != "opened"


def _split(visit: Visit, one: IncidentView, service: str | None) -> tuple[Action, ...]:
    if not one.open or service in (None, one.service):
        return ()
    return visit.offers(one.team).press("alert split", f"{one.id},{service}", SPLIT)


async def _pages(visit: Visit, paged: tuple[PageView, ...], names: Names) -> tuple[PageRow, ...]:
    rings = await pages.rings_of(visit.scope, visit.viewer, paged[0].incident) if paged else ()
    return tuple(
        PageRow(
            person=person(one.user, names),
            state=one.state,
            why=one.why,
            at=one.created_at,
            ended_at=one.ended_at,
            rings=tuple(_ring(ring) for ring in rings if ring.page == one.id),
        )
        for one in paged
    )


def _ring(ring: RingView) -> Spans:
    """What was tried; ``sent`` is no proof that it arrived (rules.md 3)."""
    outcome = ring.told or ring.result
    return spans(f"{METHODS.get(ring.method, ring.method)} {outcome} ", moment(ring.at))


async def _action_items(visit: Visit, one: IncidentView, names: Names) -> tuple[ActionItemRow, ...]:
    wanted = ActionFilter(incident=one.id)
    found = await postmortems.action_list(visit.scope, visit.viewer, wanted)
    offers = visit.offers(one.team)
    return tuple(
        action_item_row(
            item,
            names,
            visit.now,
            actions=offers.press("postmortem done", item.id, DONE) if item.status == "open" else (),
        )
        for item in found.items
    )


async def _postmortem(visit: Visit, key: str) -> str:
    """How far its postmortem has come, "" where there is none."""
    wanted = PostmortemFilter(incident=key)
    found = await postmortems.listed(visit.scope, visit.viewer, wanted)
    return next((one.status for one in found.items), "")


IT_WAS = Face(label="It was")
NOT_IT = Face(label="Not it")
SPLIT = Face(label="Not the same: split")
DONE = Face(label="Done", icon="check")
