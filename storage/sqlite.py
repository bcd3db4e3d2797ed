"""SQLite: one writer at a time, and statements that run where they stand.

A statement takes microseconds; to hand it to a thread and wait for the answer takes hundreds
(ADR 9). So a thread does only what waits for the disk: to commit. A unit that goes on for long
lets the event loop turn now and then. Units that wait for their turn together share one commit
(ADR 11).
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import CursorResult, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from storage.connection import Connection
from storage.statements import ALIKE, SQLITE

BUSY_S = 10.0
AGAIN_S = 0.01
PRIMARY = 0xFF  # of an error code: the rest tells more exactly
READERS = 16
TURN_S = 0.005


class SqliteDatabase:
    """A file: one connection that writes, entered under one FIFO lock, and a pool of readers."""

    sqlite = True

    def __init__(self, url: URL) -> None:
        target = url.set(drivername=SQLITE)
        self.write_engine = create_engine(target, pool_size=1, max_overflow=0, **ALIKE)
        self._read_engine = create_engine(target, pool_size=READERS, max_overflow=0, **ALIKE)
        # a write that finds another process at work asks again; a read meets none in WAL mode
        _prepare(self.write_engine, "BEGIN IMMEDIATE", busy_timeout=0, query_only=0)
        _prepare(self._read_engine, "BEGIN", busy_timeout=int(BUSY_S * 1000), query_only=1)
        self._turn = asyncio.Lock()
        self._group: _Group | None = None
        self._readers = asyncio.Semaphore(READERS)
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="sqlite")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A write transaction: committed at the end, rolled back on any exception."""
        async with self._turn:
            group = self._group or await self._begin()
            async with group.member() as connection:
                yield connection
        await asyncio.shield(group.end)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A read transaction that sees one state throughout; it never waits for a writer."""
        await asyncio.sleep(0)  # whoever reads again and again must not keep others waiting
        async with self._readers:
            with self._read_engine.connect() as connection, connection.begin():
                yield InPlace(connection)

    async def close(self) -> None:
        """Give every connection back, once what was begun is committed."""
        if self._group is not None:
            await asyncio.wait([self._group.end])
        self._read_engine.dispose()
        self.write_engine.dispose()
        self._aside.shutdown()

    async def _begin(self) -> "_Group":
        """Begin a commit for the unit whose turn it is, and for those that wait behind it."""
        with ExitStack() as stack:
            connection = stack.enter_context(self.write_engine.connect())
            await _begin(connection)
            stack.pop_all()
        end = asyncio.create_task(self._end(connection), name="commit")
        end.add_done_callback(_is_heard)
        self._group = _Group(connection, end)
        return self._group

    async def _end(self, connection: SyncConnection) -> None:
        """Commit once it is this task's turn, which it awaits behind the units of the group."""
        async with self._turn:
            self._group = None
            with connection:
                _need_whole(connection)
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._aside, connection.commit)


@dataclass(frozen=True)
class _Group:
    """Units that are committed together; ``end`` is done when they are, or raises why not."""

    connection: SyncConnection
    end: asyncio.Task[None]

    @asynccontextmanager
    async def member(self) -> AsyncIterator[Connection]:
        """One unit: what it did is taken back if it fails, and the others stay."""
        _need_whole(self.connection)
        driver, done = _driver(self.connection), False
        driver.execute("SAVEPOINT unit")
        try:
            yield InPlace(self.connection)
            driver.execute("RELEASE unit")
            done = True
        finally:
            if not done and _is_whole(self.connection):
                driver.execute("ROLLBACK TO unit")
                driver.execute("RELEASE unit")


def _is_heard(end: asyncio.Task[None]) -> None:
    """Who waits for the commit hears what it raises; there may be nobody left to wait."""
    if not end.cancelled():
        end.exception()


class Lost(SQLAlchemyError):
    """SQLite took the whole transaction back, as it does when the disk is full."""


def _need_whole(connection: SyncConnection) -> None:
    if not _is_whole(connection):
        raise Lost("SQLite took this transaction back")


def _is_whole(connection: SyncConnection) -> bool:
    return _driver(connection).in_transaction


def _driver(connection: SyncConnection) -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


class InPlace:
    """A connection of SQLite within a transaction."""

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection
        self._until = time.monotonic() + TURN_S

    @property
    def dialect(self) -> Dialect:
        """How SQLite wants to be spoken to."""
        return self._connection.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        """Carry out a statement here and now, unless others have waited for their turn."""
        if time.monotonic() > self._until:
            await asyncio.sleep(0)
            self._until = time.monotonic() + TURN_S
        return self._connection.execute(statement, parameters)


async def _begin(connection: SyncConnection) -> None:
    """Begin to write as soon as no other process does; they are few and short."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.begin()
        except OperationalError as error:
            if not _is_busy(error) or time.monotonic() > until:
                raise
        else:
            return
        await asyncio.sleep(AGAIN_S)


def _is_busy(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return bool(code & PRIMARY == sqlite3.SQLITE_BUSY)


def _prepare(engine: Engine, begin: str, **pragmas: int) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def file_of(url: URL) -> Path:
    """The file of a database. Raises `ValueError` where it would be in memory."""
    if not url.database or url.database == ":memory:":
        raise ValueError("Tocsin needs a database file: set DATABASE_URL to sqlite:///path")
    return Path(url.database)
