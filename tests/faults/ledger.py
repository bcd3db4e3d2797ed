"""What the driver of a fault run knows by itself: what it was promised, and what it did.

A ledger may be kept in a file, one line for each entry, so that it outlives the process that
writes it: `write` hands the line to the system, and a killed process cannot take it back.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter

from domain.alert import Signal
from domain.base import Frozen


class Accepted(Frozen):
    """A delivery for which the sender was told that it is on disk."""

    kind: Literal["accepted"] = "accepted"
    delivery: str
    signals: tuple[Signal, ...]
    at: datetime


class Answered(Frozen):
    """A call that was answered; ``refused`` is the kind of refusal, empty where it was done."""

    kind: Literal["answered"] = "answered"
    key: str
    command: str
    person: str
    refused: str
    audited: bool
    at: datetime


class Stopped(Frozen):
    """No job is carried out from ``at`` on."""

    kind: Literal["stopped"] = "stopped"
    at: datetime


class Started(Frozen):
    """Jobs are carried out again. What was overdue was done between the ids ``first``, ``last``."""

    kind: Literal["started"] = "started"
    at: datetime
    first: str
    last: str


class Moved(Frozen):
    """The clock was moved on to ``to``."""

    kind: Literal["moved"] = "moved"
    to: datetime


Event = Annotated[Accepted | Answered | Stopped | Started | Moved, Field(discriminator="kind")]
EVENT: TypeAdapter[Accepted | Answered | Stopped | Started | Moved] = TypeAdapter(Event)
Kind = TypeVar("Kind", Accepted, Answered, Stopped, Started, Moved)


class Ledger:
    """Entries in the order in which they were written."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        lines = file.read_text().splitlines() if file and file.exists() else []
        self.events: list[Event] = [EVENT.validate_json(line) for line in lines]

    def write(self, event: Event) -> None:
        """Add an entry."""
        self.events.append(event)
        if self._file:
            append(self._file, event.model_dump_json() + "\n")

    def of(self, kind: type[Kind]) -> Iterator[Kind]:
        """The entries of one kind, oldest first."""
        return (event for event in self.events if isinstance(event, kind))


def append(file: Path, line: str) -> None:
    """Hand a line to the system: a killed process cannot take it back."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)
