"""Shifts as a calendar shows them, and who may read them by a secret address."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from domain.base import Frozen
from domain.facts import Fact
from domain.schedule import FinalShift, Schedule, final_shifts

BACK, AHEAD = timedelta(days=30), timedelta(days=180)


class Event(Frozen):
    """One shift; ``zone`` is the schedule's, and ``uid`` the same for as long as it begins so."""

    uid: str
    title: str
    detail: str
    zone: str
    starts: datetime
    ends: datetime


class Calendar(Frozen):
    """Events by their start. ``sequence`` grows with every change of the schedules behind it."""

    name: str
    events: tuple[Event, ...]
    sequence: int
    changed_at: datetime


class CalendarFeed(Frozen):
    """An address under which ``owner`` reads a schedule, or their own shifts of all of them."""

    id: str
    owner: str
    schedule: str | None
    created_at: datetime


class CalendarShared(Fact):
    """Somebody made a secret address of a calendar."""

    kind: ClassVar[str] = "calendar_shared"
    template: ClassVar[str] = "{by} made a calendar address of {what}"
    what: str


class CalendarsRevoked(Fact):
    """Somebody's addresses of calendars answer no more."""

    kind: ClassVar[str] = "calendars_revoked"
    template: ClassVar[str] = "{by} revoked {count} calendar addresses"
    count: int


def events(
    schedules: Iterable[Schedule], names: Mapping[str, str], now: datetime, only: str | None = None
) -> tuple[Event, ...]:
    """The shifts from 30 days back to 180 ahead, of ``only`` one person where one is given.

    It looks at whole days, so that the same schedules give the same events all day long; a shift
    that began before them is left out once it is over.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = today - BACK, today + AHEAD
    found = [
        _event(one, shift, names)
        for one in schedules
        for shift in final_shifts(one, since, until)
        if only in (None, shift.user) and (shift.starts > since or shift.ends > today)
    ]
    return tuple(sorted(found, key=lambda event: (event.starts, event.uid)))


def _event(schedule: Schedule, shift: FinalShift, names: Mapping[str, str]) -> Event:
    return Event(
        uid=f"{schedule.id}-{shift.user}-{shift.starts:%Y%m%dT%H%M%SZ}@tocsin",
        title=f"{names.get(shift.user, shift.user)} on call: {schedule.name}",
        detail=shift.reason,
        zone=schedule.timezone,
        starts=shift.starts,
        ends=shift.ends,
    )
