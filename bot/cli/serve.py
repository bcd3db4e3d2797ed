"""`tocsin up`, `web` and `worker`: the processes of an installation."""

from typing import Annotated, Any

import typer

from bot.cli.output import command_line, fail
from bot.cli.settled import log_as_told, running, settled
from bot.configuration import Settings
from bot.lifecycle import run
from bot.site import listeners
from bot.starting import GATEWAY, UP, WEB, WORKER, Mode, NotStarted, claim, need_somebody, prepared
from bot.wiring import Parts, build, system_clock, system_ids

Host = Annotated[str | None, typer.Option(help="address to listen on (TOCSIN_HOST)")]
Port = Annotated[int | None, typer.Option(help="port to listen on (PORT)")]

up, web, worker, gateway = (command_line() for _ in range(4))


@up.command()
def everything(host: Host = None, port: Port = None) -> None:
    """Serve HTTP and carry out jobs in one process. SQLite needs no other set-up."""
    _serve(UP, {"host": host, "port": port})


@web.command()
def only_http(host: Host = None, port: Port = None) -> None:
    """Serve HTTP; jobs are carried out by `tocsin worker`. Needs PostgreSQL."""
    _serve(WEB, {"host": host, "port": port})


@worker.command()
def only_jobs() -> None:
    """Carry out jobs; several may run. Needs PostgreSQL."""
    _serve(WORKER, {})


@gateway.command()
def only_gateway() -> None:
    """Hold the connections of Slack and Discord; several may run. Needs PostgreSQL."""
    _serve(GATEWAY, {})


def _serve(mode: Mode, flags: dict[str, Any]) -> None:
    settings = settled(flags).settings
    log_as_told(settings)
    try:
        with prepared(settings, mode):
            running(lambda: _main(settings, mode))
    except NotStarted as error:
        fail(str(error), error.code)


async def _main(settings: Settings, mode: Mode) -> None:
    clock = system_clock()
    async with build(settings, clock, system_ids(clock)) as parts:
        await claim(parts.store, mode)
        await need_somebody(parts.store, settings)
        answered = listeners(parts) if mode.serves else ()
        await run(parts, mode, answered, lambda: _told(parts, mode))


async def _told(parts: Parts, mode: Mode) -> None:
    """At the first start, say how anybody gets in."""
    if not mode.serves:
        return
    typer.echo(f"Tocsin listens on {parts.settings.address}")
    async with parts.store.read() as unit:
        known = await unit.people.everybody()
    if not known:
        typer.echo("Nobody can log in yet: tocsin user add NAME --role admin")
