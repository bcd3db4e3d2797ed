"""Kills a Tocsin at the boundaries of a chapter of its story, and looks at what is left.

``python -m tests.faults.crash URL HOME CHAPTER [DEATHS [FAULT]]`` copies the seeded database at
URL for each run and tells the chapter once to count its boundaries. Then it tells it up to each of
them (or to DEATHS of them, evenly spread), dies there, lets a second process finish, and looks.
What was found is printed as JSON. FAULT is the name of a seeded one, for a test of this test.

Everything is imported, and every statement compiled, before the first fork; no loop or connection
is open across one. So a run costs what its story costs.
"""

import asyncio
import logging
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import structlog
from sqlalchemy import create_engine, update
from sqlalchemy.engine import make_url

from bot.wiring import Parts
from commands.discovery import registry
from domain.base import Frozen
from domain.ports import Chat
from jobs.registry import discover
from storage.audit import Verified
from storage.engine import sync_url
from storage.tables.ledger import jobs
from tests.fakes.postgres import Postgres
from tests.fakes.stores import SYSTEM
from tests.faults.boundaries import AroundChat, AroundCommits, Boundaries
from tests.faults.evidence import Evidence, Witness
from tests.faults.invariants import broken
from tests.faults.ledger import Ledger
from tests.faults.rig import SOUND, Fault
from tests.faults.seeded import SEEDED
from tests.faults.story import CHAPTERS, Chapter, RememberedClock, Teller, telling

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
VERIFIED, PASSED = "verified.json", "passed.txt"


class Survey(Frozen):
    """What a chapter came to: its boundaries, how many of them were fatal, and what was wrong."""

    chapter: str
    boundaries: tuple[str, ...]
    killed: int
    missed: int
    complaints: dict[str, list[str]]


@dataclass(frozen=True)
class Ground:
    """A database and a directory in which one run leaves its traces."""

    url: str
    home: Path


class Grounds:
    """Makes a ground for each run, as a copy of another."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._numbers = count(1)

    @contextmanager
    def copied(self, other: Ground) -> Iterator[Ground]:
        """Everything that ``other`` has; nobody may be connected to it."""
        home = self._home / str(next(self._numbers))
        shutil.copytree(other.home, home)
        try:
            with self._database(other, home) as url:
                yield Ground(url, home)
        finally:
            shutil.rmtree(home)

    @contextmanager
    def _database(self, other: Ground, home: Path) -> Iterator[str]:
        if make_url(other.url).get_backend_name() == "sqlite":
            yield f"sqlite:///{home}/{Path(make_url(other.url).database or '').name}"
            return
        server = make_url(other.url).set(database="postgres")
        with Postgres(server.render_as_string(hide_password=False)).database(other.url) as url:
            yield url


def main(url: str, home: str, chapter: str, deaths: str = "", fault: str = "") -> None:
    """Print what one chapter came to."""
    prepare()
    template = Ground(url, Path(home) / "template")
    grounds = Grounds(Path(home))
    with grounds.copied(template) as rehearsal:
        tell(rehearsal, CHAPTERS[: int(chapter) + 1])
    with grounds.copied(template) as start:
        tell(start, CHAPTERS[: int(chapter)])
        broken_part = next((one.fault for one in SEEDED if one.name == fault), SOUND)
        told = Run(grounds, start, CHAPTERS[int(chapter)], broken_part)
        print(told.survey(int(deaths) if deaths else None).model_dump_json())


@dataclass(frozen=True)
class Run:
    """A chapter, and the ground it begins on."""

    grounds: Grounds
    start: Ground
    chapter: Chapter
    fault: Fault

    def survey(self, deaths: int | None) -> Survey:
        """Tell it undisturbed, then die at the boundaries and finish it."""
        with self.grounds.copied(self.start) as ground:
            assert forked(self._teller(ground)) == 0
            undisturbed = look(ground)
            names = (ground.home / PASSED).read_text().splitlines()
        complaints = {"undisturbed": broken(undisturbed)}
        missed = 0
        for number in spread(len(names), deaths):
            found = self._die(number, undisturbed)
            missed += found is None
            complaints[f"{number} {names[number - 1]}"] = found or []
        return Survey(
            chapter=self.chapter.__name__,
            boundaries=tuple(names),
            killed=len(complaints) - 1 - missed,
            missed=missed,
            complaints={name: found for name, found in complaints.items() if found},
        )

    def _teller(self, ground: Ground, fatal: int | None = None) -> Callable[[], None]:
        return lambda: tell(ground, [self.chapter], Boundaries(fatal), self.fault)

    def _die(self, number: int, undisturbed: Evidence) -> list[str] | None:
        """What is wrong after a death at that boundary; None where it was never reached."""
        with self.grounds.copied(self.start) as ground:
            died = forked(self._teller(ground, number))
            if died != -signal.SIGKILL:
                return None if died == 0 else [f"ended with {died} instead of dying"]
            outlive(ground)
            if forked(self._teller(ground)):
                return ["the next process did not come to the end"]
            seen = look(ground)
            return broken(seen) + differences(seen, undisturbed)


def spread(boundaries: int, deaths: int | None) -> list[int]:
    """The numbers of the boundaries to die at: all, or so many of them at even distances."""
    if deaths is None or deaths >= boundaries:
        return [*range(1, boundaries + 1)]
    return [1 + n * boundaries // deaths for n in range(deaths)]


def prepare() -> None:
    """Import what is imported late, and log nothing: both before the first fork."""
    registry(), discover()
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)


def forked(work: Callable[[], None]) -> int:
    """Do ``work`` in a process of its own; its exit code, negative where a signal ended it."""
    return ended(child(work))


def child(work: Callable[[], None]) -> int:
    """Begin ``work`` in a process of its own; its id."""
    sys.stdout.flush()
    made = os.fork()
    if made == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    return made


def ended(process: int) -> int:
    """Wait for a child; its exit code, negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def tell(
    ground: Ground,
    chapters: Iterable[Chapter],
    points: Boundaries | None = None,
    fault: Fault = SOUND,
) -> None:
    """Tell chapters in this process."""
    points = points or Boundaries()
    asyncio.run(_tell(ground, tuple(chapters), points, fault))
    (ground.home / PASSED).write_text("\n".join(points.passed))


