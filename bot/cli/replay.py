"""`tocsin replay`: recorded webhook bodies, sent again in the order of their names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.client import Reached, ask, need
from bot.cli.output import USAGE, command_line, dry_run, fail, tell
from bot.cli.send import To, Token, hooks_token, reached_at

app = command_line()


@app.command()
def replay(
    paths: Annotated[list[Path], typer.Argument(help="JSON files, or directories of them")],
    source: Annotated[str, typer.Option(help="whose bodies they are")] = "alertmanager",
    to: To = None,
    token: Token = None,
) -> None:
    """Send recorded bodies again; a delivery that has been counted changes nothing.

    A file holds a body, or a recording with the body under ``body``.
    """
    bodies = [_body(file) for path in paths for file in _files(path)]
    if not bodies:
        fail("There is no .json file", USAGE)
    reached = reached_at(to, token)
    accepted = 0 if dry_run() else sum(_send(reached, source, body) for body in bodies)
    told = {"deliveries": len(bodies), "accepted": accepted, "url": reached.url}
    tell(told, f"{len(bodies)} deliveries to {reached.url}: {accepted} alerts accepted.")


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(path.glob("*.json"))
    else:
        yield path


def _body(file: Path) -> Any:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fail(f"{file} cannot be read: {error}", USAGE)
    recorded = isinstance(found, dict) and "body" in found and "path" in found
    return found["body"] if recorded else found


def _send(reached: Reached, source: str, body: Any) -> int:
    bearer = hooks_token(reached)
    answer = need(ask(reached, "POST", f"/hooks/{source}", bearer=bearer, json=body))
    return int(answer.json()["accepted"])
