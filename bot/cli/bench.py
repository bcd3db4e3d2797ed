"""`tocsin bench`: what this machine makes of Tocsin, beside a bare reference in the same run."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.bench import calendar, run_steps, runs, slack, timers
from bot.bench.runs import Figure
from bot.bench.servers import reference, tocsin
from bot.cli.output import command_line

app = command_line()
Seconds = Annotated[float, typer.Option(help="how long to send single-alert webhooks")]
Out = Annotated[Path | None, typer.Option(help="also write the figures to this file, as JSON")]


@app.command()
def bench(seconds: Seconds = 20.0, out: Out = None) -> None:
    """Measure ingestion, pages, commands, timers, runs, Slack's part and a year of shifts."""
    figures = asyncio.run(_measured(seconds))
    for figure in figures:
        typer.echo(_line(figure))
    if out:
        told = [vars(figure) | {"ratio": figure.ratio} for figure in figures]
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(told, indent=1))


async def _measured(seconds: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with tocsin(folder) as server, reference(folder) as bare:
            figures = [
                *await runs.command_to_answer(server, bare, 500),
                *await runs.alert_to_page(server, bare, 100),
                *await runs.incidents_a_minute(server, bare, 500),
                *await runs.ingestion(server, bare, seconds),
            ]
        figures += await timers.lateness(folder / "timers", 300)
        figures += await run_steps.runs_of_runbooks(folder / "runs", 20)
        figures += await slack.acknowledgements(folder, commands=500, presses=200)
    return [*figures, *calendar.year()]


def _line(figure: Figure) -> str:
    told = f"{figure.name:34} {figure.value:10.1f} {figure.unit:8}"
    if figure.ratio is None or figure.reference is None:
        return told
    return f"{told} reference {figure.reference:10.1f}   ratio {figure.ratio:5.2f}"