async def _tell(
    ground: Ground, chapters: tuple[Chapter, ...], points: Boundaries, fault: Fault
) -> None:
    def wrapped(parts: Parts, chat: Chat) -> Chat:
        AroundCommits(points).listen(parts.store.database.write_engine)
        return AroundChat(chat, points)

    async with telling(ground.url, ground.home, wrapped, fault) as teller:
        await teller.begin()
        for chapter in chapters:
            await chapter(teller)
        verified = await sealed(teller)
    (ground.home / VERIFIED).write_text(verified.model_dump_json())


async def sealed(teller: Teller) -> Verified:
    """Seal the audit trail and check it."""
    key = teller.parts.core.keys.audit
    async with teller.parts.store.write(SYSTEM) as unit:
        await unit.audit.seal(key, limit=100_000)
    async with teller.parts.store.read() as unit:
        return await unit.audit.verify(key)


def outlive(ground: Ground) -> None:
    """The seconds pass in which the dead process still holds its jobs."""
    engine = create_engine(sync_url(ground.url))
    with engine.begin() as connection:
        held = update(jobs).where(jobs.c.state == "running")
        connection.execute(held.values(leased_until=LONG_AGO))
    engine.dispose()


def look(ground: Ground) -> Evidence:
    """Everything there is to see on a ground where nobody works any more."""
    ledger, witness = Ledger(ground.home / "ledger.jsonl"), Witness(ground.url)
    try:
        verified = Verified.model_validate_json((ground.home / VERIFIED).read_text())
        now = RememberedClock(ledger).now()
        return witness.evidence(ledger, now, up=True, verified=verified)
    finally:
        witness.close()


def differences(seen: Evidence, undisturbed: Evidence) -> list[str]:
    """What people read, and what is on record, is what it would have been without the death."""
    return [
        f"{what}: {one[key]} instead of {other[key]}"
        for one, other in zip(_told(seen), _told(undisturbed), strict=True)
        for key in one.keys() | other.keys()
        for what in [" ".join(key)]
        if one[key] != other[key]
    ]


def _told(seen: Evidence) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    posts = Counter((post.room, post.key.partition(":")[0]) for post in seen.posts)
    return posts, Counter((fact.kind, fact.by) for fact in seen.facts)


if __name__ == "__main__":
    main(*sys.argv[1:])
