"""Chat commands on the command line: the words go to a running Tocsin as one line of chat."""

import re
import sys
from typing import Annotated, Any

import typer

from bot.cli.client import ask, need, reach
from bot.cli.output import (
    DENIED,
    FAILED,
    NOT_FOUND,
    OK,
    USAGE,
    command_line,
    dry_run,
    print_json,
    wants_json,
)
from domain.tokens import quote

ENDS = {
    "": OK,
    "asks": USAGE,
    "invalid": USAGE,
    "confirm": USAGE,
    "not_found": NOT_FOUND,
    "not_allowed": DENIED,
}
OPTION = re.compile(r"(?:--)?(?P<key>[A-Za-z][A-Za-z0-9_-]*)[:=](?P<value>\S.*)", re.DOTALL)
HELP = ("-h", "--help", "help")
AS_TYPED: dict[str, Any] = {
    "ignore_unknown_options": True,
    "allow_interspersed_args": True,
    "help_option_names": [],
}

app = command_line()


@app.command(context_settings=AS_TYPED)
def say(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="the command's words")] = None,
    person: Annotated[str | None, typer.Option("--as", help="whose token (demo)")] = None,
) -> None:
    """Carry out a chat command."""
    noun, words = str(context.info_name).split()[-1], words or []
    if any(word in HELP for word in words):
        from bot.cli.spoken_help import print_help

        print_help(noun, [word for word in words if word not in HELP])
        return
    reached = reach()
    answer = need(
        ask(
            reached,
            "POST",
            "/api/v1/commands",
            bearer=reached.bearer(person),
            params={"dry_run": dry_run()},
            json={"line": line(noun, words)},
        )
    ).json()
    _print(answer)
    raise typer.Exit(DENIED if answer["approval"] else ENDS.get(answer["reason"], FAILED))


def line(noun: str, words: list[str]) -> str:
    """The words as a line of chat that reads back as exactly these words."""
    return " ".join((f"/{noun}", *(_word(noun, word) for word in words)))


def _word(noun: str, word: str) -> str:
    """A word as typed; what the shell had unquoted is quoted again."""
    if word and not any(letter.isspace() or letter == '"' for letter in word):
        return word
    found = OPTION.fullmatch(word)
    if found and _is_option(noun, found["key"]):
        return f"{found['key']}:{quote(found['value'])}"
    return quote(word)


def _is_option(noun: str, key: str) -> bool:
    """Whether ``why:planned work`` is an option of the noun, and not the beginning of a text."""
    from commands.discovery import registry
    from domain.args import slots_of

    slots = (slot for one in registry().of_noun(noun) for slot in slots_of(one.args))
    return any(key.lower().replace("-", "_") in slot.names for slot in slots)


def _print(answer: dict[str, Any]) -> None:
    if wants_json():
        print_json(answer | {"dry_run": dry_run()})
        return
    text = as_typed_here(answer["text"])
    text = f"DRY RUN, nothing was changed\n{text}" if dry_run() else text
    typer.echo(text, file=sys.stderr if answer["refused"] else sys.stdout)


def as_typed_here(text: str) -> str:
    """The answer with its commands as one types them here: ``tocsin incident list``."""
    if "/" not in text:
        return text
    from commands.discovery import registry

    nouns = "|".join(map(re.escape, registry().nouns))
    return re.sub(rf"(?<![\w/.:])/({nouns})(?![\w/-])", r"tocsin \1", text)
