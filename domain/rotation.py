"""Rotations: people who take the pager in turn, changing at the same local time.

Handoffs follow the wall clock, so a shift over a clock change is shorter or longer and 24 shifts
of one hour end when one shift of a day does. Shift number ``k`` begins ``k * length`` units after
``start`` by the local clock; it is computed, never counted. Numbers before ``start`` are negative:
a rotation has neither beginning nor end, a layer gives it those.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain, count, pairwise, takewhile
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, NaiveDatetime

from domain.base import Frozen
from domain.wall_clock import ZoneName, instant, wall_clock

UNITS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
}


def _whole_minute(start: datetime) -> datetime:
    if start.second or start.microsecond:
        raise ValueError("a rotation starts at a whole minute, like 2026-03-02T09:00")
    return start


Slot = Annotated[tuple[str, ...], Field(min_length=1)]
LocalMinute = Annotated[NaiveDatetime, AfterValidator(_whole_minute)]


class Rotation(Frozen):
    """Slots of user ids taking turns of ``length`` units, counted from a local ``start``."""

    kind: Literal["hourly", "daily", "weekly", "monthly"]
    length: int = Field(default=1, ge=1, le=1000)
    start: LocalMinute
    timezone: ZoneName
    participants: Annotated[tuple[Slot, ...], Field(min_length=1)]

    @cached_property
    def origin(self) -> datetime:
        """The wall-clock reading at which shift 0 begins."""
        return self.start.replace(tzinfo=ZoneInfo(self.timezone))


class Shift(NamedTuple):
    """One turn: its number, its people, and the UTC instants [starts, ends).

    A plain tuple, because a year of hourly shifts is 8,760 of them.
    """

    number: int
    users: tuple[str, ...]
    starts: datetime
    ends: datetime


def shift_at(rotation: Rotation, at: datetime) -> Shift:
    """The shift that runs at the instant ``at``."""
    return next(_shifts_from(rotation, at))


def shifts_between(rotation: Rotation, since: datetime, until: datetime) -> Iterator[Shift]:
    """Every shift with a moment in [since, until), whole and in order.

    A turn that falls entirely into skipped local time has no length and is left out.
    """
    return takewhile(lambda shift: shift.starts < until, _shifts_from(rotation, since))


def _shifts_from(rotation: Rotation, at: datetime) -> Iterator[Shift]:
    first, slots = _number_at(rotation, at), rotation.participants
    return (
        Shift(number, slots[number % len(slots)], starts, ends)
        for number, (starts, ends) in enumerate(pairwise(_handoffs(rotation, first)), first)
        if starts < ends
    )


def _handoffs(rotation: Rotation, first: int) -> Iterator[datetime]:
    """The beginnings of shift ``first`` and all later ones, looked up a day's worth at a time."""
    size = max(1, 24 // rotation.length) if rotation.kind == "hourly" else 1
    return chain.from_iterable(_batch(rotation, number, size) for number in count(first, size))


def _batch(rotation: Rotation, first: int, size: int) -> list[datetime]:
    """The beginnings of ``size`` shifts.

    A day that is as long as its clock says has no change of offset in it, because no zone ever
    changed twice within three days; so the hours in it are added, not looked up one by one.
    """
    since, until = _reading(rotation, first), _reading(rotation, first + size)
    starts = instant(since)
    if instant(until) - starts == until - since:
        step = (until - since) / size
        return [starts + n * step for n in range(size)]
    return [_handoff(rotation, first + n) for n in range(size)]


def _number_at(rotation: Rotation, at: datetime) -> int:
    """The last shift begun by ``at``. In a repeated hour the clock shows less than has begun."""
    number = _number_shown(rotation, wall_clock(at, rotation.timezone))
    while _handoff(rotation, number + 1) <= at:
        number += 1
    return number


def _number_shown(rotation: Rotation, reading: datetime) -> int:
    if rotation.kind != "monthly":
        return (reading - rotation.origin) // (rotation.length * UNITS[rotation.kind])
    number = (_months(reading) - _months(rotation.origin)) // rotation.length
    return number if _reading(rotation, number) <= reading else number - 1


def _handoff(rotation: Rotation, number: int) -> datetime:
    return instant(_reading(rotation, number))


def _reading(rotation: Rotation, number: int) -> datetime:
    """What the local clock shows when shift ``number`` begins."""
    units = number * rotation.length
    if rotation.kind == "monthly":
        return _months_later(rotation.origin, units)
    return rotation.origin + units * UNITS[rotation.kind]


def _months(reading: datetime) -> int:
    return reading.year * 12 + reading.month - 1


def _months_later(reading: datetime, months: int) -> datetime:
    """The same day of another month, or that month's last day where it is shorter."""
    year, month = divmod(_months(reading) + months, 12)
    day = min(reading.day, monthrange(year, month + 1)[1])
    return reading.replace(year=year, month=month + 1, day=day)
