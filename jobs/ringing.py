"""Ringing: one attempt to reach a person, by one method; and the cards of a page afterwards."""

from datetime import datetime, timedelta
from typing import Any, Literal

from domain.base import Frozen
from domain.contact import RingAt, ring_after
from domain.errors import Permanent, Retry
from domain.message import Message
from domain.page_card import PageView, page_card
from domain.paging import ACK_TIMEOUT, Page, Ring, RingPage, ShowPage
from domain.ports import MessageRef
from jobs.reaching import BUILT_IN, chats_of
from jobs.registry import Effect, Ports
from storage.unit import Unit

PATIENCE = timedelta(seconds=20)
Result = Literal["sent", "failed"]
Ref = dict[str, Any]


class Drawn(Frozen):
    """A page's card: whom it is sent to under which key, or where it stands.

    ``others`` says that the person can be reached by another chat if this one is busy.
    """

    user: str
    message: Message
    platform: str = ""
    others: bool = False
    key: str = ""
    refs: tuple[MessageRef, ...] = ()


async def load_ring(unit: Unit, job: RingPage) -> Drawn | None:
    """The card to send, unless the page was answered meanwhile."""
    page = await unit.pages.get(job.page)
    if page is None or page.state != "sent" or (job.k > 0 and _has_passed(page, unit.now)):
        return None
    platform, *others = await _chats(unit, page.user, job)
    drawn = await _drawn(unit, page)
    way = {"platform": platform, "others": bool(others), "key": _ring_key(job, platform)}
    return drawn.model_copy(update=way)


async def _chats(unit: Unit, user: str, job: RingPage) -> tuple[str, ...]:
    """The chats this ring may still go by, the person's own before the built-in one."""
    return (BUILT_IN,) if job.method == BUILT_IN else await chats_of(unit, user, job.tried)


async def act_ring(ports: Ports, loaded: Drawn) -> MessageRef:
    """Send by one chat, once per ring. One that is busy for long gives way to another."""
    chat = ports.chat(loaded.platform)
    try:
        place = await chat.direct(loaded.user)
        return await chat.post(place, loaded.message, loaded.key, again=ports.again)
    except Retry as busy:
        if loaded.others and busy.after and busy.after > PATIENCE:
            raise Permanent(str(busy)) from busy
        raise


async def save_ring(unit: Unit, job: RingPage, outcome: MessageRef) -> None:
    """Record the ring and owe the next one; the built-in chat shows every page too."""
    page = await _rang(unit, job, "sent", outcome.platform, outcome.model_dump())
    if job.k == 0 and outcome.platform != BUILT_IN and page.state == "sent":
        await unit.pages.ring(page, 0, timedelta(), BUILT_IN)


async def ring_failed(unit: Unit, job: RingPage, error: str) -> None:
    """The chat said no: the next one at once; without another, the escalation's next step too."""
    incident = await unit.incidents.need(job.incident)
    page = await unit.pages.need(job.page)
    refused = (await _chats(unit, page.user, job))[0]
    page = await _rang(unit, job, "failed", refused, {"error": error[:500]})
    if refused != BUILT_IN and page.state == "sent":
        again = job.model_copy(update={"tried": (*job.tried, refused)})
        await unit.pages.owe(again, unit.now)
        if (await _chats(unit, page.user, again))[0] != BUILT_IN:
            return
    if page.state == "sent" and page.escalation and await _is_newest(unit, page, page.escalation):
        await unit.escalations.hurry(incident, page.escalation)


async def _is_newest(unit: Unit, page: Page, name: str) -> bool:
    """Whether a further step waits behind the page's own; the last resort keeps its rhythm."""
    escalation = await unit.escalations.need(name)
    return escalation.state == "running" and escalation.n == page.step + 1


