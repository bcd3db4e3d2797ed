"""The way into a database: one writer at a time on SQLite, many on PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.connection import Connection
from storage.sqlite import SqliteDatabase, file_of
from storage.statements import ALIKE, POSTGRESQL


class Database(Protocol):
    """Transactions for reading and writing, and nothing else."""

    sqlite: bool
    write_engine: Engine

    def writing(self) -> AbstractAsyncContextManager[Connection]:
        """A write transaction: committed at the end, rolled back on any exception."""

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """A read transaction that sees one state throughout."""

    async def close(self) -> None:
        """Give every connection back."""


class PostgresDatabase:
    """One pool for both; readers see one state and cannot write."""

    sqlite = False

    def __init__(self, url: URL) -> None:
        target = url.set(drivername=POSTGRESQL)
        self._engine = create_async_engine(
            target, pool_size=10, max_overflow=10, pool_pre_ping=True, **ALIKE
        )
        self.write_engine = self._engine.sync_engine
        one_state = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = self._engine.execution_options(**one_state)
        _refuse_lossy_commits(self.write_engine)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A write transaction: committed at the end, rolled back on any exception."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A read transaction that sees one state throughout."""
        async with self._reading.connect() as connection, connection.begin():
            yield connection

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


def open_database(url: str) -> Database:
    """Open ``sqlite:///path`` or ``postgresql://…``; drivers are ours to choose."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return PostgresDatabase(parsed)
    file_of(parsed).parent.mkdir(parents=True, exist_ok=True)
    return SqliteDatabase(parsed)


def sync_url(url: str) -> URL:
    """The same database for Alembic, which is synchronous."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite")
    return parsed.set(drivername="postgresql+psycopg")


def _refuse_lossy_commits(engine: Engine) -> None:
    """A 2xx means on disk: a server that acknowledges before its log is written is refused."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SHOW synchronous_commit")
        value = cursor.fetchone()[0]
        cursor.close()
        connection.rollback()
        if value == "off":
            raise RuntimeError("PostgreSQL has synchronous_commit=off: set it to on")
