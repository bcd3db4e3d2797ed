"""Whoever runs a set-up: what they are told and asked; flags answer where nobody is there."""

import sys
from pathlib import Path
from typing import Any, NoReturn

import typer

from bot.cli.output import FAILED, MARKS, USAGE, fail, print_json, said_yes, wants_json
from domain.finding import Finding


class Terminal:
    """Talks to a person; for programs it gathers what happened and prints it at the end."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    @property
    def answers(self) -> bool:
        """Whether somebody is there to be asked."""
        return sys.stdin.isatty() and sys.stdout.isatty() and not said_yes()

    def say(self, text: str = "") -> None:
        """A line for a person."""
        if not wants_json():
            typer.echo(text)

    def note(self, **facts: Any) -> None:
        """What a program wants to know."""
        self.told |= facts

    def sure(self, question: str, *, default: bool) -> bool:
        """Yes or no; the default where nobody is there."""
        return typer.confirm(question, default=default) if self.answers else default

    def word(self, question: str, default: str) -> str:
        """A word; the default where nobody is there."""
        if not self.answers:
            return default
        return str(typer.prompt(question, default=default, show_default=bool(default))).strip()

    def secret(self, name: str, where: str, given: str) -> str:
        """A secret that does not stand on the screen: the one ``given``, or typed now."""
        if given:
            return given
        if not self.answers:
            self.end(f"{name} is missing: give {name}_FILE or its flag. {where}", USAGE)
        typed = typer.prompt(f"{name} ({where})", hide_input=True)
        return str(typed).strip()

    def findings(self, found: tuple[Finding, ...]) -> None:
        """What was looked at; ends where something must be mended first."""
        self.note(findings=[one.model_dump() for one in found])
        for one in found:
            self.say(f"  {MARKS[one.level]} {one.text}")
            if one.fix:
                self.say(f"      fix: {one.fix}")
        if any(one.level == "failure" for one in found):
            self.end("Nothing was written: mend that first, then run this again.", FAILED)

    def end(self, text: str, code: int) -> NoReturn:
        """Stop here, with the reason."""
        self.finish()
        fail(text, code)

    def finish(self) -> None:
        """Print what a program asked for."""
        if wants_json() and self.told:
            print_json(self.told)


def secret_in(path: Path | None) -> str:
    """What stands in a file that a flag names; "" without the flag."""
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}", USAGE)
