"""Help for chat commands on the command line, from the registry."""

from collections.abc import Iterator

import typer

from bot.cli.output import USAGE, fail
from commands.discovery import registry
from domain.command import Command, Registry
from domain.derive import CliOption, cli_options


def print_help(noun: str, words: list[str]) -> None:
    """The verbs of a noun, or what one command takes."""
    known = registry()
    command = _spelled(known, " ".join((noun, *words)).lower())
    command = command or known.commands.get(" ".join((noun, *words[:1])))
    lines = _of_command(command) if command else _of_noun(noun, known.of_noun(noun))
    for line in lines:
        typer.echo(line)


def _spelled(known: Registry, typed: str) -> Command | None:
    """The command that has this whole spelling: ``me contact add``."""
    return next((one for one in known.commands.values() if typed in one.roots), None)


def _of_noun(noun: str, commands: tuple[Command, ...]) -> Iterator[str]:
    if not commands:
        fail(f"There is no command {noun}: tocsin --help lists them", USAGE)
    yield f"Usage: tocsin {noun} VERB …"
    yield ""
    width = max(len(one.verb) for one in commands)
    for one in commands:
        yield f"  {one.verb.ljust(width)}  {one.summary}"
    yield ""
    yield f"tocsin {noun} VERB --help tells more. On all of them: --dry-run, --json, --as PERSON."


def _of_command(command: Command) -> Iterator[str]:
    options = cli_options(command)
    yield f"Usage: tocsin {command.name} {' '.join(map(_usage, options))}".rstrip()
    yield ""
    yield f"  {command.summary}"
    yield ""
    width = max((len(_named(one)) for one in options), default=0)
    for one in options:
        yield f"  {_named(one).ljust(width)}  {one.help}"
    yield ""
    yield f"For example: tocsin {command.examples[0].removeprefix('/')}" if command.examples else ""


def _usage(option: CliOption) -> str:
    name = option.name.upper() if not option.flags else f"{option.flags[0]}{_value(option)}"
    return name if option.required else f"[{name}]"


def _named(option: CliOption) -> str:
    return ", ".join(option.flags) + _value(option) if option.flags else option.name.upper()


def _value(option: CliOption) -> str:
    return "" if option.type == "bool" else " …"
