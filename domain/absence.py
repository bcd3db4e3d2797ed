"""Absences: when somebody is away, and what of their time on call that leaves open."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import AwareDatetime

from domain.base import Frozen
from domain.facts import Fact
from domain.fairness import loads
from domain.schedule import Schedule, final_shifts

LOOKED_BACK = timedelta(weeks=4)
LONGEST = timedelta(days=400)


class Absence(Frozen):
    """``user`` is away from ``starts`` until before ``ends``. Nothing is kept of why.

    ``uid`` is the event of a calendar it was read from: read again, it replaces the one before.
    """

    id: str
    user: str
    starts: AwareDatetime
    ends: AwareDatetime
    uid: str = ""

    def meets(self, starts: datetime, ends: datetime) -> bool:
        """Whether some of it lies in [starts, ends)."""
        return self.starts < ends and starts < self.ends


class Conflict(Frozen):
    """Time on call of somebody who is away then; ``stand_ins`` could have it, the best first."""

    schedule: str
    user: str
    starts: AwareDatetime
    ends: AwareDatetime
    stand_ins: tuple[str, ...]


class AbsenceAdded(Fact):
    """Somebody said when they are away."""

    kind: ClassVar[str] = "absence_added"
    template: ClassVar[str] = "{person} is away {starts} to {ends}"
    absence: str
    person: str
    starts: datetime
    ends: datetime


class AbsenceCancelled(Fact):
    """Somebody is there after all."""

    kind: ClassVar[str] = "absence_cancelled"
    template: ClassVar[str] = "{person} is not away {starts} to {ends} after all"
    absence: str
    person: str
    starts: datetime
    ends: datetime


def conflicts(
    absence: Absence, schedules: Iterable[Schedule], others: Sequence[Absence]
) -> tuple[Conflict, ...]:
    """Where the person is on call while away, in the order of time.

    Whoever is away then too, or on call there already, is not proposed; of the rest whoever
    carried least in the four weeks before comes first.
    """
    found = [
        Conflict(
            schedule=one.id,
            user=absence.user,
            starts=shift.starts,
            ends=shift.ends,
            stand_ins=_stand_ins(one, absence.user, (shift.starts, shift.ends), others),
        )
        for one in schedules
        for shift in final_shifts(one, absence.starts, absence.ends)
        if shift.user == absence.user
    ]
    return tuple(sorted(found, key=lambda one: (one.starts, one.schedule)))


def _stand_ins(
    schedule: Schedule, user: str, time: tuple[datetime, datetime], others: Sequence[Absence]
) -> tuple[str, ...]:
    starts, ends = time
    away = {one.user for one in others if one.meets(starts, ends)}
    busy = {shift.user for shift in final_shifts(schedule, starts, ends)}
    free = [one for one in schedule.people if one not in {user, *away, *busy}]
    carried = {one.user: one.hours for one in loads(schedule, starts - LOOKED_BACK, starts)}
    return tuple(sorted(free, key=lambda one: (carried.get(one, 0.0), one)))
