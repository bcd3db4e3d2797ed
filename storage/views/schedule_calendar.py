"""A schedule as a calendar draws it: the final line, layers and their calendars, overrides, who is
away."""

from datetime import datetime

from sqlalchemy import select

from domain.absence import Absence
from domain.base import Frozen
from domain.calendar_layer import CalendarState
from domain.schedule import FinalShift, Gap, Schedule, final_shifts, gaps
from storage.calendars import Calendars
from storage.scope import Scope
from storage.tables.catalog import absences


class Line(Frozen):
    """One layer by itself."""

    name: str
    shifts: tuple[FinalShift, ...]


class ScheduleCalendar(Frozen):
    """``schedule`` in a window: ``final`` is who answers, by their start, ``gaps`` when nobody
    does; ``absences`` are those of its people, ``calendars`` how those of its layers stand."""

    schedule: Schedule
    final: tuple[FinalShift, ...]
    gaps: tuple[Gap, ...]
    layers: tuple[Line, ...]
    absences: tuple[Absence, ...]
    calendars: tuple[CalendarState, ...]


async def drawn(
    scope: Scope, found: Schedule, since: datetime, until: datetime
) -> ScheduleCalendar:
    """The schedule in [since, until)."""
    bare = found.model_copy(update={"overrides": ()})
    alone = [bare.model_copy(update={"layers": (one,)}) for one in found.layers]
    lines = [Line(name=one.layers[0].name, shifts=final_shifts(one, since, until)) for one in alone]
    return ScheduleCalendar(
        schedule=found,
        final=final_shifts(found, since, until),
        gaps=gaps(found, since, until),
        layers=tuple(lines),
        absences=await _away(scope, found, since, until),
        calendars=tuple(
            one for one in await Calendars(scope).everything() if one.schedule == found.id
        ),
    )


async def _away(
    scope: Scope, schedule: Schedule, since: datetime, until: datetime
) -> tuple[Absence, ...]:
    people = {*schedule.people, *(one.user for one in schedule.overrides)}
    wanted = (
        absences.c.user.in_(people),
        absences.c.starts < until,
        absences.c.ends > since,
    )
    query = select(absences).where(*wanted).order_by(absences.c.starts, absences.c.id)
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(Absence.model_validate(dict(row)) for row in rows)
