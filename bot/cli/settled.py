"""Settings for a command: loaded, or the program ends with everything that is wrong."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.cli.output import FAILED, NOT_FOUND, UNAVAILABLE, USAGE, dry_run, fail
from bot.configuration import Settings
from bot.layers import Loaded, load
from bot.settings import SettingsError
from bot.starting import NotStarted
from bot.wiring import Core, open_core, system_clock, system_ids
from domain.errors import NotFound, Refused
from storage import migrations
from storage.store import Act
from storage.unit import Unit

Made = TypeVar("Made")
OPERATOR = Act("operator", "cli")


def settled(flags: Mapping[str, Any] | None = None) -> Loaded:
    """The settings, flags that were given over everything else."""
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        return load(given)
    except SettingsError as error:
        fail(str(error), USAGE)


def quiet(settings: Settings) -> None:
    """Log for a person at a terminal: only what went wrong, and beside the answer."""
    logs.configure("warning", as_json=False, secrets=settings.secrets(), stream=sys.stderr)


def log_as_told(settings: Settings) -> None:
    """Log for a server, to standard output."""
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stdout.isatty()
    )
    logs.configure(settings.log_level, as_json=as_json, secrets=settings.secrets())


def on_database(work: Callable[[Core], Awaitable[Made]]) -> Made:
    """Do ``work`` on the database of the settings, and end well or with a sentence."""
    settings = settled().settings
    quiet(settings)
    try:
        if not migrations.status(settings.database).fits:
            fail("The database is not migrated: run tocsin db migrate", FAILED)
        return asyncio.run(_worked(settings, work))
    except NotFound as missing:
        fail(missing.text, NOT_FOUND)
    except Refused as refusal:
        fail(refusal.text, FAILED)
    except SQLAlchemyError as error:
        fail(f"The database does not answer: {first_line(error)}", UNAVAILABLE)


def running(main: Callable[[], Awaitable[None]]) -> None:
    """Run a server to its end on the fastest loop there is; or say why it does not start."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(main())  # type: ignore[arg-type] # an async function makes a coroutine
    except NotStarted as error:
        fail(str(error), error.code)
    except SQLAlchemyError as error:
        fail(f"The database does not answer: {first_line(error)}", UNAVAILABLE)


def first_line(error: Exception) -> str:
    """What an error says, without the statement that it came from."""
    return str(error).partition("\n")[0]


@asynccontextmanager
async def writing(core: Core) -> AsyncIterator[Unit]:
    """A write unit for whoever may use the database itself; a dry run throws it away."""
    try:
        async with core.store.write(OPERATOR) as unit:
            yield unit
            if dry_run():
                raise _Undone
    except _Undone:
        pass


class _Undone(Exception):
    """Nothing was wrong; the unit is thrown away."""


async def _worked(settings: Settings, work: Callable[[Core], Awaitable[Made]]) -> Made:
    clock = system_clock()
    core = open_core(settings, clock, system_ids(clock))
    try:
        return await work(core)
    finally:
        await core.close()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
