"""``/``: what is open, who has it, what waits for somebody."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from domain.account import called
from domain.authorize import leads
from domain.base import Frozen
from storage.views import (
    alerts,
    approvals,
    freezes,
    incidents,
    oncall,
    outages,
    pages,
    people,
    postmortems,
)
from storage.views.approvals import ApprovalFilter, ApprovalView
from storage.views.incidents import IncidentFilter, IncidentView
from storage.views.listing import Cut
from storage.views.pages import PageView
from storage.views.postmortems import PostmortemFilter
from web.pages.discovery import Menu
from web.pages.incident_actions import first_moves
from web.pages.models import Action, IncidentRow, OnCallNow
from web.pages.offers import Face
from web.pages.rows import Names, incident_row, on_call_now, waiting
from web.pages.visit import Visit

PATH = "/"
TITLE = "Now"
MENU = Menu(place=1, icon="now")

DAY = timedelta(hours=24)
MOST = Cut(limit=50)
QUIET = ("silenced", "inhibited", "suppressed")


class Pending(Frozen):
    """Something that waits for somebody; ``mine`` where it is the reader."""

    kind: str
    text: str
    url: str
    due: datetime | None = None
    mine: bool = False
    actions: tuple[Action, ...] = ()


class Count(Frozen):
    """A figure that leads to its evidence."""

    label: str
    value: int
    url: str
    note: str = ""


class NowPage(Frozen):
    """``mood`` is what ``headline`` says: nothing is open, all is in hand, somebody is needed.

    ``last`` is the newest incident, for a day on which nothing is open.
    """

    headline: str
    mood: Literal["calm", "in hand", "alarm"]
    incidents: tuple[IncidentRow, ...]
    on_call: tuple[OnCallNow, ...]
    pending: tuple[Pending, ...]
    counts: tuple[Count, ...]
    last: IncidentRow | None
    actions: tuple[Action, ...]


async def page(visit: Visit) -> NowPage:
    """Everything at a glance, the worst first."""
    scope, viewer = visit.scope, visit.viewer
    names = await people.names(scope)
    found = await incidents.listed(scope, viewer, IncidentFilter(open=True), MOST)
    still_open = tuple(sorted(found.items, key=_gravity))
    ringing = await pages.ringing(scope, viewer)
    last = None if still_open else await _last(visit, names)
    return NowPage(
        headline=_headline(still_open, ringing, viewer),
        mood=_mood(still_open),
        incidents=tuple(_row(visit, one, ringing, names) for one in still_open),
        on_call=tuple(on_call_now(one) for one in await oncall.now(scope)),
        pending=(
            *await _chats(visit),
            *_pages(visit, ringing, names),
            *await _approvals(visit, names),
            *_late(visit, still_open),
            *await _freezes(visit),
            *await _rest(visit),
        ),
        counts=await _counts(visit),
        last=last,
        actions=visit.offers().ask("incident declare", "", DECLARE),
    )


async def _chats(visit: Visit) -> list[Pending]:
    """Chats that do not answer; for admins also what those that do refuse."""
    gone = [
        Pending(
            kind="chat down",
            text=f"{called(one.platform)} has not answered since {one.since:%H:%M} UTC",
            url="/chat",
        )
        for one in await outages.down(visit.scope)
    ]
    if not leads(visit.actor, None):
        return gone
    refused = await outages.refused(visit.scope)
    return gone + [
        Pending(kind="refused", text=one.line, url="/chat", mine=True) for one in refused
    ]


def _gravity(one: IncidentView) -> tuple[bool, str]:
    return (one.status != "triggered", one.severity)


def _mood(still_open: tuple[IncidentView, ...]) -> Literal["calm", "in hand", "alarm"]:
    if not still_open:
        return "calm"
    return "alarm" if any(one.status == "triggered" for one in still_open) else "in hand"


def _headline(
    still_open: tuple[IncidentView, ...], ringing: tuple[PageView, ...], viewer: str | None
) -> str:
    mine = [page.incident for page in ringing if page.user == viewer]
    if mine:
        return f"You are paged for {_listed(mine)}"
    untaken = [one.id for one in still_open if one.status == "triggered"]
    if untaken:
        return f"{_listed(untaken)} {'needs' if len(untaken) == 1 else 'need'} somebody"
    if still_open:
        taken = [one.id for one in still_open]
        return f"{_listed(taken)} {'is' if len(taken) == 1 else 'are'} in hand"
    return "All quiet"


def _listed(ids: list[str]) -> str:
    """One or two by name, more by number."""
    known = list(dict.fromkeys(ids))
    return " and ".join(known) if len(known) < 3 else f"{len(known)} incidents"  # noqa: PLR2004


def _row(
    visit: Visit, one: IncidentView, ringing: tuple[PageView, ...], names: Names
) -> IncidentRow:
    told = waiting(one, ringing, names, visit.now)
    return incident_row(one, names, waiting=told, actions=first_moves(visit, one))


def _pages(visit: Visit, ringing: tuple[PageView, ...], names: Names) -> Iterator[Pending]:
    """Unanswered pages, the reader's own first."""
    for page in sorted(ringing, key=lambda page: page.user != visit.viewer):
        mine = page.user == visit.viewer
        yield Pending(
            kind="page",
            text=_unanswered(page, names, mine=mine),
            url=f"/incidents/{page.incident}",
            due=page.next_at,
            mine=mine,
            actions=visit.offers().press("page ack", page.id, ACK) if mine else (),
        )


