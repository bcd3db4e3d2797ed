"""Swaps: the card of each person they are offered to, one reminder, and their end."""

from domain.message import Message
from domain.pace import by_day
from domain.swap_card import SwapView, swap_card, swap_ended, swap_reminder, update_key
from domain.swap_jobs import ExpireSwap, RemindSwap, ShowSwap, TellSwap
from jobs.personal import DirectMessage, keep_direct, on_another, personal_card, send_direct
from jobs.reaching import Sending, by_another, send, ways_of
from jobs.registry import Effect, Reaction
from storage.unit import Unit

WAYS = ("chat", "email")


async def load_card(unit: Unit, job: ShowSwap) -> DirectMessage | None:
    """The card as it is now; None where it shows that already."""
    view = await _view(unit, job.swap)
    if view is None:
        return None
    message = swap_card(view, job.user)
    return await personal_card(unit, job, message, update_key(job.swap, job.user))


async def card_failed(unit: Unit, job: ShowSwap, error: str) -> None:  # noqa: ARG001
    """The chat said no: the person's next one."""
    await on_another(unit, job, update_key(job.swap, job.user))


async def remind(unit: Unit, job: RemindSwap) -> None:
    """Ask each who has not answered once more, in their own waking hours."""
    swap = await unit.swaps.need(job.swap)
    if swap.status != "open":
        return
    for user in swap.waiting:
        person = await unit.people.need(user)
        told = TellSwap(swap=swap.id, user=user, news="reminder")
        await unit.jobs.add(told, due=by_day(unit.now, person.timezone))


async def expire(unit: Unit, job: ExpireSwap) -> None:
    """Its time has begun: whoever offered it is on call, and is told so."""
    swap = await unit.swaps.need(job.swap)
    if swap.status == "open":
        await unit.swaps.change(swap.model_copy(update={"status": "expired"}))


async def load_news(unit: Unit, job: TellSwap) -> Sending | None:
    """What is new; None for a reminder of what was answered meanwhile."""
    message = await _news(unit, job)
    if message is None:
        return None
    way, *others = await ways_of(unit, job.user, WAYS, job.tried)
    key = f"swap:{job.swap}:{job.news}@{job.user}"
    return Sending(user=job.user, way=way, message=message, key=key, others=bool(others))


async def _news(unit: Unit, job: TellSwap) -> Message | None:
    view = await _view(unit, job.swap)
    if view is None:
        return None
    if job.news == "ended":
        return swap_ended(view, job.user)
    waits = view.swap.status == "open" and job.user in view.swap.waiting
    return swap_reminder(view) if waits else None


async def _view(unit: Unit, swap: str) -> SwapView | None:
    """The swap; None where its schedule is gone, and with it what could be swapped."""
    found = await unit.swaps.need(swap)
    schedule = await unit.catalog.schedules.get(found.schedule)
    if schedule is None:
        return None
    users = (found.asker, *found.offered)
    people = [await unit.people.need(user) for user in users]
    names = {one.id: one.name for one in people}
    return SwapView(swap=found, schedule=schedule.name, names=names)


SHOW_SWAP = Effect(ShowSwap, load_card, send_direct, keep_direct, card_failed)
REMIND_SWAP = Reaction(RemindSwap, remind)
EXPIRE_SWAP = Reaction(ExpireSwap, expire)
TELL_SWAP = Effect(TellSwap, load_news, send, by_another)
