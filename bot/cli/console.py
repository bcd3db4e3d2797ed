"""`tocsin chat`: the built-in chat in this terminal."""

import asyncio
from typing import Annotated

import httpx2
import typer

from bot.cli.chat import run_chat
from bot.cli.client import ask, need, reach
from bot.cli.output import UNAVAILABLE, command_line, fail

app = command_line()


@app.command()
def chat(
    person: Annotated[str | None, typer.Option("--as", help="who begins (demo)")] = None,
) -> None:
    """Chat with a running Tocsin: TOCSIN_URL and TOCSIN_TOKEN, or the demo on this machine."""
    reached = reach()
    bearer = reached.bearer(person)
    me = str(need(ask(reached, "GET", "/console/api/me", bearer=bearer)).json()["id"])
    tokens = reached.tokens or {me: bearer}
    try:
        asyncio.run(run_chat(reached.url, tokens, me))
    except httpx2.HTTPError as error:
        fail(f"Tocsin at {reached.url} went away: {type(error).__name__}", UNAVAILABLE)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