def _unanswered(page: PageView, names: Names, *, mine: bool) -> str:
    if mine:
        return f"You are paged for {page.incident} {page.title}"
    return f"{names.get(page.user, page.user)} has not answered for {page.incident}"


async def _approvals(visit: Visit, names: Names) -> tuple[Pending, ...]:
    """What waits for somebody else's agreement."""
    if not visit.offers().press("approval show", "", PLAN):
        return ()
    found = await approvals.listed(visit.scope, visit.viewer, PENDING, Cut(limit=10))
    return tuple(
        Pending(
            kind="approval",
            text=f"{one.id} {one.title}, asked by {names.get(one.asked_by, one.asked_by)}",
            url=f"/incidents/{one.incident}" if one.incident else "/chat",
            due=one.expires_at,
            actions=_decisions(visit, one),
        )
        for one in found.items
    )


def _decisions(visit: Visit, one: ApprovalView) -> tuple[Action, ...]:
    offers, mine = visit.offers(), one.asked_by == visit.viewer
    return (
        *offers.press("approval show", one.id, SEE if mine else PLAN),
        *offers.ask("approval deny", one.id, WITHDRAW if mine else DENY),
        *(offers.ask("approval break-glass", one.id, BREAK) if _may_break(visit, one) else ()),
    )


def _may_break(visit: Visit, one: ApprovalView) -> bool:
    """Whether it is worth offering to whoever reads; everything else is asked at the press."""
    return one.paged > 0 and one.danger == "reversible" and one.asked_by == visit.viewer


def _late(visit: Visit, still_open: tuple[IncidentView, ...]) -> Iterator[Pending]:
    for one in still_open:
        if one.next_update_at and one.next_update_at < visit.now:
            offers = visit.offers(one.team)
            yield Pending(
                kind="update",
                text=f"{one.id} {one.title}: an update is late",
                url=f"/incidents/{one.id}",
                due=one.next_update_at,
                actions=offers.ask("incident update", one.id, UPDATE),
            )


async def _freezes(visit: Visit) -> tuple[Pending, ...]:
    """Where nothing should be deployed now."""
    return tuple(
        Pending(
            kind="freeze",
            text=f"{one.what} is frozen: {one.why} ({one.id})",
            url=f"/incidents/{one.incident}" if one.incident else "/deployments",
            due=one.ends_at,
            actions=visit.offers().ask("deploy thaw", one.id, THAW),
        )
        for one in await freezes.standing(visit.scope)
    )


async def _rest(visit: Visit) -> tuple[Pending, ...]:
    """Open silences and drafts that nobody has published."""
    offers = visit.offers()
    silences = (
        Pending(
            kind="silence",
            text=f"{' '.join(str(each) for each in one.matchers)}, by {one.created_by}: {one.why}",
            url="/alerts?verdict=silenced",
            due=one.ends_at,
            actions=offers.press("alert unsilence", one.id, LIFT),
        )
        for one in await alerts.open_silences(visit.scope)
    )
    unpublished = [
        one
        for status in ("review", "draft")
        for one in (
            await postmortems.listed(
                visit.scope, visit.viewer, PostmortemFilter(status=status), Cut(limit=10)
            )
        ).items
    ]
    drafts = (
        Pending(
            kind=one.status,
            text=f"Postmortem of {one.incident} {one.title}",
            url=f"/incidents/{one.incident}/postmortem",
        )
        for one in unpublished
    )
    return (*silences, *drafts)


async def _counts(visit: Visit) -> tuple[Count, ...]:
    scope, viewer = visit.scope, visit.viewer
    tally = await alerts.tally(scope, viewer, visit.now - DAY)
    quiet = sum(tally.get(action, 0) for action in QUIET)
    kept = f"{quiet} of them rang nobody" if quiet else ""
    came = sum(tally.values())
    noun = "alert" if came == 1 else "alerts"
    firing = await alerts.firing(scope, viewer)
    return (
        Count(label="firing now", value=firing, url="/alerts?status=firing"),
        Count(label=f"{noun} in 24 hours", value=came, url="/alerts", note=kept),
    )


async def _last(visit: Visit, names: Names) -> IncidentRow | None:
    found = await incidents.listed(visit.scope, visit.viewer, cut=Cut(limit=1))
    return next((incident_row(one, names) for one in found.items), None)


PENDING = ApprovalFilter(status="pending")
PLAN = Face(label="See plan & approve…", style="primary")
SEE = Face(label="See plan")
DENY = Face(label="Deny…")
WITHDRAW = Face(label="Withdraw…")
BREAK = Face(label="Break glass…", style="danger")
DECLARE = Face(label="Declare…", icon="plus", key="c")
ACK = Face(label="Ack", icon="check", key="a", style="primary")
UPDATE = Face(label="Update…", icon="update")
LIFT = Face(label="End it")
THAW = Face(label="End it…")
