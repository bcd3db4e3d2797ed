"""Handoff: who goes on call and who leaves, when both are told, and what they say.

The schedule moves the shift whether or not anybody answers (rules.md 26).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from domain.base import Frozen
from domain.pace import NIGHT, by_day
from domain.schedule import FinalShift, Schedule, final_shifts
from domain.wall_clock import Instant

BEFORE = timedelta(minutes=15)
UNCONFIRMED = timedelta(minutes=30)
# The next change of most schedules is found in the first reach.
REACHES = (timedelta(days=2), timedelta(days=15))
LOOK_BACK = timedelta(days=7)


class ShiftChange(Frozen):
    """At ``starts`` those in ``coming`` go on call; ``leaving`` had it before them."""

    starts: Instant
    coming: tuple[str, ...]
    leaving: tuple[str, ...]


class Handoff(Frozen):
    """One change of shift of a schedule; ``note`` is what the last shift leaves to the next."""

    id: str
    schedule: str
    change: ShiftChange
    note: str = ""
    note_by: str | None = None
    state: Literal["planned", "begun"] = "planned"
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody it concerns."""
        return tuple(dict.fromkeys((*self.change.coming, *self.change.leaving)))


def next_change(schedule: Schedule, after: datetime) -> ShiftChange | None:
    """The first instant after ``after`` at which somebody goes on call who was not before them.

    Who comes back after a hole in which nobody was on call takes over from nobody.
    """
    for reach in REACHES:
        shifts = final_shifts(schedule, after - LOOK_BACK, after + reach)
        for starts in sorted({one.starts for one in shifts if one.starts > after}):
            if change := _change_at(shifts, starts):
                return change
    return None


def _change_at(shifts: Iterable[FinalShift], starts: datetime) -> ShiftChange | None:
    shifts = tuple(shifts)
    now = [one.user for one in shifts if one.starts <= starts < one.ends]
    before = _before(shifts, starts)
    coming = tuple(sorted(set(now) - set(before)))
    if not coming:
        return None
    leaving = tuple(sorted(set(before) - set(now)))
    return ShiftChange(starts=starts, coming=coming, leaving=leaving)


def _before(shifts: tuple[FinalShift, ...], starts: datetime) -> list[str]:
    """Who was on call right before, or last."""
    there = [one.user for one in shifts if one.starts < starts <= one.ends]
    earlier = [one for one in shifts if one.ends < starts]
    if there or not earlier:
        return there
    latest = max(one.ends for one in earlier)
    return [one.user for one in earlier if one.ends == latest]


def told_at(starts: datetime, zone: str) -> datetime:
    """When somebody in ``zone`` is told: 15 minutes before, or in the evening before a night."""
    at = starts - BEFORE
    local = at.astimezone(ZoneInfo(zone))
    if by_day(at, zone) == at:
        return at
    day = local.date() - timedelta(days=int(local.time() < NIGHT[1]))
    return _evening(day, zone)


def _evening(day: date, zone: str) -> datetime:
    closes: time = NIGHT[0]
    return (datetime.combine(day, closes, ZoneInfo(zone)) - BEFORE).astimezone(UTC)


def calm_for_all(at: datetime, zones: Iterable[str]) -> datetime:
    """The first instant from ``at`` on at which it is day in all ``zones``, tried for some days;
    where their days never meet, when it is day in the last."""
    for _ in range(4):
        before = at
        for zone in zones:
            at = by_day(at, zone)
        if at == before:
            break
    return at
