"""`tocsin demo`: a running Tocsin with a made-up company, on this machine only."""

import asyncio
import json
import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx2
import typer

from bot.cli.client import DEMO_FILE, Reached
from bot.cli.output import USAGE, command_line, fail
from bot.cli.send import play_scenario
from bot.cli.settled import log_as_told, quiet, running, settled
from bot.clock import restore
from bot.configuration import Settings
from bot.demo.outside import beyond_this_machine, refusal
from bot.demo.scenarios import SCENARIOS
from bot.demo.seed import Seeded, enter
from bot.demo.world import PLATFORM
from bot.lifecycle import run
from bot.site import listeners
from bot.starting import DEMO, NotStarted, claim, prepared
from bot.wiring import Parts, build, offset_clock, system_ids

app = command_line()


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="port to listen on (PORT)")] = None,
    scenario: Annotated[str | None, typer.Option(help=", ".join(SCENARIOS))] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="open no browser")] = False,
    with_real_chat: Annotated[
        bool, typer.Option("--with-real-chat", help="speak in chats that are not on this machine")
    ] = False,
) -> None:
    """Start a Tocsin with four people, 21 services and a clock that can be moved."""
    if scenario is not None and scenario not in SCENARIOS:
        fail(f"There is no scenario {scenario}: type one of {', '.join(SCENARIOS)}", USAGE)
    loaded = settled({"port": port})
    outside = beyond_this_machine(loaded.settings)
    if outside and not with_real_chat:
        fail(refusal(outside), USAGE)
    policy = loaded.settings.default_policy or PLATFORM
    settings = loaded.settings.model_copy(update={"default_policy": policy})
    watched = sys.stdout.isatty() and "log_level" not in loaded.origins
    (quiet if watched else log_as_told)(settings)
    try:
        with prepared(settings, DEMO), _file(settings.data_dir / DEMO_FILE) as file:
            running(lambda: _main(settings, Show(file, scenario, not no_browser)))
    except NotStarted as error:
        fail(str(error), error.code)


class Show:
    """What the demo does once it runs: it writes its file, tells about itself, and plays."""

    def __init__(self, file: Path, scenario: str | None, browser: bool) -> None:
        self.file = file
        self.scenario = scenario
        self.browser = browser
        self.playing: set[asyncio.Task[None]] = set()

    async def begin(self, parts: Parts, seeded: Seeded) -> None:
        """Tell programs by the file, and people by the terminal, that the demo is ready."""
        url = parts.settings.address
        write_private(self.file, json.dumps({"url": url, **seeded.model_dump()}, indent=2))
        link = f"{url}/login?key={seeded.tokens['alice']}&next=/chat"
        for line in banner(parts.settings, link):
            typer.echo(line)
        reached = Reached(url, seeded.tokens, None, seeded.hooks_token)
        if self.scenario:
            self._play(reached, self.scenario)
        if sys.stdin.isatty() and sys.stdout.isatty():
            self._break_on_enter(reached)
            if self.browser:
                open_window(link)

    def _break_on_enter(self, reached: Reached) -> None:
        def entered() -> None:
            if sys.stdin.readline():
                self._play(reached, "bad-deploy")
            else:
                asyncio.get_running_loop().remove_reader(sys.stdin)

        asyncio.get_running_loop().add_reader(sys.stdin, entered)

    def _play(self, reached: Reached, name: str) -> None:
        typer.echo(f"  Playing {name}: look at {reached.url}/chat")
        task = asyncio.create_task(_played(reached, name))
        self.playing.add(task)
        task.add_done_callback(self.playing.discard)


async def _played(reached: Reached, name: str) -> None:
    try:
        await play_scenario(reached, name, move_clock=True)
    except httpx2.HTTPError as error:
        typer.echo(f"  {name} was not played to its end: {type(error).__name__}")


async def _main(settings: Settings, show: Show) -> None:
    clock = offset_clock()
    async with build(settings, clock, system_ids(clock), demo=True) as parts:
        await claim(parts.store, DEMO)
        await restore(parts.store, clock)
        seeded = await enter(parts.store)
        await run(parts, DEMO, listeners(parts), lambda: show.begin(parts, seeded))


def banner(settings: Settings, link: str) -> Iterator[str]:
    """What a person needs to know to begin; ``link`` logs a browser in."""
    url = settings.address
    where = f"{settings.data_dir / 'tocsin.db'} (SQLite)" if settings.sqlite else "PostgreSQL"
    model = settings.llm.model if settings.anthropic_api_key else "off (no ANTHROPIC_API_KEY)"
    yield ""
    yield f"  Data   {where}"
    yield f"  Chat   {link}"
    yield f"  Pages  {url}"
    yield f"  AI     {model}: rules classify, everything works without a model"
    yield "  People alice (commander, admin), bob (on call), carol (second), dave (viewer)"
    yield f"  Tokens {settings.data_dir / DEMO_FILE}"
    yield ""
    yield "  Press Enter to break something, or open the link. Ctrl-C ends the demo."
    yield ""


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; whoever reads it finds it whole."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


@contextmanager
def _file(path: Path) -> Iterator[Path]:
    """The file that tells programs of a running demo: gone before it runs and afterwards."""
    path.unlink(missing_ok=True)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def open_window(url: str) -> None:
    """Open a browser that has a window of its own; one in this terminal would take it over."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return
    if type(found) is not webbrowser.GenericBrowser:
        found.open(url)
