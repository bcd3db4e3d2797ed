"""The command line: our own commands by name; every other first word is a chat command's noun.

Modules are imported when their command is used, so that a start takes well under half a second.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NoReturn, cast

import typer

from bot.cli.output import USAGE, without_common
from domain.suggest import nearest

PROGRAM = "tocsin"
HELP = ("--help", "-h")
CHAT = Path(__file__).parents[2] / "commands"
NO_NOUNS = ("context", "discovery")


@dataclass(frozen=True)
class Own:
    """A command of the command line itself: where it is, and what it is for."""

    module: str
    told: str
    app: str = "app"


OWN = {
    "demo": Own("demo", "A running Tocsin with a made-up company, to try things out"),
    "up": Own("serve", "Everything in one process", "up"),
    "web": Own("serve", "Only HTTP; needs PostgreSQL", "web"),
    "worker": Own("serve", "Only jobs; needs PostgreSQL", "worker"),
    "gateway": Own("serve", "Only a platform's connection; needs PostgreSQL", "gateway"),
    "chat": Own("console", "The chat in this terminal"),
    "send": Own("send", "Send example alerts or a scenario to a running Tocsin"),
    "replay": Own("replay", "Send recorded webhook bodies again"),
    "connect": Own("connect", "Let Slack, Discord or Teams in, step by step"),
    "doctor": Own("checkup", "Look whether everything is as it should be"),
    "db": Own("database", "Migrate the database, or see where it stands"),
    "config": Own("config", "Check the settings, or see where each comes from"),
    "plan": Own("organisation", "What applying files would change", "plan_app"),
    "apply": Own("organisation", "Teams, services, schedules and the rest from files", "apply_app"),
    "import": Own("imports", "Take over what other programs know"),
    "export": Own("organisation", "All of that as one file", "export_app"),
    "schema": Own("organisation", "The JSON schema of such files", "schema_app"),
    "audit": Own("audit", "Verify the audit trail"),
    "keys": Own("keys", "Which secret keys are in use"),
    "user": Own("user", "People and their roles"),
    "token": Own("token", "API and webhook tokens"),
    "access": Own("access", "Who can do what"),
    "eval": Own("evaluate", "What the rules make of labelled incidents"),
    "bench": Own("bench", "Measure this machine, beside a bare reference"),
    "llm": Own("llm", "What a language model would be told"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name, and exit with its code."""
    words = without_common(list(sys.argv[1:] if arguments is None else arguments))
    if not words or words[0] in HELP:
        typer.echo("\n".join(overview()))
        sys.exit(0 if words else USAGE)
    name, rest = words[0], words[1:]
    if name in OWN:
        application(name)(args=rest, prog_name=f"{PROGRAM} {name}")
    _chat(name)(args=rest, prog_name=f"{PROGRAM} {name}")


def application(name: str) -> typer.Typer:
    """The command line of one of our own commands."""
    own = OWN[name]
    return cast("typer.Typer", getattr(import_module(f"bot.cli.{own.module}"), own.app))


def nouns() -> tuple[str, ...]:
    """What chat commands begin with: each has a file or folder of its name."""
    found = sorted(module.name for module in iter_modules([str(CHAT)]))
    return tuple(name.replace("_", "-") for name in found if name not in NO_NOUNS)


def overview() -> Iterator[str]:
    """What there is, without importing any of it."""
    width = max(map(len, OWN))
    yield f"Usage: {PROGRAM} COMMAND …"
    yield ""
    yield from (f"  {name.ljust(width)}  {own.told}" for name, own in OWN.items())
    yield ""
    yield f"Chat commands, sent to a running Tocsin: {', '.join(nouns())}"
    yield f'  {PROGRAM} incident declare "checkout is down" --sev 2'
    yield ""
    yield f"{PROGRAM} COMMAND --help tells more. On every command: --json, as in a pipe; and"
    yield "--dry-run, which does everything, shows it and undoes it; and --yes, which asks nothing."


def _chat(name: str) -> typer.Typer:
    """Chat commands; a slip of one of our own names is told before anything is sent."""
    if name.startswith("-"):
        _end(f"There is no option {name} here: {PROGRAM} --help lists the commands")
    if name not in nouns() and (meant := nearest(name, OWN)):
        _end(f"There is no command {name}. Did you mean {meant}?")
    from bot.cli.spoken import app

    return app


def _end(text: str) -> NoReturn:
    typer.echo(text, err=True)
    sys.exit(USAGE)
