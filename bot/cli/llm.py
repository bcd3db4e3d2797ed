"""`tocsin llm preview`: what would leave the building for an incident, word for word."""

from collections.abc import AsyncIterator
from typing import Annotated

import typer

from bot.cli.output import command_line, print_json, wants_json
from bot.cli.settled import on_database
from bot.wiring import Core
from domain.incident_jobs import DraftPostmortem, ReadCatchup, Refine
from domain.ports import Query
from jobs import catchups, postmortems, refine
from prompts.render import render
from storage.unit import Unit

app = command_line("What a language model would be told.")


@app.callback()
def llm() -> None:
    """What a language model would be told."""


@app.command()
def preview(incident: Annotated[str, typer.Argument(help="INC-42")]) -> None:
    """Print every text that a model would be sent about an incident; nothing is sent."""
    found = on_database(lambda core: _texts(core, incident.upper()))
    if wants_json():
        print_json(found)
        return
    if not found:
        typer.echo(f"Nothing: {incident} has ended, is private, or no purpose is allowed.")
    for one in found:
        typer.echo(f"── {one['prompt']} ──\n{one['system']}\n\n{one['request']}\n")


async def _texts(core: Core, incident: str) -> list[dict[str, str]]:
    may = core.settings.llm.private
    async with core.store.read() as unit:
        queries = [query async for query in _queries(unit, incident) if may or not query.private]
    return [_text(core, query) for query in queries]


async def _queries(unit: Unit, incident: str) -> AsyncIterator[Query]:
    if reading := await refine.load(unit, Refine(incident=incident)):
        yield reading.query
    anybody = ReadCatchup(incident=incident, reader="", asked="")
    if told := await catchups.load(unit, anybody):
        yield told
    material = await postmortems.load(unit, DraftPostmortem(incident=incident))
    if material and material.query:
        yield material.query


def _text(core: Core, query: Query) -> dict[str, str]:
    purpose = render(query.prompt, query.values, core.secrets)
    return {"prompt": purpose.prompt, "system": purpose.system, "request": purpose.request}
