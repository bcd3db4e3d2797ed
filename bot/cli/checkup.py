"""`tocsin doctor`: whether everything is as it should be."""

import asyncio
from collections.abc import Iterable
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot import doctor
from bot.cli.output import FAILED, MARKS, USAGE, command_line, fail, print_json, wants_json
from bot.cli.settled import first_line, quiet
from bot.layers import Loaded, load
from bot.settings import SettingsError
from bot.wiring import build, system_clock, system_ids
from domain.finding import Finding
from storage import migrations

app = command_line()


@app.command("doctor")
def look(
    only: Annotated[str | None, typer.Option(help="only these areas, by commas")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="fail on warnings too")] = False,
) -> None:
    """Look at settings, database, clock, tokens, schedules and the rest.

    Exit code 1 where something is wrong.
    """
    found = _found()
    if only is not None:
        found = tuple(one for one in found if one.area in only.split(","))
        if not found:
            fail(f"There is no area {only}", USAGE)
    if wants_json():
        print_json([one.model_dump() for one in found])
    else:
        print_findings(found)
    bad = ("failure", "warning") if strict else ("failure",)
    if any(one.level in bad for one in found):
        raise typer.Exit(FAILED)


def _found() -> tuple[Finding, ...]:
    try:
        loaded = load()
    except SettingsError as error:
        return tuple(Finding(area="config", level="failure", text=one) for one in error.problems)
    quiet(loaded.settings)
    try:
        schema = doctor.schema_found(migrations.status(loaded.settings.database))
        rest = asyncio.run(_examined(loaded)) if schema.level == "ok" else ()
    except (SQLAlchemyError, RuntimeError) as error:
        schema = Finding(area="database", level="failure", text=first_line(error))
        rest = ()
    return (*doctor.settings_found(loaded), schema, *rest)


async def _examined(loaded: Loaded) -> tuple[Finding, ...]:
    clock = system_clock()
    async with build(loaded.settings, clock, system_ids(clock)) as parts:
        try:
            return await doctor.examine(parts.core, loaded, parts.platforms)
        finally:
            for one in parts.platforms:
                await one.close()


def print_findings(found: Iterable[Finding]) -> None:
    """A mark, an area and a sentence for each; what to do beneath."""
    for one in found:
        typer.echo(f"{MARKS[one.level]} {one.area.ljust(10)} {one.text}")
        if one.fix:
            typer.echo(f"{' ' * 13}fix: {one.fix}")
