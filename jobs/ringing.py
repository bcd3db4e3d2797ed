"""Ringing: one attempt to reach a person, by one way after the other until one takes it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.account import way_called
from domain.contact import ContactMethod, RingAt, Urgency, ring_after, rings_between
from domain.message import Message
from domain.page_card import page_card, page_letter
from domain.paging import Page, PersonUnreached, Ring, RingPage
from domain.rest import calm_over
from jobs.page_cards import view_of_page
from jobs.reaching import (
    BUILT_IN,
    Attempt,
    Sending,
    SendOutcome,
    is_reached,
    note_refusal,
    ring_ways,
    send,
)
from jobs.receipts import follow
from jobs.registry import Effect
from storage.unit import Unit

MINUTE = timedelta(minutes=1)


async def load_ring(unit: Unit, job: RingPage) -> Sending | None:
    """The card or letter to send, unless the page was answered meanwhile."""
    page = await unit.pages.get(job.page)
    if page is None or page.state != "sent" or await _is_too_late(unit, page, job):
        return None
    way, *others = await ring_ways(unit, page, job)
    return Sending(
        user=page.user,
        way=way,
        message=await _message(unit, page, way),
        key=ring_key("ring", job.page, job, way),
        others=bool(others),
        pressing=page.urgency == "high",
    )


async def _message(unit: Unit, page: Page, way: ContactMethod) -> Message:
    view = await view_of_page(unit, page)
    if way.kind == "chat":
        return page_card(view)
    public = unit.installation.public_url
    code = unit.pages.code(page.id)
    return page_letter(view, f"{public}/a/{code}", f"{public}/incidents/{page.incident}")


async def save_ring(unit: Unit, job: RingPage, outcome: SendOutcome) -> None:
    """Record the ring and owe the next one. A refused way is followed by another at once.

    What may hurry the escalation locks the incident first, as everybody does; then how its
    person is paged, then the page.
    """
    if outcome.way.id == BUILT_IN:
        await unit.incidents.need(job.incident)
    page = await _rang(unit, job, outcome)
    if page.state != "sent":
        await unit.pages.show(page)
        return
    if outcome.way.id == BUILT_IN:
        await hurry_unless_reached(unit, page)
    elif outcome.refused:
        again = job.model_copy(update={"tried": (*job.tried, outcome.way.id)})
        await unit.pages.owe(again, unit.now)
    elif job.k == 0:
        await unit.pages.ring(page, 0, timedelta(), BUILT_IN)


async def ring_failed(unit: Unit, job: RingPage, error: str) -> None:
    """The job itself broke: as if the way had refused."""
    page = await unit.pages.need(job.page)
    way = (await ring_ways(unit, page, job))[0]
    await save_ring(unit, job, SendOutcome(way=way, refused=error))


async def hurry_unless_reached(unit: Unit, page: Page) -> None:
    """Nobody waits for a person who cannot be reached: the escalation's next step rings."""
    waiting = page.escalation and not await is_reached(unit, page)
    if waiting and await _rings_elsewhere(unit, page):
        return
    if waiting and page.escalation and await _is_newest(unit, page, page.escalation):
        incident = await unit.incidents.need(page.incident)
        await _note_unreached(unit, page)
        await unit.escalations.hurry(incident, page.escalation)


async def _note_unreached(unit: Unit, page: Page) -> None:
    """The timeline says why nobody waited for the person."""
    failed = [one for one in await unit.pages.rings(page.id) if one.result == "failed"]
    said = {way_called(one.method): str(one.ref.get("error", "")) for one in failed}
    words = "; ".join(f"{name}: {error}" for name, error in said.items())
    fact = PersonUnreached(page=page.id, person=page.user)
    await unit.facts.add(f"incident:{page.incident}", fact, words or None)


async def _rings_elsewhere(unit: Unit, page: Page) -> bool:
    """Whether a way that is no chat and has not failed still has its turn before the next step."""
    if page.next_at is None or await unit.pager.is_spared(page):
        return False
    made = await unit.pages.rings(page.id)
    failed = {one.method for one in made if one.result == "failed"}
    methods = await unit.roster.methods(page.user)
    others = [one for one in methods if one.kind != "chat" and one.kind not in failed]
    since, until = unit.now - page.created_at, page.next_at - page.created_at
    # what is due at this moment too may be on its way and not on record yet
    silent = [one for one in others if one.kind not in {ring.method for ring in made}]
    due = rings_between(page.urgency, silent, since - MINUTE, until)
    return due or rings_between(page.urgency, others, since, until)


async def _is_newest(unit: Unit, page: Page, name: str) -> bool:
    """Whether a further step waits behind the page's own; the last resort keeps its rhythm."""
    escalation = await unit.escalations.need(name)
    return escalation.state == "running" and escalation.n == page.step + 1