async def _rang(unit: Unit, job: RingPage, result: Result, platform: str, ref: Ref) -> Page:
    ring = Ring(
        key=_ring_key(job, platform),
        page=job.page,
        k=job.k,
        method=job.method,
        result=result,
        ref=ref,
        at=unit.now,
    )
    await unit.pages.rang(ring)
    page = await unit.pages.need(job.page)
    if page.state == "sent" and job.method != BUILT_IN and not job.tried:
        await _owe_ring(unit, page, job.k + 1)
    return page


async def ring_on(unit: Unit, page: Page) -> None:
    """Owe the next ring of a page that was held; one that is owed already stays as it is."""
    rings = await unit.pages.rings(page.id)
    if not _has_passed(page, unit.now):
        await _owe_ring(unit, page, max((ring.k + 1 for ring in rings), default=0))


async def _owe_ring(unit: Unit, page: Page, k: int) -> None:
    methods = await unit.roster.methods(page.user)
    rang_at = {ring.method: ring.at for ring in await unit.pages.rings(page.id)}
    following = ring_after(page.urgency, methods, k)
    while following and _is_made_up_for(page, following, rang_at):
        following = ring_after(page.urgency, methods, following.k + 1)
    if following and not _is_overtaken(page, following):
        await unit.pages.ring(page, following.k, following.after, following.kind)


def _has_passed(page: Page, now: datetime) -> bool:
    """Whether somebody else is rung by now, be it late: then only a first ring is made up for."""
    return page.next_at is not None and now >= page.next_at


def _is_made_up_for(page: Page, ring: RingAt, rang_at: dict[str, datetime]) -> bool:
    """Of the rings missed in an outage each method makes one, not all of them at once."""
    last = rang_at.get(ring.kind)
    return last is not None and last >= page.created_at + ring.after


def _is_overtaken(page: Page, ring: RingAt) -> bool:
    """A person rings until the next step; from then on somebody else does (rules.md 3)."""
    return page.next_at is not None and page.created_at + ring.after >= page.next_at


def _ring_key(job: RingPage, platform: str) -> str:
    """Built-in and only, a chat needs no name; another is told apart from those tried before."""
    way = (job.method,) if platform == BUILT_IN else (job.method, platform)
    return ":".join(("ring", job.page, str(job.k), *way))


async def load_page(unit: Unit, job: ShowPage) -> Drawn | None:
    """The card as it is now, and everywhere it was sent."""
    page = await unit.pages.get(job.page)
    if page is None:
        return None
    rings = [ring for ring in await unit.pages.rings(page.id) if ring.result == "sent"]
    refs = tuple(MessageRef.model_validate(ring.ref) for ring in rings)
    return (await _drawn(unit, page)).model_copy(update={"refs": refs})


async def act_page(ports: Ports, loaded: Drawn) -> None:
    """Redraw every ring of the page; doing it twice is doing it once."""
    for ref in loaded.refs:
        await ports.chat(ref.platform).edit(ref, loaded.message)


async def _drawn(unit: Unit, page: Page) -> Drawn:
    return Drawn(user=page.user, message=page_card(await _view(unit, page)))


async def _view(unit: Unit, page: Page) -> PageView:
    incident = await unit.incidents.need(page.incident)
    person = await unit.people.need(page.user)
    ended_by = await unit.people.get(page.ended_by) if page.ended_by else None
    again = page.ended_at + ACK_TIMEOUT if page.ended_at and incident.severity.major else None
    runbook = await unit.catalog.runbook_of(incident.service)
    return PageView(
        page=page,
        incident=incident,
        zone=person.timezone,
        alerts=await unit.alerts.count(incident.id),
        change=await unit.catalog.change_before(incident.service, incident.impact_started_at),
        runbook=runbook.title if runbook else None,
        execution=unit.installation.execution,
        ended_by=ended_by.name if ended_by else page.ended_by,
        rung_again_at=again,
    )


RING = Effect(RingPage, load_ring, act_ring, save_ring, ring_failed)
SHOW_PAGE = Effect(ShowPage, load_page, act_page)
