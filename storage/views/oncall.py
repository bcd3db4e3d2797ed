"""Who is on call: now, next, and over the days of a calendar."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.fairness import Quality, quality
from domain.schedule import OnCall, Schedule, final_shifts, gaps, on_call
from storage.catalog import Catalog
from storage.chats import Links
from storage.contacts import Contacts
from storage.people import People
from storage.roster import Roster
from storage.scope import Scope
from storage.views.people import names

AHEAD = timedelta(days=14)


class OnDuty(Frozen):
    """A person on call; ``until`` is None where no handover is near."""

    user: str
    name: str
    since: datetime
    until: datetime | None
    override: bool
    reason: str


class Shift(Frozen):
    """A time in [starts, ends) on call; ``user`` None is a gap."""

    user: str | None
    name: str
    starts: datetime
    ends: datetime
    override: bool = False


class OnCallView(Frozen):
    """A schedule now: nobody in ``on_call`` is a gap; ``next`` begins at the next handover."""

    schedule: str
    name: str
    team: str
    timezone: str
    on_call: tuple[OnDuty, ...]
    next: Shift | None


class Calendar(Frozen):
    """A schedule over a window: shifts and gaps by their start."""

    schedule: str
    name: str
    team: str
    timezone: str
    shifts: tuple[Shift, ...]
    quality: Quality


async def now(scope: Scope) -> tuple[OnCallView, ...]:
    """Every schedule as it is at this instant, by id."""
    people = await names(scope)
    schedules = await Catalog(scope).schedules.everything()
    return tuple(_now(schedule, scope.now, people) for schedule in schedules)


async def now_of(scope: Scope, schedule: Schedule) -> OnCallView:
    """One schedule as it is at this instant."""
    return _now(schedule, scope.now, await names(scope))


async def calendars(scope: Scope, since: datetime, until: datetime) -> tuple[Calendar, ...]:
    """Every schedule in [since, until), by id."""
    people = await names(scope)
    schedules = await Catalog(scope).schedules.everything()
    return tuple(_calendar(one, since, until, people) for one in schedules)


async def asleep(scope: Scope, users: Iterable[str]) -> dict[str, str]:
    """Those of ``users`` whom no page would wake, with the reason; for those who lead them."""
    roster = Roster(Catalog(scope), People(scope), Links(scope), Contacts(scope))
    return await roster.asleep(users)


def _now(schedule: Schedule, at: datetime, people: Mapping[str, str]) -> OnCallView:
    coming = (one for one in _shifts(schedule, at, at + AHEAD, people) if one.starts > at)
    return OnCallView(
        schedule=schedule.id,
        name=schedule.name,
        team=schedule.team,
        timezone=str(schedule.timezone),
        on_call=tuple(_duty(one, people) for one in on_call(schedule, at)),
        next=next(coming, None),
    )


def _calendar(
    schedule: Schedule, since: datetime, until: datetime, people: Mapping[str, str]
) -> Calendar:
    empty = [
        Shift(user=None, name="", starts=gap.starts, ends=gap.ends)
        for gap in gaps(schedule, since, until)
    ]
    shifts = [*_shifts(schedule, since, until, people), *empty]
    return Calendar(
        schedule=schedule.id,
        name=schedule.name,
        team=schedule.team,
        timezone=str(schedule.timezone),
        shifts=tuple(sorted(shifts, key=lambda shift: shift.starts)),
        quality=quality(schedule, since),
    )


def _shifts(
    schedule: Schedule, since: datetime, until: datetime, people: Mapping[str, str]
) -> tuple[Shift, ...]:
    return tuple(
        Shift(
            user=one.user,
            name=people.get(one.user, one.user),
            starts=one.starts,
            ends=one.ends,
            override=one.override is not None,
        )
        for one in final_shifts(schedule, since, until)
    )


def _duty(one: OnCall, people: Mapping[str, str]) -> OnDuty:
    return OnDuty(
        user=one.user,
        name=people.get(one.user, one.user),
        since=one.since,
        until=one.until,
        override=one.override is not None,
        reason=one.reason,
    )
