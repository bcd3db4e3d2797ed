"""`tocsin import servers`: from SSH's own configuration or an Ansible inventory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.output import FAILED, USAGE, dry_run, fail, print_json, show, wants_json
from bot.cli.settled import on_database, writing
from bot.wiring import Core
from domain.declared.items import ConfigurationChanged
from domain.inventory import Adopted, Adoption, Inventory, Usual, adoption
from domain.page_card import counted
from domain.server import Server
from integrations.inventory import read
from integrations.inventory.known_hosts import keys_of
from storage.unit import Unit

MARKS = {"create": "+", "change": "~", "keep": "="}
DONE = {"create": "new", "change": "changed", "keep": "kept"}


def servers(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="~/.ssh/config, or an inventory")],
    plan: Annotated[bool, typer.Option("--plan", help="only show what it would be")] = False,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="user, environment or team of new ones"),
    ] = None,
    known_hosts: Annotated[
        Path | None, typer.Option(help="pin the host keys that this file has for them")
    ] = None,
) -> None:
    """Servers from an SSH configuration or an Ansible inventory; keys are pinned by people."""
    try:
        inventory = read(source.name, _text(source))
        known = _text(known_hosts) if known_hosts else ""
        keys = keys_of(known, inventory.servers)
    except ValueError as wrong:
        fail(str(wrong), USAGE)
    usual = _usual(given or [])
    only_shown = plan or dry_run()

    async def work(core: Core) -> Adoption:
        async with core.store.read() as unit:
            made = await _planned(unit, inventory, usual, keys)
        if only_shown or not made.servers:
            return made
        async with writing(core) as unit:
            made = await _planned(unit, inventory, usual, keys)
            await _carried_out(unit, made, source.name)
            return made

    _print(on_database(work), "Planned" if only_shown else "Done")


def _usual(given: list[str]) -> Usual:
    told = dict(one.split("=", 1) for one in given if "=" in one)
    if len(told) != len(given) or not told.keys() <= Usual.model_fields.keys():
        fail(f"--set takes {', '.join(Usual.model_fields)}, like --set user=ops", USAGE)
    return Usual.model_validate(told)


def _text(path: Path) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}", FAILED)


async def _planned(
    unit: Unit, inventory: Inventory, usual: Usual, keys: Mapping[str, tuple[str, ...]]
) -> Adoption:
    if usual.team is not None:
        await unit.catalog.teams.need(usual.team)
    present: dict[str, tuple[Server, str | None]] = await unit.catalog.servers.present()
    return adoption(inventory, present, usual, keys)


async def _carried_out(unit: Unit, made: Adoption, file: str) -> None:
    for one in made.servers:
        if one.action == "keep":
            continue
        await unit.catalog.servers.put(one.server)
        fields = f"({', '.join(one.fields)})" if one.fields else ""
        fact = ConfigurationChanged(
            action=one.action, noun="server", name=one.server.id, fields=fields, file=file
        )
        await unit.facts.add(f"server:{one.server.id}", fact)


def _print(made: Adoption, verb: str) -> None:
    """What becomes of each server, then every line that was not understood."""
    if wants_json():
        servers = [one.server.model_dump(mode="json") | {"": one.action} for one in made.servers]
        rows = [dict(row, action=row.pop("")) for row in servers]
        left_out = [one.model_dump() for one in made.left_out]
        print_json({"servers": rows, "left_out": left_out, "dry_run": verb == "Planned"})
        return
    show([_row(one) for one in made.servers])
    for missed in made.left_out:
        typer.echo(f"! {missed}", err=True)
    counts = [f"{sum(one.action == name for one in made.servers)} {DONE[name]}" for name in DONE]
    bare = sum(not one.server.host_keys for one in made.servers)
    typer.echo(
        f"{verb}: {', '.join(counts)}; {counted(len(made.left_out), 'line')} not taken over."
    )
    if bare:
        typer.echo(
            f"{bare} have no pinned host key, and nothing runs there: /server test shows it."
        )


def _row(one: Adopted) -> dict[str, Any]:
    server = one.server
    return {
        "": MARKS[one.action],
        "server": server.id,
        "address": f"{server.user}@{server.host}:{server.port}",
        "over": server.jump or "–",
        "groups": ", ".join(server.groups) or "–",
        "host key": "pinned" if server.host_keys else "none",
        "changes": ", ".join(one.fields),
    }
