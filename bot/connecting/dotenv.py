"""What a set-up writes down: ``.env`` in the working directory, which Tocsin reads at its start."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import set_key

from bot.cli.output import dry_run
from bot.connecting.terminal import Terminal
from bot.settings import DOTENV

ONLY_OURS = 0o600


def write(values: Mapping[str, str], terminal: Terminal) -> None:
    """Write down what is new, and say which names that are; their values are never shown."""
    terminal.note(file=str(DOTENV), written=[*values], dry_run=dry_run())
    if not values:
        terminal.say("4. Nothing to write: the settings have it all")
    elif dry_run():
        terminal.say(f"4. Would write {', '.join(values)} to {DOTENV}")
    else:
        keep(DOTENV, values)
        terminal.say(f"4. Wrote {', '.join(values)} to {DOTENV}, which only you can read")


def keep(path: Path, values: Mapping[str, str]) -> None:
    """Put ``values`` into the file and leave every other line as it is.

    Nobody but its owner can read it, also while it is written.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, ONLY_OURS))
    path.chmod(ONLY_OURS)
    for name, value in values.items():
        set_key(path, name, value, quote_mode="auto")
