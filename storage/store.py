"""The door to what is remembered: units over a database, and whoever is told of a commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from domain.call import Surface
from domain.installation import Installation
from domain.ports import Clock, Ids, PageCodes
from storage.connection import Connection
from storage.engine import Database
from storage.live import Live
from storage.scope import Scope
from storage.unit import Unit


class Waker(Protocol):
    """Told after each commit: topics for readers, and whether jobs were added."""

    def committed(self, topics: set[str], *, jobs: bool) -> None:
        """A unit has committed."""


@dataclass(frozen=True)
class Act:
    """On whose behalf a unit writes, through which surface, in which chain of causes."""

    by: str
    surface: Surface
    correlation_id: str | None = None


class Store:
    """Opens units over a database, with the clock and the ids they date and name things by."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        installation: Installation,
        codes: PageCodes,
    ) -> None:
        self.database = database
        self.clock = clock
        self.ids = ids
        self.installation = installation
        self.codes = codes
        self.live = Live()
        self._wakers: list[Waker] = []

    def listen(self, waker: Waker) -> None:
        """Tell ``waker`` after each commit."""
        self._wakers.append(waker)

    @asynccontextmanager
    async def write(self, act: Act) -> AsyncIterator[Unit]:
        """A write unit: commits at the end, or not at all."""
        async with self.database.writing() as connection:
            scope = self._scope(connection, act, locking=True)
            yield Unit(scope)
        self._tell(scope)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """A read unit: one state throughout, no locks, nothing written."""
        async with self.database.reading() as connection:
            yield Unit(self._scope(connection, Act("tocsin", "job"), locking=False))

    def _scope(self, connection: Connection, act: Act, *, locking: bool) -> Scope:
        return Scope(
            connection=connection,
            now=self.clock.now(),
            ids=self.ids,
            by=act.by,
            surface=act.surface,
            correlation_id=act.correlation_id or self.ids.new(),
            locking=locking,
            installation=self.installation,
            codes=self.codes,
        )

    def _tell(self, scope: Scope) -> None:
        if scope.topics:
            self.live.publish(scope.topics)
        for waker in self._wakers:
            waker.committed(scope.topics, jobs=scope.wake)
