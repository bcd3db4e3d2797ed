"""A store over a fresh database, at a time that only tests move."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import NullPool, create_engine

from bot.ids import TimeOrderedIds
from bot.keys import Keys
from domain.installation import Installation
from storage.engine import open_database, sync_url
from storage.store import Act, Store
from storage.tables import metadata

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SYSTEM = Act("tocsin", "job")
CODES = Keys.derived("a secret key of the tests")


@dataclass
class StillClock:
    """Stands still until it is moved."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def forward(self, to: datetime) -> None:
        self.at = max(self.at, to)

    def move(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@dataclass
class Secrets:
    """Secrets that are the same in every run."""

    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def token(self) -> str:
        return self.dice.randbytes(32).hex()


def clock_of(store: Store) -> StillClock:
    """The clock of a store that was made here."""
    assert isinstance(store.clock, StillClock)
    return store.clock


def seeded_ids(clock: StillClock) -> TimeOrderedIds:
    """Ids that are the same in every run."""
    return TimeOrderedIds(clock, random.Random(7).randbytes, Secrets().token)


def make_tables(url: str) -> None:
    """All tables in the empty database at ``url``; nobody is connected to it afterwards."""
    metadata.create_all(create_engine(sync_url(url), poolclass=NullPool))


@asynccontextmanager
async def opened(url: str, installation: Installation | None = None) -> AsyncIterator[Store]:
    """A store over the empty database at ``url``, with all its tables."""
    make_tables(url)
    async with connected(url, installation) as store:
        yield store


@asynccontextmanager
async def connected(url: str, installation: Installation | None = None) -> AsyncIterator[Store]:
    """A store over the database at ``url``; its clock stands still."""
    database = open_database(url)
    clock = StillClock()
    try:
        told = installation or Installation()
        yield Store(database, clock, seeded_ids(clock), told, CODES)
    finally:
        await database.close()
