"""By which ways a person can be reached, one attempt by one of them, and what got through."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from domain.base import Frozen
from domain.bundle import RingBundle
from domain.contact import LATELY, ContactMethod, standing_in
from domain.contact_verification import ContactRemoved
from domain.errors import Gone, Permanent, Retry, Unavailable
from domain.incident_jobs import TellDraft
from domain.message import Message
from domain.oncall_jobs import TellOnCall, TellStandIn
from domain.outage_jobs import SendNotice
from domain.paging import Page, RingPage
from domain.place import MessageRef
from domain.receipt import NO_RECEIPT, Receipt
from domain.rest import may_mail
from domain.silence import TellSilenceOver
from domain.swap_jobs import TellSwap
from jobs.registry import Ports
from storage.unit import Unit

BUILT_IN = "console"
# With three attempts and the waits between them another way is tried within 30 s.
PATIENCE_S = 8.0
LONGEST_WAIT = timedelta(seconds=5)
# Asked after the message has gone out: what is not known by then waits for nothing.
SILENCE_S = 2.0

# One try to send: a page's own ring, or the message of several that ring together.
Attempt = RingPage | RingBundle
# What a person is told once, by whichever way takes it.
Notice = SendNotice | TellDraft | TellSwap | TellStandIn | TellSilenceOver | TellOnCall


class Sending(Frozen):
    """A message to a person by one way; ``others`` says that another is left after it, and
    ``pressing`` that it is asked whether their devices keep silent."""

    user: str
    way: ContactMethod
    message: Message
    key: str
    others: bool
    pressing: bool = False


class SendOutcome(Frozen):
    """What came of it: the message where there is one to edit, or why the way refused; ``silent``
    where it is there and no device sounds; ``receipt`` as the provider gave it; ``gone`` where the
    address is no more."""

    way: ContactMethod
    ref: MessageRef | None = None
    refused: str = ""
    silent: bool = False
    receipt: Receipt = NO_RECEIPT
    gone: bool = False

    def stands_in(self, job: Attempt) -> bool:
        """Whether another kind than the one that was due got through, which then need not ring
        again a moment later."""
        return not self.refused and bool(job.tried) and self.way.kind not in ("chat", job.method)

    @property
    def kept(self) -> dict[str, Any]:
        """What is recorded of it."""
        if self.refused:
            return {"error": self.refused[:500]}
        return self.ref.model_dump() if self.ref else {}


async def send(ports: Ports, loaded: Sending) -> SendOutcome:
    """Send once per key. A way that refuses or takes too long gives way to another."""
    sent = await _tried(ports, loaded)
    if sent.refused or not loaded.pressing or loaded.way.kind != "chat":
        return sent
    return sent.model_copy(update={"silent": await _is_silent(ports, loaded)})


async def _is_silent(ports: Ports, loaded: Sending) -> bool:
    """Whether the chat says so; no answer is none, and delays nothing."""
    try:
        async with asyncio.timeout(SILENCE_S):
            return await ports.chat(loaded.way.address).is_silent(loaded.user)
    except (Permanent, Unavailable, Retry, TimeoutError):
        return False


async def _tried(ports: Ports, loaded: Sending) -> SendOutcome:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _send(ports, loaded)
    except (Permanent, Unavailable) as refusal:
        gone = isinstance(refusal, Gone)
        return SendOutcome(way=loaded.way, refused=str(refusal) or "refused", gone=gone)
    except TimeoutError:
        busy = Retry(f"no answer within {PATIENCE_S:.0f} s")
    except Retry as error:
        busy = error
    if ports.last or (loaded.others and busy.after and busy.after > LONGEST_WAIT):
        return SendOutcome(way=loaded.way, refused=str(busy) or "busy")
    raise busy


async def _send(ports: Ports, loaded: Sending) -> SendOutcome:
    way = loaded.way
    if way.kind != "chat":
        receipt = await ports.notifier(way.kind).send(way.address, loaded.message, loaded.key)
        return SendOutcome(way=way, receipt=receipt)
    chat = ports.chat(way.address)
    place = await chat.direct(loaded.user)
    ref = await chat.post(place, loaded.message, loaded.key, again=ports.again)
    return SendOutcome(way=way, ref=ref)


async def by_another(unit: Unit, job: Notice, outcome: SendOutcome) -> None:
    """A way that refused is followed by another at once, until the built-in chat has."""
    if outcome.refused and outcome.way.id != BUILT_IN:
        await unit.jobs.add(job.model_copy(update={"tried": (*job.tried, outcome.way.id)}))


async def note_refusal(unit: Unit, user: str, outcome: SendOutcome) -> None:
    """A way beside chat that refuses somebody is told, once, to who can put it right, until it
    works again; a chat notes that itself (`bot.watching`).

    What tells later whether it arrived does not work again by taking a message.
    """
    way, subject = outcome.way, f"person:{user}"
    if way.kind == "chat":
        return
    if outcome.gone:
        await let_go(unit, user, way)
    elif outcome.refused:
        await unit.refusals.note(way.kind, subject, outcome.refused)
    elif outcome.receipt.news != "told":
        await unit.refusals.over(way.kind, subject)


async def let_go(unit: Unit, user: str, way: ContactMethod) -> None:
    """An address that is no more is forgotten: nobody has to do that for it."""
    if await unit.contacts.get(way.id):
        await unit.contacts.lose(way.id)
        removed = ContactRemoved(person=user, method=way.kind)
        await unit.facts.add(f"person:{user}", removed)
    await unit.refusals.over(way.kind, f"person:{user}")


async def chats_of(unit: Unit, user: str) -> tuple[str, ...]:
    """The chats by which the person can be reached now, home first and the built-in one last."""
    return tuple(one.id for one in await _chats(unit, await unit.roster.methods(user)))


async def ways_of(
    unit: Unit, user: str, kinds: tuple[str, ...], tried: tuple[str, ...] = ()
) -> tuple[ContactMethod, ...]:
    """The ways of these kinds to a person, in the order of kinds; the built-in chat comes last."""
    methods = [one for one in await unit.roster.methods(user) if one.verified]
    *chats, built_in = await _chats(unit, methods)
    others = [one for one in methods if one.kind != "chat"]
    fitting = [one for kind in kinds for one in (*chats, *others) if one.kind == kind]
    return (*(one for one in fitting if one.id not in tried), built_in)


async def ring_ways(unit: Unit, page: Page, job: Attempt) -> tuple[ContactMethod, ...]:
    """The ways a ring may still go by. One that is refused is followed by every other: a page
    must ring (rules.md 3)."""
    if job.method == BUILT_IN:
        return await ways_of(unit, page.user, ())
    return await ways_of(unit, page.user, await _kinds(unit, page, job), job.tried)


async def _kinds(unit: Unit, page: Page, job: Attempt) -> tuple[str, ...]:
    """What a ring goes by, its own kind first.

    Where no chat is linked, a letter is the first message; that is no refusal and wakes nobody.
    """
    if await _may_be_woken(unit, page, job):
        return (job.method, *standing_in(job.method, await _rang_lately(unit, page)))
    falls_back = job.method == "chat" and await _may_mail(unit, page, job.tried)
    return (job.method, "email") if falls_back else (job.method,)


async def _may_be_woken(unit: Unit, page: Page, job: Attempt) -> bool:
    """Whether anything may stand in: it is urgent, a way of theirs failed, and they did not say
    that they look at their chat."""
    if page.urgency == "low" or await unit.pager.is_spared(page):
        return False
    return bool(job.tried) or (job.method == "chat" and await _has_lost_chat(unit, page.user))


async def _has_lost_chat(unit: Unit, user: str) -> bool:
    """Whether they have an outside chat, and none of theirs is there now."""
    methods = await unit.roster.methods(user)
    *there, _built_in = await _chats(unit, methods)
    return not there and any(one.kind == "chat" and _is_outside(unit, one) for one in methods)


async def _rang_lately(unit: Unit, page: Page) -> frozenset[str]:
    """The kinds by which the page got through a short while ago."""
    rings = await unit.pages.rings(page.id)
    return frozenset(
        one.method for one in rings if one.result == "sent" and unit.now - one.at < LATELY
    )


async def is_reached(unit: Unit, page: Page) -> bool:
    """Whether any ring got through.

    The built-in chat counts only for who can be reached nowhere else: others do not look there.
    Nor does a letter to who is rung by chat alone count as a way.
    """
    methods = [one for one in await unit.roster.methods(page.user) if one.verified]
    if await unit.pager.is_spared(page):
        methods = [one for one in methods if one.kind == "chat"]
    outside = {one.id for one in methods if _is_outside(unit, one)}
    sent = [one for one in await unit.pages.rings(page.id) if one.result == "sent"]
    return any(one.ref.get("platform") != BUILT_IN or not outside for one in sent)


def _is_outside(unit: Unit, one: ContactMethod) -> bool:
    """Whether it is set up, be it down or not, and no part of Tocsin itself."""
    return one.kind != "chat" or one.id in unit.installation.outside


async def _chats(unit: Unit, methods: Iterable[ContactMethod]) -> list[ContactMethod]:
    """The chats among ``methods`` that are there now, the home of incidents first."""
    known = {one.id: one for one in methods if one.kind == "chat"}
    down = await unit.outages.down()
    outside = [one for one in unit.installation.outside if one not in down]
    return [known[one] for one in (*outside, BUILT_IN) if one in known]


async def _may_mail(unit: Unit, page: Page, tried: tuple[str, ...]) -> bool:
    """Unless it can wait, they had a letter just now, or they are awake and look at their chat."""
    if not await _is_missed_in_chat(unit, page, tried):
        return False
    return page.urgency == "high" and "email" not in await _rang_lately(unit, page)


async def _is_missed_in_chat(unit: Unit, page: Page, tried: tuple[str, ...]) -> bool:
    """Whether a chat alone would not do: always, but for who said that they look at theirs."""
    if not await unit.pager.is_spared(page):
        return True
    methods = await unit.roster.methods(page.user)
    outside = [one for one in methods if one.kind == "chat" and _is_outside(unit, one)]
    *there, _built_in = await _chats(unit, methods)
    return may_mail(outside=len(outside), left=sum(one.id not in tried for one in there))
