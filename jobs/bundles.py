"""Bundles: what was held for a person goes out as one message, and rings on as one."""

from datetime import datetime, timedelta

from domain.bundle import (
    MINUTE,
    Bundle,
    BundleRing,
    CloseBundle,
    ListBundle,
    RingBundle,
    ShowBundle,
    rings_in,
    worst_first,
)
from domain.bundle_card import Addresses, BundleRow, BundleView, bundle_card, bundle_letter
from domain.contact import ContactMethod, RingAt, ring_after
from domain.message import Message
from domain.paging import Page, Ring
from domain.ports import MessageRef
from jobs.page_cards import Redrawn, StandingCard, alarms_of, redraw
from jobs.quiet import quiet
from jobs.reaching import BUILT_IN, Sending, SendOutcome, note_refusal, ring_ways, send
from jobs.receipts import follow
from jobs.registry import Effect, Reaction
from jobs.ringing import (
    calm,
    due_after,
    hurry_unless_reached,
    is_made_up_for,
    method_of,
    rang_until,
    ring_apart,
    ring_key,
)
from storage.unit import Unit


async def close(unit: Unit, job: CloseBundle) -> None:
    """The minute is over: nothing new joins any more, and the first message is made."""
    bundle = await unit.bundles.get(job.bundle)
    if bundle is None or bundle.sent_at:
        return
    await unit.bundles.for_person(bundle.user)
    sent = await unit.bundles.send(bundle)
    first = await _ring_after(unit, sent, 0)
    method = first.kind if first else "chat"
    await _make(unit, sent, ListBundle(bundle=sent.id, k=0, method=method))


async def go_on(unit: Unit, job: ListBundle) -> None:
    """Nobody has answered all of it: the next message is made."""
    bundle = await unit.bundles.need(job.bundle)
    await unit.bundles.for_person(bundle.user)
    await _make(unit, bundle, job)


async def _make(unit: Unit, bundle: Bundle, job: ListBundle) -> None:
    """A message of what rings by now; one page alone rings by itself, as any other.

    While some of it is held because its alerts are resolved, the others are its list, and where
    all of it is, a minute later is looked again: what fires anew still comes together.
    """
    waiting = [
        page
        for page in await unit.pages.named(await unit.bundles.pages(bundle.id))
        if rings_in(page, bundle.id, job.k, unit.now)
    ]
    about = await unit.incidents.named(page.incident for page in waiting)
    held = await quiet(unit, about)
    ringing = [page for page in waiting if page.incident not in held]
    if len(waiting) == len(ringing) == 1:
        await _alone(unit, ringing[0], job)
    elif ringing:
        ordered = worst_first((page, about[page.incident]) for page in ringing)
        await unit.bundles.ring(bundle, job, tuple(page.id for page in ordered))
    elif waiting:
        await unit.jobs.add(job, due=unit.now + MINUTE, subject=bundle.subject)
    elif job.k == 0:
        await unit.bundles.drop(bundle)


async def _alone(unit: Unit, page: Page, job: ListBundle) -> None:
    """It rings by itself from now on, and never under a number that it has had."""
    await unit.bundles.release(page.id)
    rung = (ring.k + 1 for ring in await unit.pages.rings(page.id))
    k = max((job.k, *rung))
    await unit.pages.ring(page, k, unit.now - page.created_at, job.method)


async def apart(unit: Unit, job: CloseBundle | ListBundle, _error: str) -> None:
    """No list could be made: nobody waits for it, each page rings by itself."""
    bundle = await unit.bundles.need(job.bundle)
    if bundle.sent_at is None:
        await unit.bundles.send(bundle)
    pages = await unit.pages.named(await unit.bundles.pages(bundle.id))
    await ring_apart(unit, *(page for page in pages if page.state == "sent"))


async def load_ring(unit: Unit, job: RingBundle) -> Sending | None:
    """The list to send, unless all of it was answered meanwhile."""
    made = await _made(unit, job)
    ringing = [page for page in await unit.pages.named(made.pages) if page.state == "sent"]
    if not ringing:
        return None
    ringing.sort(key=lambda page: page.dm_only)
    way, *others = await ring_ways(unit, ringing[0], job)
    return Sending(
        user=ringing[0].user,
        way=way,
        message=_message(unit, await _view(unit, made), way),
        key=ring_key("bundle", job.bundle, job, way),
        others=bool(others),
        pressing=ringing[0].urgency == "high",
    )


async def save_ring(unit: Unit, job: RingBundle, outcome: SendOutcome) -> None:
    """Record the ring for each page and owe the next one; a refused way is followed by another.

    What may hurry escalations locks their incidents first, as everybody does.
    """
    made = await _made(unit, job)
    pages = await unit.pages.named(made.pages)
    if outcome.way.id == BUILT_IN:
        await unit.incidents.hold(*(page.incident for page in pages))
    await unit.pages.rang(*(_recorded(page.id, job, outcome, unit.now) for page in pages))
    await note_refusal(unit, pages[0].user, outcome)
    ringing = [page for page in pages if page.state == "sent"]
    if len(ringing) < len(pages):
        await unit.bundles.show(job.bundle)
    if ringing and job.method != BUILT_IN:
        await follow(unit, f"bundle:{job.bundle}", outcome)
        await _go_on_after(unit, job, outcome)
    await _follow_up(unit, job, outcome, ringing)


async def _go_on_after(unit: Unit, job: RingBundle, outcome: SendOutcome) -> None:
    """The first attempt owes the next message; what stands in decides again which that is."""
    if outcome.stands_in(job):
        bundle = await unit.bundles.need(job.bundle)
        await unit.jobs.cancel(bundle.subject, (ListBundle,))
        await _owe_next(unit, job, silent=False)
    elif not job.tried:
        await _owe_next(unit, job, silent=outcome.silent)


