"""The two ways into a database: one writer at a time on SQLite, many on PostgreSQL.

SQLite has one write connection, entered under one FIFO lock with ``BEGIN IMMEDIATE``, and a
pool of read connections that refuse writes. PostgreSQL has one pool for both.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

BUSY_MS = 10_000


class Database:
    """Engines for reading and writing, and nothing else."""

    def __init__(self, write: AsyncEngine, read: AsyncEngine) -> None:
        self.write_engine = write
        self.read_engine = read
        self.sqlite = write.dialect.name == "sqlite"
        self._turn: Any = asyncio.Lock() if self.sqlite else nullcontext()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction: committed at the end, rolled back on any exception."""
        async with self._turn, self.write_engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A read transaction that sees one state throughout."""
        async with self.read_engine.connect() as connection, connection.begin():
            yield connection

    async def close(self) -> None:
        """Give every connection back."""
        await self.read_engine.dispose()
        if self.write_engine is not self.read_engine:
            await self.write_engine.dispose()


def open_database(url: str) -> Database:
    """Open ``sqlite:///path`` or ``postgresql://…``; drivers are ours to choose."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return _open_postgresql(parsed)


def sync_url(url: str) -> URL:
    """The same database for Alembic, which is synchronous."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite")
    return parsed.set(drivername="postgresql+psycopg")


def _open_sqlite(url: URL) -> Database:
    if not url.database or url.database == ":memory:":
        raise ValueError("Tocsin needs a database file: set DATABASE_URL to sqlite:///path")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    target = url.set(drivername="sqlite+aiosqlite")
    write = create_async_engine(target, pool_size=1, max_overflow=0, pool_timeout=60)
    read = create_async_engine(target, pool_size=8, max_overflow=8)
    _prepare(write, "BEGIN IMMEDIATE", query_only=False)
    _prepare(read, "BEGIN", query_only=True)
    return Database(write, read)


def _prepare(engine: AsyncEngine, begin: str, *, query_only: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA query_only={int(query_only)}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _open_postgresql(url: URL) -> Database:
    target = url.set(drivername="postgresql+psycopg")
    engine = create_async_engine(target, pool_size=10, max_overflow=10, pool_pre_ping=True)
    _refuse_lossy_commits(engine)
    one_state = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return Database(engine, engine.execution_options(**one_state))


def _refuse_lossy_commits(engine: AsyncEngine) -> None:
    """A 2xx means on disk: a server that acknowledges before its log is written is refused."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SHOW synchronous_commit")
        value = cursor.fetchone()[0]
        cursor.close()
        connection.rollback()
        if value == "off":
            raise RuntimeError("PostgreSQL has synchronous_commit=off: set it to on")
