"""SQLite: one writer at a time, and statements that run where they stand.

A statement takes microseconds; to hand it to a thread and wait for the answer takes hundreds
(ADR 9). So a thread does only what waits for the disk or for another process: to begin a write
and to commit it. A unit that goes on for long lets the event loop turn now and then.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import CursorResult, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL

from storage.connection import Connection

BUSY_MS = 10_000
READERS = 16
TURN_S = 0.005


class SqliteDatabase:
    """A file: one connection that writes, entered under one FIFO lock, and a pool of readers."""

    sqlite = True

    def __init__(self, url: URL) -> None:
        target = url.set(drivername="sqlite")
        self.write_engine = create_engine(target, pool_size=1, max_overflow=0)
        self._read_engine = create_engine(target, pool_size=READERS, max_overflow=0)
        _prepare(self.write_engine, "BEGIN IMMEDIATE", query_only=False)
        _prepare(self._read_engine, "BEGIN", query_only=True)
        self._turn = asyncio.Lock()
        self._readers = asyncio.Semaphore(READERS)
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="sqlite")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A write transaction: committed at the end, rolled back on any exception."""
        async with self._turn:
            with self.write_engine.connect() as connection:
                await self._wait_for(connection.begin)
                yield InPlace(connection)
                await self._wait_for(connection.commit)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A read transaction that sees one state throughout; it never waits for a writer."""
        await asyncio.sleep(0)  # whoever reads again and again must not keep others waiting
        async with self._readers:
            with self._read_engine.connect() as connection, connection.begin():
                yield InPlace(connection)

    async def close(self) -> None:
        """Give every connection back."""
        self._read_engine.dispose()
        self.write_engine.dispose()
        self._aside.shutdown()

    async def _wait_for(self, call: Callable[[], object]) -> None:
        """Let a thread do it, to its end: whoever is cancelled meanwhile leaves nothing half."""
        done = asyncio.get_running_loop().run_in_executor(self._aside, call)
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            while not done.done():
                await asyncio.wait([done])
            raise


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


def _prepare(engine: Engine, begin: str, *, query_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA query_only={int(query_only)}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def file_of(url: URL) -> Path:
    """The file of a database. Raises `ValueError` where it would be in memory."""
    if not url.database or url.database == ":memory:":
        raise ValueError("Tocsin needs a database file: set DATABASE_URL to sqlite:///path")
    return Path(url.database)