async def _follow_up(
    unit: Unit, job: RingBundle, outcome: SendOutcome, ringing: list[Page]
) -> None:
    """What a way that refused leads to, and the copy in the built-in chat."""
    if outcome.way.id == BUILT_IN:
        for page in ringing:
            await hurry_unless_reached(unit, page)
    elif not ringing:
        return
    elif outcome.refused:
        tried = (*job.tried, outcome.way.id)
        await unit.bundles.owe(job.model_copy(update={"tried": tried}))
    elif job.k == 0:
        await unit.bundles.owe(job.model_copy(update={"method": BUILT_IN}))


async def ring_failed(unit: Unit, job: RingBundle, error: str) -> None:
    """The job itself broke: as if the way had refused."""
    (first, *_) = await unit.pages.named((await _made(unit, job)).pages)
    way = (await ring_ways(unit, first, job))[0]
    await save_ring(unit, job, SendOutcome(way=way, refused=error))


async def _owe_next(unit: Unit, job: RingBundle, *, silent: bool) -> None:
    """The plan of a bundle is that of a page which was sent with it."""
    bundle = await unit.bundles.need(job.bundle)
    rang_at = rang_until(await unit.bundles.rings(bundle.id))
    sent_at = bundle.sent_at or unit.now
    following = await _ring_after(unit, bundle, job.k + 1)
    while following and is_made_up_for(sent_at, following, rang_at):
        following = await _ring_after(unit, bundle, following.k + 1)
    if following:
        due = due_after(sent_at, following, unit.now, silent=silent)
        due = max(await calm(unit, bundle.user, bundle.urgency, due), unit.now)
        if following.kind == "chat" and await unit.bundles.join(await _ringing(unit, bundle), due):
            return
        await _owe(unit, bundle, following, due)


async def _ringing(unit: Unit, bundle: Bundle) -> list[Page]:
    """What of it still waits for an answer."""
    pages = await unit.pages.named(await unit.bundles.pages(bundle.id))
    return [page for page in pages if page.state == "sent"]


async def _ring_after(unit: Unit, bundle: Bundle, k: int) -> RingAt | None:
    """Ring ``k`` or the next there is; by chat alone while every page of it rings so."""
    methods = await unit.roster.methods(bundle.user)
    ringing = await _ringing(unit, bundle)
    spared = [await unit.pager.chat_for(page) + page.created_at for page in ringing]
    until = min(spared, default=unit.now)
    chat_for = max(until - (bundle.sent_at or unit.now), timedelta())
    return ring_after(bundle.urgency, methods, k, chat_for)


async def _owe(unit: Unit, bundle: Bundle, ring: RingAt, due: datetime) -> None:
    job = ListBundle(bundle=bundle.id, k=ring.k, method=ring.kind)
    key = f"list:{bundle.id}:{ring.k}"
    await unit.jobs.add(job, due=due, key=key, subject=bundle.subject)


async def load_shown(unit: Unit, job: ShowBundle) -> Redrawn:
    """Each list as it stands now, and everywhere it was sent."""
    rings = await unit.bundles.rings(job.bundle)
    found: list[StandingCard] = []
    for made in await unit.bundles.messages(job.bundle):
        sent = [one.ref for one in rings if (one.k, one.result) == (made.k, "sent") and one.ref]
        refs = tuple(dict.fromkeys(MessageRef.model_validate(ref) for ref in sent))
        found.append(StandingCard(message=bundle_card(await _view(unit, made)), refs=refs))
    rang = [one for one in rings if one.result == "sent"]
    pages = await unit.pages.named({one.page for one in rang})
    alarms = await alarms_of(unit, f"bundle:{job.bundle}", pages, rang)
    return Redrawn(messages=tuple(found), alarms=alarms)


async def _made(unit: Unit, job: RingBundle) -> BundleRing:
    made = await unit.bundles.made(job.bundle, job.k)
    assert made, "a message is sent only after it was made"  # noqa: S101
    return made


async def _view(unit: Unit, made: BundleRing) -> BundleView:
    pages = {page.id: page for page in await unit.pages.named(made.shown)}
    about = await unit.incidents.named(page.incident for page in pages.values())
    names = {person.id: person.name for person in await unit.people.everybody()}
    rows = [
        BundleRow(page=page, incident=about[page.incident], ended_by=names.get(page.ended_by or ""))
        for page in (pages[name] for name in made.shown)
    ]
    more = await unit.pages.still_ringing(made.pages[len(rows) :])
    return BundleView(bundle=made.bundle, k=made.k, rows=tuple(rows), more=more)


def _message(unit: Unit, view: BundleView, way: ContactMethod) -> Message:
    if way.kind == "chat":
        return bundle_card(view)
    public = unit.installation.public_url
    addresses = {
        row.page.id: Addresses(
            f"{public}/a/{unit.pages.code(row.page.id)}", f"{public}/incidents/{row.incident.id}"
        )
        for row in view.ringing
    }
    return bundle_letter(view, addresses)


def _recorded(page: str, job: RingBundle, outcome: SendOutcome, now: datetime) -> Ring:
    way = outcome.way
    return Ring(
        key=ring_key("ring", f"{page}:{job.bundle}", job, way),
        page=page,
        k=job.k,
        method=method_of(job, way),
        result="failed" if outcome.refused else "sent",
        ref=outcome.kept,
        bundle=job.bundle,
        at=now,
        receipt=outcome.receipt.id or None,
    )


CLOSE = Reaction(CloseBundle, close, failed=apart)
GO_ON = Reaction(ListBundle, go_on, failed=apart)
RING = Effect(RingBundle, load_ring, send, save_ring, ring_failed)
SHOW = Effect(ShowBundle, load_shown, redraw)
