"""A swap: somebody offers a time on call, and the first who accepts takes it.

Nothing changes before somebody accepts: whoever offered stays on call. Then the schedule gets an
override for that time, and one for the time in return where there is one, in the same commit.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import model_validator

from domain.base import Frozen
from domain.errors import NotAllowed, Stale
from domain.schedule import FinalShift, Override
from domain.spans import Span, union
from domain.wall_clock import Instant

SOON = timedelta(hours=24)
ENDS: dict[str, str] = {
    "accepted": "has been accepted",
    "declined": "was declined by everybody",
    "withdrawn": "was withdrawn",
    "expired": "is over: its time has begun",
}


class Window(Frozen):
    """A time [starts, ends)."""

    starts: Instant
    ends: Instant

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends <= self.starts:
            raise ValueError("it ends before it starts")
        return self


class Swap(Frozen):
    """An offer of ``time`` by ``asker`` to those in ``offered``.

    ``back`` is a time of theirs that the asker takes in return; then it is offered to one person.
    """

    id: str
    schedule: str
    asker: str
    time: Window
    offered: tuple[str, ...]
    back: Window | None = None
    why: str = ""
    status: Literal["open", "accepted", "declined", "withdrawn", "expired"] = "open"
    declined_by: tuple[str, ...] = ()
    taken_by: str | None = None

    @property
    def waiting(self) -> tuple[str, ...]:
        """Those who have not answered."""
        return tuple(one for one in self.offered if one not in self.declined_by)


def remind_at(swap: Swap, now: datetime) -> datetime:
    """When whoever has not answered is asked again: a day ahead, or halfway where it is soon."""
    day_before = swap.time.starts - SOON
    return day_before if day_before > now else now + (swap.time.starts - now) / 2


def accepted(swap: Swap, user: str, shifts: Iterable[FinalShift], now: datetime) -> Swap:
    """The swap as ``user`` accepts it, while the times are still theirs to give.

    ``shifts`` are the schedule's as it is now. Raises `NotAllowed` or `Stale`.
    """
    _need_open(swap)
    _need_offered(swap, user)
    found = tuple(shifts)
    given = [(swap.asker, swap.time), *([(user, swap.back)] if swap.back else [])]
    if not all(now < time.starts and is_theirs(found, one, time) for one, time in given):
        raise Stale(f"{swap.id} fits the schedule no more: see /oncall schedule, and ask anew.")
    return swap.model_copy(update={"status": "accepted", "taken_by": user})


def declined(swap: Swap, user: str) -> Swap:
    """The swap as ``user`` declines it; over where nobody is left. Raises as `accepted`."""
    _need_open(swap)
    _need_offered(swap, user)
    after = swap.model_copy(update={"declined_by": (*swap.declined_by, user)})
    return after if after.waiting else after.model_copy(update={"status": "declined"})


def withdrawn(swap: Swap, user: str) -> Swap:
    """The swap as its asker takes it back. Raises as `accepted`."""
    _need_open(swap)
    if user != swap.asker:
        raise NotAllowed("Only whoever offered it can take it back: type /oncall decline.")
    return swap.model_copy(update={"status": "withdrawn"})


def overrides_of(swap: Swap, new_id: Callable[[], str]) -> tuple[Override, ...]:
    """What the schedule gets once somebody has accepted."""
    taker = swap.taken_by or ""
    given = _override(new_id(), taker, swap.asker, swap.time, f"{swap.id}")
    if swap.back is None:
        return (given,)
    return (given, _override(new_id(), swap.asker, taker, swap.back, f"{swap.id}"))


def is_theirs(shifts: Iterable[FinalShift], user: str, time: Window) -> bool:
    """Whether ``user`` is on call for all of ``time``."""
    mine = union(Span(one.starts, one.ends) for one in shifts if one.user == user)
    return any(span.starts <= time.starts and time.ends <= span.ends for span in mine)


def _override(made: str, user: str, replaces: str, time: Window, reason: str) -> Override:
    return Override(
        id=made, user=user, replaces=replaces, starts=time.starts, ends=time.ends, reason=reason
    )


def _need_open(swap: Swap) -> None:
    if swap.status != "open":
        raise Stale(f"{swap.id} {ENDS[swap.status]}: see /oncall schedule for who is on call.")


def _need_offered(swap: Swap, user: str) -> None:
    if user not in swap.offered:
        raise NotAllowed(f"{swap.id} was not offered to you: /oncall offers shows what is.")
    if user in swap.declined_by:
        raise Stale(f"You have declined {swap.id}: ask whoever offered it to offer it again.")
