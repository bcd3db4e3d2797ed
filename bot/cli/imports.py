"""`tocsin import`: what other programs know, taken over; ``--plan`` only shows it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import httpx2
import typer

from bot.cli.calendar_layer import as_layer
from bot.cli.client import PATIENCE_S, ask, need, reach
from bot.cli.import_runbooks import runbooks
from bot.cli.import_servers import servers
from bot.cli.output import (
    FAILED,
    UNAVAILABLE,
    USAGE,
    command_line,
    dry_run,
    fail,
    print_json,
    wants_json,
)
from domain.errors import Invalid
from integrations.calendar.absences import Calendar, absences
from integrations.calendar.events import Period

YEAR = timedelta(days=366)
Person = Annotated[str | None, typer.Option("--as", help="whose token (demo)")]

app = command_line("Take over what other programs know.")


@app.callback()
def imports() -> None:
    """Take over what other programs know."""


@app.command()
def ical(
    source: Annotated[str, typer.Argument(help="an .ics file, or its https address")],
    plan: Annotated[bool, typer.Option("--plan", help="only show what it would be")] = False,
    every: Annotated[bool, typer.Option("--every", help="every event, not only absences")] = False,
    schedule: Annotated[str, typer.Option(help="its events are shifts of this schedule")] = "",
    person: Person = None,
) -> None:
    """When you are away, from your calendar: only times are taken over, no titles.

    With a schedule the events are shifts of whom they name, as a layer on top of the others.
    """
    if schedule:
        as_layer(source, _text(source), schedule, plan=plan)
        return
    reached = reach()
    bearer = reached.bearer(person)
    me = need(ask(reached, "GET", "/console/api/me", bearer=bearer)).json()
    now = datetime.fromisoformat(me["now"])
    period = Period(now, now + YEAR, ZoneInfo(me["timezone"]))
    try:
        found = absences(_text(source), period, every=every)
    except Invalid as refused:
        fail(refused.text, USAGE)
    told = []
    for event in found.events if not plan else ():
        args = {
            "starts": event.starts.isoformat(),
            "ends": event.ends.isoformat(),
            "uid": event.uid,
        }
        answer = ask(
            reached, "POST", "/api/v1/commands/me/away", bearer=bearer,
            params={"dry_run": dry_run()}, json=args,
        )  # fmt: skip
        told.append(need(answer).json())
    _print(found, [one["text"] for one in told])


app.command()(servers)
app.command()(runbooks)


def _text(source: str) -> bytes:
    if not source.startswith(("http://", "https://")):
        try:
            return Path(source).read_bytes()
        except OSError as error:
            fail(f"{source} cannot be read: {error.strerror}", FAILED)
    try:
        answer = httpx2.get(source, timeout=PATIENCE_S, follow_redirects=True)
        answer.raise_for_status()
    except httpx2.HTTPError as error:
        fail(f"The calendar does not answer: {error}", UNAVAILABLE)
    return answer.content


def _print(found: Calendar, told: list[str]) -> None:
    if wants_json():
        times = [[one.starts.isoformat(), one.ends.isoformat()] for one in found.events]
        print_json({"absences": times, "left_out": found.left_out, "answers": told})
        return
    for line in told or [
        f"{one.starts:%Y-%m-%d %H:%M} to {one.ends:%Y-%m-%d %H:%M} UTC" for one in found.events
    ]:
        typer.echo(line)
    for one in found.left_out:
        typer.echo(f"left out: {one}")
    if not found.events:
        typer.echo("No absence is in it: --every takes every event.")
