"""`tocsin import ical … --schedule`: a calendar whose events are shifts becomes a layer."""

from pathlib import Path
from typing import Any

import typer

from bot.calendar_files import everybody, read_calendar
from bot.cli.output import FAILED, NOT_FOUND, USAGE, fail, print_json, wants_json
from bot.cli.settled import on_database, writing
from bot.wiring import Core
from domain.calendar_layer import (
    CalendarRead,
    CalendarState,
    ReadCalendars,
    Taken,
    after_reading,
    is_address,
)
from domain.declared.items import ConfigurationChanged
from domain.errors import Invalid
from domain.schedule import Layer, Schedule
from storage.unit import Unit

LAYER = "calendar"
FROM_FILE = (
    "{schedule} comes from {file}: write `calendar: {source}` as a layer there and apply it."
)
TAKEN = "{schedule} has a layer {layer} that is no calendar: rename it first."


def as_layer(source: str, text: bytes, schedule: str, *, plan: bool) -> None:
    """Put the calendar on top of the schedule, or on ``plan`` show what it would be."""
    name = source if is_address(source) else Path(source).name

    async def work(core: Core) -> Taken:
        async with core.store.read() as unit:
            found, taken = await _read(unit, text, schedule)
        if not plan:
            async with writing(core) as unit:
                await put(unit, found, name, taken)
        return taken

    _show(on_database(work), schedule)


async def _read(unit: Unit, text: bytes, name: str) -> tuple[Schedule, Taken]:
    found = await unit.catalog.schedules.get(name)
    if found is None:
        fail(f"There is no schedule {name}: see tocsin oncall who.", NOT_FOUND)
    try:
        return found, read_calendar(text, found.timezone, await everybody(unit), unit.now)
    except Invalid as refused:
        fail(refused.text, USAGE)


async def put(unit: Unit, schedule: Schedule, source: str, taken: Taken) -> None:
    """Make it the schedule's highest layer, unless a file says which layers there are."""
    _, file = (await unit.catalog.schedules.present())[schedule.id]
    if file:
        fail(FROM_FILE.format(schedule=schedule.id, file=file, source=source), FAILED)
    layers = {one.name: one for one in schedule.layers}
    if LAYER in layers and layers[LAYER].calendar is None:
        fail(TAKEN.format(schedule=schedule.id, layer=LAYER), FAILED)
    made = layers | {LAYER: Layer(name=LAYER, calendar=source)}
    changed = schedule.model_copy(update={"layers": tuple(made.values())})
    await unit.catalog.schedules.put(changed)
    state = CalendarState(schedule=schedule.id, layer=LAYER, source=source)
    await unit.calendars.keep(after_reading(state, taken, unit.now))
    await _tell(unit, schedule.id, source, len(taken.shifts))


async def _tell(unit: Unit, schedule: str, source: str, count: int) -> None:
    told = ConfigurationChanged(
        action="change", noun="schedule", name=schedule, fields="(layers)", file="a calendar"
    )
    await unit.facts.add(f"schedule:{schedule}", told)
    read = CalendarRead(schedule=schedule, layer=LAYER, count=count)
    await unit.facts.add(f"schedule:{schedule}", read)
    if is_address(source):
        await unit.jobs.add(ReadCalendars(), key="~calendars")


def _show(taken: Taken, schedule: str) -> None:
    shifts: list[dict[str, Any]] = [one.model_dump(mode="json") for one in taken.shifts]
    if wants_json():
        print_json({"schedule": schedule, "shifts": shifts, "left_out": taken.left_out})
        return
    for one in taken.shifts:
        typer.echo(f"{one.user}: {one.starts:%Y-%m-%d %H:%M} to {one.ends:%Y-%m-%d %H:%M} UTC")
    for why in taken.left_out:
        typer.echo(f"left out: {why}")
    if not taken.shifts:
        typer.echo("No shift is in it.")
