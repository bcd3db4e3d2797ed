"""What providers tell of a message after they took it: on record, and where it was lost, the
next way rings at once, as where one refuses."""

from collections.abc import Iterable

from domain.base import Frozen
from domain.bundle import RingBundle
from domain.contact import ContactKind, ContactMethod
from domain.lasting import AnswerAlarm
from domain.paging import Page, Ring, RingPage
from domain.receipt import (
    AMISS,
    ASK_EVERY,
    LOOK_AGAIN,
    LOOKS,
    LOST,
    AskReceipt,
    Emergency,
    HeedReceipt,
    outcome,
    ring_of,
    ways_lost,
)
from jobs.answers import asked_by
from jobs.quiet import quiet
from jobs.reachability import heard_of
from jobs.reaching import SendOutcome, note_refusal
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit


async def heed(unit: Unit, job: HeedReceipt) -> None:
    """Once for each message: what comes late or again changes nothing."""
    rings = await unit.pages.by_receipt(job.receipt)
    if not rings and not await heard_of(unit, job):
        await _look_again(unit, job)
    if not rings or rings[0].told:
        return
    pages = {one.id: one for one in await unit.pages.named(one.page for one in rings)}
    told = [_told(job, ring, pages[ring.page]) for ring in rings]
    await unit.pages.rang(*(one.model_copy(update={"told_at": unit.now}) for one in told))
    await _note(unit, job, pages[told[0].page].user, told[0])
    if job.told in LOST and (ringing := await _ringing(unit, pages.values())):
        await _give_way(unit, ringing, next(one for one in told if one.page == ringing.id))


async def _look_again(unit: Unit, job: HeedReceipt) -> None:
    """The ring may be on record in a moment; what is unknown then is nobody's."""
    if job.looks < LOOKS:
        again = job.model_copy(update={"looks": job.looks + 1})
        await unit.jobs.add(again, due=unit.now + LOOK_AGAIN)


def _told(job: HeedReceipt, ring: Ring, page: Page) -> Ring:
    by_them = page.ended_by == page.user and page.state in ("acked", "passed")
    answered = by_them and page.ended_at is not None and page.ended_at >= ring.at
    told: dict[str, object] = {"told": outcome(job.told, answered=answered)}
    if job.told in LOST:
        told |= {"result": "failed", "ref": {"error": job.reason}}
    return ring.model_copy(update=told)


async def _note(unit: Unit, job: HeedReceipt, user: str, ring: Ring) -> None:
    """A number that gets nothing is told to who can put it right; one that does is forgotten."""
    if job.told in LOST - AMISS:
        return
    kind: ContactKind = "voice" if ring.method == "voice" else "sms"
    way = ContactMethod(kind=kind, address="", id=ring_of(ring.key)[1])
    refused = job.reason if job.told in AMISS else ""
    await note_refusal(unit, user, SendOutcome(way=way, refused=refused))


async def _ringing(unit: Unit, pages: Iterable[Page]) -> Page | None:
    """One that still asks; nobody is woken late for what has stopped firing meanwhile."""
    sent = [one for one in pages if one.state == "sent"]
    held = await quiet(unit, await unit.incidents.named(one.incident for one in sent))
    return next((one for one in sent if one.incident not in held), None)


async def _give_way(unit: Unit, page: Page, ring: Ring) -> None:
    """As if the way had refused: what wakes comes first, then every other."""
    method, _ = ring_of(ring.key)
    rings = await unit.pages.rings(page.id)
    same = [one for one in rings if (one.k, one.bundle) == (ring.k, ring.bundle)]
    tried = ways_lost((one.key for one in same if one.result == "failed"), method)
    if ring.bundle:
        await unit.bundles.owe(RingBundle(bundle=ring.bundle, k=ring.k, method=method, tried=tried))
        return
    again = RingPage(incident=page.incident, page=page.id, k=ring.k, method=method, tried=tried)
    await unit.pages.owe(again, unit.now)


class Asking(Frozen):
    """What is asked of whom."""

    way: ContactKind
    receipt: str


async def follow(unit: Unit, alarm: str, sent: SendOutcome) -> None:
    """Owe the question what came of a message, where it must be asked."""
    receipt = sent.receipt
    if receipt.news == "asked":
        led = [await unit.pages.by_code(one) for one in receipt.codes]
        pages = tuple(one.id for one in led if one)
        job = AskReceipt(way=sent.way.kind, receipt=receipt.id, alarm=alarm, pages=pages)
        await unit.jobs.add(job, due=unit.now + ASK_EVERY, key=f"ask:{job.receipt}")


async def load(unit: Unit, job: AskReceipt) -> Asking | None:
    """None where nobody is asked any more: then nothing is."""
    if not await asked_by(unit, _answer(job)):
        return None
    return Asking(way=job.way, receipt=job.receipt)


async def ask(ports: Ports, loaded: Asking) -> Emergency:
    """How it stands there."""
    return await ports.receipted(loaded.way).state_of(loaded.receipt)


async def save(unit: Unit, job: AskReceipt, state: Emergency) -> None:
    """An acknowledgement counts as the person's own answer; until then it is asked again."""
    if state == "waiting":
        await unit.jobs.add(job, due=unit.now + ASK_EVERY)
        return
    told = {"told": state, "told_at": unit.now}
    if rings := await unit.pages.by_receipt(job.receipt):
        await unit.pages.rang(*(one.model_copy(update=told) for one in rings))
    if state == "acknowledged":
        await unit.jobs.add(_answer(job), key=f"answered:{job.receipt}")


def _answer(job: AskReceipt) -> AnswerAlarm:
    """An acknowledgement of exactly what the message named."""
    return AnswerAlarm(alarm=job.alarm, pages=job.pages)


HEED = Reaction(HeedReceipt, heed)
ASK = Effect(AskReceipt, load, ask, save)
