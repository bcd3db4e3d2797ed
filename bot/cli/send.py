"""`tocsin send`: example alerts and scenarios, through the same door as every sender's."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Annotated

import httpx2
import typer
from pydantic import JsonValue

from bot.cli.client import PATIENCE_S, Reached, ask, need, reach
from bot.cli.output import DENIED, NOT_FOUND, UNAVAILABLE, USAGE, command_line, dry_run, fail, tell
from bot.demo.play import play
from bot.demo.scenarios import EXAMPLES, SCENARIOS, example, scenario
from domain.errors import NotFound

NOW = "x-tocsin-now"
To = Annotated[str | None, typer.Option("--to", help="where Tocsin runs (TOCSIN_URL)")]
Token = Annotated[str | None, typer.Option(help="a token that may send events (TOCSIN_TOKEN)")]

app = command_line("Send example alerts or a scenario to a running Tocsin.")


@app.callback()
def send() -> None:
    """Send something to a running Tocsin."""


@app.command()
def alert(
    source: Annotated[str | None, typer.Option("--example", help=", ".join(EXAMPLES))] = None,
    name: Annotated[str | None, typer.Option("--scenario", help=", ".join(SCENARIOS))] = None,
    to: To = None,
    token: Token = None,
) -> None:
    """Send one alert as a sender would (--example), or play a scenario (--scenario)."""
    reached = reached_at(to, token)
    if (source is None) == (name is None):
        fail("Say what to send: --example SOURCE or --scenario NAME", USAGE)
    try:
        if source is not None:
            _one(reached, source)
        elif name is not None:
            _scenario(reached, name)
    except NotFound as missing:
        fail(missing.text, NOT_FOUND)


@app.command()
def deploy(
    service: Annotated[str, typer.Argument(help="which service")],
    version: Annotated[str, typer.Argument(help="which version went out")],
    more: Annotated[
        list[str] | None,
        typer.Argument(help="env=staging status=failure migration=no commit=… url=… id=…"),
    ] = None,
    to: To = None,
    token: Token = None,
) -> None:
    """Tell of a deployment, as the last step of any pipeline can."""
    told = dict(_pair(one) for one in more or ())
    body: JsonValue = {"deploy": service, "version": version, **told}
    _post(reached_at(to, token), "generic", body, f"{service} {version}")


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    return (name, value) if equals else fail(f"{word} is no name=value", USAGE)


async def play_scenario(reached: Reached, name: str, *, move_clock: bool) -> None:
    """Send a scenario's deliveries; between them move the demo's clock, or wait.

    Raises `NotFound` for an unknown scenario and `httpx2.HTTPError`.
    """
    hooks = {"Authorization": f"Bearer {hooks_token(reached)}"}
    async with httpx2.AsyncClient(base_url=reached.url, timeout=PATIENCE_S) as client:

        async def post(source: str, body: JsonValue) -> None:
            answer = await client.post(f"/hooks/{source}", json=body, headers=hooks)
            answer.raise_for_status()

        async def forward(by: timedelta) -> None:
            if by > timedelta(0):
                said = {"advance": f"PT{by.total_seconds():g}S"}
                person = {"Authorization": f"Bearer {reached.bearer()}"}
                await client.post("/console/api/clock", json=said, headers=person)

        async def wait(by: timedelta) -> None:
            await asyncio.sleep(by.total_seconds())

        now = _now(await client.get("/livez"))
        await play(scenario(name, now), post, forward if move_clock else wait)


def reached_at(to: str | None, token: str | None) -> Reached:
    """Where to send, and with which token: as said, else as settled."""
    known = reach()
    if to is not None:
        known = Reached(to.rstrip("/"), {}, known.token, None)
    return known if token is None else Reached(known.url, known.tokens, known.token, token)


def _one(reached: Reached, source: str) -> None:
    _post(reached, source, example(source, _server_now(reached)), "1 alert")


def _post(reached: Reached, source: str, body: JsonValue, what: str) -> None:
    """Send a body through its source's door; in a rehearsal only show it."""
    if dry_run():
        typer.echo(json.dumps(body, indent=2))
        return
    bearer = hooks_token(reached)
    answer = need(ask(reached, "POST", f"/hooks/{source}", bearer=bearer, json=body)).json()
    tell(answer, f"Sent to {reached.url}: {what} accepted.")


def _scenario(reached: Reached, name: str) -> None:
    deliveries = scenario(name, _server_now(reached))
    told = {"scenario": name, "deliveries": len(deliveries), "url": reached.url}
    if not dry_run():
        try:
            asyncio.run(play_scenario(reached, name, move_clock=bool(reached.tokens)))
        except httpx2.HTTPError as error:
            reason = str(error) or type(error).__name__
            fail(f"Tocsin at {reached.url} did not take it: {reason}", UNAVAILABLE)
    tell(told, f"{name}: {len(deliveries)} deliveries to {reached.url}.")


def hooks_token(reached: Reached) -> str:
    """A token that may send events; ends the program where there is none."""
    token = reached.hooks_token or reached.token
    return token or fail("Say --token, or set TOCSIN_TOKEN to one that may send events", DENIED)


def _server_now(reached: Reached) -> datetime:
    return _now(ask(reached, "GET", "/livez", bearer="none"))


def _now(answer: httpx2.Response) -> datetime:
    """The server's time: the demo's clock may be ahead of ours."""
    return datetime.fromisoformat(answer.headers[NOW])