async def _rang(unit: Unit, job: RingPage, outcome: SendOutcome) -> Page:
    """Record the attempt; the first of a ring owes the ring that follows it.

    What stands in decides again which that is.
    """
    way = outcome.way
    if rung := await unit.pages.look(job.page):
        await unit.bundles.for_person(rung.user)
    page = await unit.pages.need(job.page)
    ring = Ring(
        key=ring_key("ring", job.page, job, way),
        page=job.page,
        k=job.k,
        method=method_of(job, way),
        result="failed" if outcome.refused else "sent",
        ref=outcome.kept,
        at=unit.now,
        receipt=outcome.receipt.id or None,
    )
    await unit.pages.rang(ring)
    await note_refusal(unit, page.user, outcome)
    if page.state != "sent" or job.method == BUILT_IN:
        return page
    await follow(unit, f"ring:{page.id}", outcome)
    if outcome.stands_in(job) and page.bundle is None:
        await unit.pages.hush(page)
        await _owe_ring(unit, page, job.k + 1)
    elif not job.tried:
        await _owe_ring(unit, page, job.k + 1, silent=outcome.silent)
    return page


async def ring_on(unit: Unit, page: Page) -> None:
    """Owe the next ring of a page that was held; one that is owed already stays as it is."""
    if page.bundle is None and not _has_passed(page, unit.now):
        await _go_on(unit, page)


async def ring_apart(unit: Unit, *pages: Page) -> None:
    """What should have rung together rings page by page, as if each had come alone."""
    await unit.bundles.release(*(page.id for page in pages))
    for page in pages:
        if not _has_passed(page, unit.now) or not await unit.pages.rings(page.id):
            await _go_on(unit, page.model_copy(update={"bundle": None}))


async def _go_on(unit: Unit, page: Page) -> None:
    rings = await unit.pages.rings(page.id)
    await _owe_ring(unit, page, max((ring.k + 1 for ring in rings), default=0))


async def _owe_ring(unit: Unit, page: Page, k: int, *, silent: bool = False) -> None:
    """Owe ring ``k`` or the next there is; where the chat keeps silent another way does not wait
    (rules.md 3)."""
    methods = await unit.roster.methods(page.user)
    rang_at = rang_until(await unit.pages.rings(page.id))
    chat_for = await unit.pager.chat_for(page)
    following = ring_after(page.urgency, methods, k, chat_for)
    while following and is_made_up_for(page.created_at, following, rang_at):
        following = ring_after(page.urgency, methods, following.k + 1, chat_for)
    if following and not _is_overtaken(page, following):
        due = due_after(page.created_at, following, unit.now, silent=silent)
        due = await calm(unit, page.user, page.urgency, due)
        if following.kind == "chat" and await unit.bundles.join((page,), due):
            return
        await unit.pages.ring(page, following.k, due - page.created_at, following.kind)


def due_after(since: datetime, ring: RingAt, now: datetime, *, silent: bool) -> datetime:
    """When a ring is due that follows another: at its time, or at once by another way than a chat
    that keeps ``silent``."""
    due = since + ring.after
    return min(due, now) if silent and ring.kind != "chat" else due


async def calm(unit: Unit, user: str, urgency: Urgency, due: datetime) -> datetime:
    """When it rings; what can wait is not heard in its person's quiet hours."""
    person = await unit.people.get(user) if urgency == "low" else None
    return calm_over(due, person.quiet_hours, person.timezone) if person else due


async def _is_too_late(unit: Unit, page: Page, job: RingPage) -> bool:
    """Whether somebody else is rung by now; a first ring is made up for, unless the last resort
    comes round to the same people itself."""
    if not _has_passed(page, unit.now):
        return False
    return job.k > 0 or await _comes_round_again(unit, page)


async def _comes_round_again(unit: Unit, page: Page) -> bool:
    escalation = await unit.escalations.get(page.escalation) if page.escalation else None
    if escalation is None or escalation.state != "exhausted" or escalation.due is None:
        return False
    return page.step < escalation.n and escalation.due <= unit.now


def _has_passed(page: Page, now: datetime) -> bool:
    """Whether the next step should have rung by now."""
    return page.next_at is not None and now >= page.next_at


def is_made_up_for(since: datetime, ring: RingAt, rang_at: dict[str, datetime]) -> bool:
    """Of the rings missed in an outage each method makes one, not all of them at once."""
    last = rang_at.get(ring.kind)
    return last is not None and last >= since + ring.after


def rang_until(rings: Iterable[Ring]) -> dict[str, datetime]:
    """By method, up to when its rings have been made.

    One that got through beside chat stands for the minute after it too: what rang in another's
    place is not heard twice.
    """
    ends: dict[str, datetime] = {}
    for one in rings:
        counts_on = one.result == "sent" and one.method not in ("chat", BUILT_IN)
        until = one.at + MINUTE if counts_on else one.at
        ends[one.method] = max(until, ends.get(one.method, until))
    return ends


def method_of(job: Attempt, way: ContactMethod) -> str:
    """What a ring is recorded as: the kind that rang, or the copy in the built-in chat."""
    return job.method if job.method == BUILT_IN else way.kind


def _is_overtaken(page: Page, ring: RingAt) -> bool:
    """A person rings until the next step; from then on somebody else does (rules.md 3)."""
    return page.next_at is not None and page.created_at + ring.after >= page.next_at


def ring_key(kind: str, name: str, job: Attempt, way: ContactMethod) -> str:
    """What one attempt for ``name`` is known by.

    Built-in and only, a chat needs no name; another is told apart from those tried before.
    """
    named = (job.method,) if way.id == BUILT_IN else (job.method, way.id)
    return ":".join((kind, name, str(job.k), *named))


RING = Effect(RingPage, load_ring, send, save_ring, ring_failed)
