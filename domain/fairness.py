"""How the load of a schedule is shared, and how good the schedule is, from 0 to 100.

Hours are elapsed time. A night is from 22:00 to 06:00 and a weekend Saturday and Sunday, both by
the schedule's own clock.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from domain.base import Frozen
from domain.restriction import Restriction, windows
from domain.schedule import FinalShift, Schedule, final_shifts, gaps
from domain.spans import Span, inside, union

NIGHT = Restriction(starts=time(22), ends=time(6))
WEEKEND = Restriction(weekdays=("sat", "sun"))
LOOKED_AT = timedelta(weeks=12)
LONGEST_TURN = timedelta(days=7)
DAWN = timedelta(hours=1)  # a week may be an hour longer where the clock changes
LEAST_GAP, PER_SHARE, MOST_GAP = 10, 200, 60
MOST_UNEVEN, ALONE, TOO_LONG = 25, 15, 10
HOUR = timedelta(hours=1)


class Load(Frozen):
    """One person's time on call in a window: hours, and how many of them at night or weekends."""

    user: str
    hours: float
    nights: float
    weekends: float
    turns: int


class Deduction(Frozen):
    """Points that a schedule loses, and why in a sentence."""

    points: int
    reason: str


class Quality(Frozen):
    """How good a schedule is: 100 less its deductions, the heaviest first."""

    score: int
    deductions: tuple[Deduction, ...]


def loads(schedule: Schedule, since: datetime, until: datetime) -> tuple[Load, ...]:
    """What everybody carries in [since, until), whoever carries most first."""
    shifts = final_shifts(schedule, since, until)
    users = dict.fromkeys((*schedule.people, *(shift.user for shift in shifts)))
    nights = windows((NIGHT,), schedule.timezone, since, until)
    weekends = windows((WEEKEND,), schedule.timezone, since, until)
    found = [_load(user, _times(shifts, user), nights, weekends) for user in users]
    return tuple(sorted(found, key=lambda one: (-one.hours, one.user)))


def quality(schedule: Schedule, since: datetime) -> Quality:
    """How good the schedule is for twelve weeks: long enough for everybody to have had a turn."""
    until = since + LOOKED_AT
    found = (
        *_of_gaps(schedule, since, until),
        *_of_sharing(schedule, loads(schedule, since, until)),
        *_of_turns(final_shifts(schedule, since, until)),
    )
    deductions = tuple(sorted(found, key=lambda one: -one.points))
    return Quality(score=max(0, 100 - sum(one.points for one in deductions)), deductions=deductions)


def _load(user: str, times: list[Span], nights: list[Span], weekends: list[Span]) -> Load:
    return Load(
        user=user,
        hours=_hours(times),
        nights=_hours(inside(times, nights)),
        weekends=_hours(inside(times, weekends)),
        turns=len(times),
    )


def _times(shifts: Iterable[FinalShift], user: str) -> list[Span]:
    """One person's unbroken times, whatever they come from."""
    return union(Span(shift.starts, shift.ends) for shift in shifts if shift.user == user)


def _hours(spans: Iterable[Span]) -> float:
    return round(sum((span.ends - span.starts for span in spans), timedelta()) / HOUR, 2)


def _of_gaps(schedule: Schedule, since: datetime, until: datetime) -> Iterator[Deduction]:
    found = gaps(schedule, since, until)
    if not found:
        return
    missing = sum((gap.ends - gap.starts for gap in found), timedelta())
    points = min(MOST_GAP, LEAST_GAP + round(PER_SHARE * (missing / (until - since))))
    times = "once" if len(found) == 1 else f"{len(found)} times"
    yield Deduction(points=points, reason=f"Nobody is on call for {_words(missing)}, {times}.")


def _of_sharing(schedule: Schedule, found: tuple[Load, ...]) -> Iterator[Deduction]:
    if len(schedule.people) == 1:
        yield Deduction(points=ALONE, reason="One person is on call all the time.")
    # who helped out once is no share of it
    regular = [one for one in found if one.user in schedule.people]
    busy = [one for one in regular if one.turns]
    if not busy:
        return
    mean, most = sum(one.hours for one in busy) / len(regular), busy[0].hours
    # somebody is always one turn ahead
    turn = min(one.hours / one.turns for one in busy)
    points = min(MOST_UNEVEN, round(MOST_UNEVEN * (most - turn - mean) / mean))
    if points > 0:
        told = f"One person has {most:.0f} h on call; the average is {mean:.0f} h."
        yield Deduction(points=points, reason=told)


def _of_turns(shifts: tuple[FinalShift, ...]) -> Iterator[Deduction]:
    users = dict.fromkeys(shift.user for shift in shifts)
    turns = [span.ends - span.starts for user in users for span in _times(shifts, user)]
    if turns and max(turns) > LONGEST_TURN + DAWN:
        told = f"Somebody is on call for {_words(max(turns))} without a break."
        yield Deduction(points=TOO_LONG, reason=told)


def _words(lasting: timedelta) -> str:
    if lasting >= 2 * timedelta(days=1):
        return f"{lasting / timedelta(days=1):.3g} days"
    hours, minutes = divmod(round(lasting / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
