"""What the command line prints: tables for people, JSON for programs; and how it ends."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NoReturn

import typer

from domain.finding import Level

OK, FAILED, USAGE, NOT_FOUND, DENIED, UNAVAILABLE = range(6)
GAP = "  "
_json: ContextVar[bool] = ContextVar("json", default=False)
_dry: ContextVar[bool] = ContextVar("dry_run", default=False)
_yes: ContextVar[bool] = ContextVar("yes", default=False)
MARKS: dict[Level, str] = {"ok": "✔", "warning": "!", "failure": "✘"}


def command_line(told: str = "") -> typer.Typer:
    """A command line without what is slow to import or shows too much."""
    return typer.Typer(
        help=told,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


def fail(text: str, code: int = FAILED) -> NoReturn:
    """End with ``code``; the text goes to standard error."""
    typer.echo(text, err=True)
    raise typer.Exit(code)


def without_common(words: list[str]) -> list[str]:
    """The words but for ``--json``, ``--dry-run`` and ``--yes``, which may stand anywhere."""
    for flag, asked in (("--json", _json), ("--dry-run", _dry), ("--yes", _yes)):
        if flag in words:
            asked.set(True)
            words = [word for word in words if word != flag]
    return words


def wants_json() -> bool:
    """JSON where it was asked for, or where no person is looking."""
    return _json.get() or not sys.stdout.isatty()


def dry_run() -> bool:
    """Whether everything is to be done, shown and undone."""
    return _dry.get()


def said_yes() -> bool:
    """Whether nobody is to be asked."""
    return _yes.get()


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows that have the same columns."""
    if wants_json():
        print_json(rows)
    elif not rows:
        typer.echo("Nothing.")
    else:
        for line in table(rows):
            typer.echo(line)


def tell(done: Mapping[str, Any], sentence: str) -> None:
    """Print what was done: in words, or as JSON."""
    if wants_json():
        print_json({**done, "dry_run": dry_run()})
    else:
        typer.echo(f"DRY RUN, nothing was changed. {sentence}" if dry_run() else sentence)


def print_json(value: Any) -> None:
    """Print ``value`` as indented JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def table(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Lines of a table: the columns' names, then the rows."""
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield GAP.join(padded).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(map(str, value)))
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
