"""Calendars that are layers of schedules: read again and again, the last good state kept."""

from domain.calendar_layer import (
    CalendarRead,
    CalendarState,
    ReadCalendar,
    ReadCalendars,
    Reading,
    Somebody,
    Wanted,
    after_another,
    after_failing,
    is_address,
    taken,
    wanted,
)
from domain.errors import Permanent, Retry
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit


async def read_all(unit: Unit, _job: ReadCalendars) -> None:
    """Owe each its reading; one that is owed already stays as it is."""
    for schedule in await unit.catalog.schedules.everything():
        for layer in schedule.layers:
            if layer.calendar and is_address(layer.calendar):
                job = ReadCalendar(schedule=schedule.id, layer=layer.name, source=layer.calendar)
                await unit.jobs.add(job, key=f"~calendar:{schedule.id}:{layer.name}")


async def load_calendar(unit: Unit, job: ReadCalendar) -> Wanted | None:
    """What to read, unless the layer has another calendar by now."""
    schedule = await unit.catalog.schedules.get(job.schedule)
    layers = schedule.layers if schedule else ()
    if schedule is None or (job.layer, job.source) not in {(a.name, a.calendar) for a in layers}:
        return None
    return wanted(schedule, job.source, unit.now)


async def read(ports: Ports, loaded: Wanted) -> Reading | str:
    """Read it, or say why that cannot be."""
    if ports.calendars is None:
        return "calendars are not read here"
    try:
        return await ports.calendars.read(loaded)
    except Permanent as refused:
        return str(refused)
    except Retry as busy:
        if not ports.last:
            raise
        return str(busy)


async def save_calendar(unit: Unit, job: ReadCalendar, outcome: Reading | str) -> None:
    """Keep what it says now; where it says nothing, what it said last."""
    before = await unit.calendars.of(job.schedule, job.layer)
    fresh = CalendarState(schedule=job.schedule, layer=job.layer, source=job.source)
    state = before if before and before.source == job.source else fresh
    if isinstance(outcome, str):
        await unit.calendars.keep(after_failing(state, outcome, unit.now))
        return
    await take(unit, state, outcome)


async def calendar_failed(unit: Unit, job: ReadCalendar, error: str) -> None:
    """As if it had said no."""
    await save_calendar(unit, job, error)


async def take(unit: Unit, state: CalendarState, reading: Reading) -> CalendarState:
    """Keep what a calendar says, for the people whom it names."""
    people = [
        Somebody(id=one.id, name=one.name, mail=one.email)
        for one in await unit.people.everybody()
        if one.active
    ]
    made = after_another(state, taken(reading, people), unit.now)
    await unit.calendars.keep(made)
    if made.shifts != state.shifts:
        fact = CalendarRead(schedule=made.schedule, layer=made.layer, count=len(made.shifts))
        await unit.facts.add(f"schedule:{made.schedule}", fact)
    return made


READ_CALENDARS = Reaction(ReadCalendars, read_all)
READ_CALENDAR = Effect(ReadCalendar, load_calendar, read, save_calendar, calendar_failed)
