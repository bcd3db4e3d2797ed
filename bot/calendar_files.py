"""Calendars as layers of schedules, from files: read, matched to people, and what was left out."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.base import Frozen
from domain.calendar_layer import (
    AHEAD,
    BEFORE,
    CalendarState,
    ReadCalendars,
    Somebody,
    Taken,
    after_reading,
    is_address,
    moved,
    taken,
)
from domain.declared.items import Declared, Problem
from domain.errors import Invalid
from domain.schedule import Layer, Schedule
from integrations.calendar.events import Period
from integrations.calendar.shifts import shifts
from storage.calendars import with_shifts
from storage.unit import Unit

LARGEST = 2_000_000
SOON = "is read within a minute after apply, then every 15 minutes"


class CalendarsRead(Frozen):
    """Schedules with what their calendars say, how each calendar stands, and what is odd."""

    declared: tuple[Declared, ...]
    states: tuple[CalendarState, ...]
    problems: tuple[Problem, ...]


def period(zone: str, now: datetime) -> Period:
    """The time that matters of a calendar."""
    return Period(now - BEFORE, now + AHEAD, ZoneInfo(zone))


async def everybody(unit: Unit) -> tuple[Somebody, ...]:
    """Whom a calendar may name."""
    return tuple(
        Somebody(id=one.id, name=one.name, mail=one.email)
        for one in await unit.people.everybody()
        if one.active
    )


async def calendars_of(unit: Unit, declared: Iterable[Declared], directory: Path) -> CalendarsRead:
    """Read the calendars of declared schedules that are files beside them; those behind addresses
    are as they were read last."""
    people = await everybody(unit)
    known = {(one.schedule, one.layer): one for one in await unit.calendars.everything()}
    made: list[Declared] = []
    states: list[CalendarState] = []
    problems: list[Problem] = []
    for one in declared:
        if not isinstance(one.value, Schedule):
            made.append(one)
            continue
        for place, layer in _calendars(one.value):
            found = _state(one.value, layer, known.get((one.value.id, layer.name)))
            if is_address(found.source):
                soon = Problem(origin=one.at(place), text=f"{layer.name} {SOON}", warning=True)
                problems += [] if found.read_at else [soon]
            else:
                found, told = _from_file(one, place, found, directory, (people, unit.now))
                problems += told
            states.append(found)
        theirs = [each for each in states if each.schedule == one.value.id]
        made.append(one.model_copy(update={"value": with_shifts(one.value, theirs)}))
    return CalendarsRead(declared=tuple(made), states=tuple(states), problems=tuple(problems))


async def keep_calendars(unit: Unit, read: CalendarsRead) -> None:
    """Keep what was read of files, forget calendars that no layer has any more, and owe those
    behind addresses their reading."""
    for one in read.declared:
        if isinstance(one.value, Schedule):
            names = [layer.name for _, layer in _calendars(one.value)]
            await unit.calendars.forget(one.value.id, names)
    for state in read.states:
        await unit.calendars.keep(state)
    if any(is_address(one.source) for one in read.states):
        await unit.jobs.add(ReadCalendars(), key="~calendars")


def _calendars(schedule: Schedule) -> Iterator[tuple[str, Layer]]:
    for number, layer in enumerate(schedule.layers):
        if layer.calendar:
            yield f"layers.{number}.calendar", layer


def _state(schedule: Schedule, layer: Layer, known: CalendarState | None) -> CalendarState:
    source = layer.calendar or ""
    if known and known.source == source:
        return known
    if known and is_address(source):
        return moved(known, source)
    return CalendarState(schedule=schedule.id, layer=layer.name, source=source)


def _from_file(
    one: Declared,
    place: str,
    state: CalendarState,
    directory: Path,
    seen: tuple[tuple[Somebody, ...], datetime],
) -> tuple[CalendarState, list[Problem]]:
    people, now = seen
    zone = one.value.timezone if isinstance(one.value, Schedule) else "UTC"
    try:
        text = _beside(directory, one.file, state.source)
        found = read_calendar(text, zone, people, now)
    except OSError as error:
        told = f"{state.source} cannot be read: {error.strerror}"
        return state, [Problem(origin=one.at(place), text=told)]
    except Invalid as wrong:
        return state, [Problem(origin=one.at(place), text=f"{state.source}: {wrong.text}")]
    left = [
        Problem(origin=one.at(place), text=f"{state.source}: left out: {why}", warning=True)
        for why in found.left_out
    ]
    return after_reading(state, found, now), left


def _beside(directory: Path, file: str, source: str) -> bytes:
    """A calendar that lies with the files that name it. Raises `Invalid` for any other."""
    path = ((directory / file).parent / source).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise Invalid("a calendar lies in the directory of the files that name it.")
    if path.exists() and not path.is_file():
        raise Invalid("it is no file.")
    with path.open("rb") as opened:
        text = opened.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise Invalid("it is larger than 2 MB.")
    return text


def read_calendar(text: bytes, zone: str, people: tuple[Somebody, ...], now: datetime) -> Taken:
    """The shifts of a calendar. Raises `Invalid` where it is none."""
    return taken(shifts(text, period(zone, now)), people)
