"""Kills a Tocsin at every boundary of a chapter of its story, and looks what is left.

``python -m tests.faults.crash URL HOME CHAPTER EVERY`` copies the seeded database at URL for each
run, tells the chapter once to count its boundaries, then once for each of them (or each EVERY-th)
up to that boundary, lets a second process finish, and prints what was found as JSON.

Everything is imported before the first fork, and no loop or connection is open across one: so a
run costs what its story costs.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from storage.engine import sync_url
from tests.fakes.postgres import Postgres
from tests.faults.boundaries import AroundChat, Boundaries, around_commits
from tests.faults.evidence import Evidence, Witness
from tests.faults.invariants import broken
from tests.faults.ledger import Ledger
from tests.faults.story import CHAPTERS, RememberedClock, Teller, telling

PASSED = "passed"
Part = Callable[[Teller], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    """A database and a directory for the ledger, used for one run."""

    url: str
    home: Path

    def copy(self, other: "Place") -> None:
        """Make ``other`` what this one is; both must be at rest."""
        shutil.copytree(self.home, other.home, dirs_exist_ok=True)


def main(url: str, home: str, chapter: str, every: str) -> None:
    """Print the findings of one chapter as JSON."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging_off()))
    print(json.dumps(survey(url, Path(home), int(chapter), int(every))))
