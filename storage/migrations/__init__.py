"""The database's shape over time: revisions, applied in order, each in one transaction.

Changes are additive, so that the version before goes on working on the new shape; a change that
is not raises `MAJOR`, and versions that know only smaller ones refuse the database.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, delete, event, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from storage.engine import sync_url
from storage.tables.ledger import settings

MAJOR = 1
NOTED = "schema_major"
LOCK = 7_263_471_002
HERE = Path(__file__).parent


class TooNew(Exception):
    """The database was changed by a later version in a way that this one cannot live with."""


@dataclass(frozen=True)
class Status:
    """Where a database stands: ``current`` is None before the first migration.

    ``pending`` are the revisions still to come, oldest first. ``newer`` says that a later
    version has migrated it, ``major`` by how much it may differ.
    """

    current: str | None
    head: str
    pending: tuple[str, ...]
    newer: bool
    major: int

    @property
    def fits(self) -> bool:
        """Whether this version can work with it as it is."""
        return not self.pending and self.major <= MAJOR


def status(url: str) -> Status:
    """Look, and change nothing: a SQLite file that is not there is not made."""
    file = _file_of(url)
    if file is not None and not file.exists():
        return _standing(None, 0)
    with connected(url, "BEGIN") as connection:
        return _status(connection)


def migrate(url: str, to: str = "head") -> Status:
    """Bring the database to the newest shape (or ``to`` a revision); a second call does nothing.

    Processes that migrate at the same time take turns. Raises `TooNew`.
    """
    if file := _file_of(url):
        file.parent.mkdir(parents=True, exist_ok=True)
    with connected(url) as connection:
        _take_turn(connection)
        before = _status(connection)
        if before.major > MAJOR:
            raise TooNew(
                f"A later version has migrated this database (revision {before.current}): "
                "install that version, or restore a copy made before."
            )
        if not before.newer:
            command.upgrade(configured(connection), to)
            _note_major(connection)
        return _status(connection)


def copy_sqlite(url: str, into: Path) -> None:
    """A consistent copy of a SQLite database, made while it may be in use."""
    into.parent.mkdir(parents=True, exist_ok=True)
    source = sqlite3.connect(make_url(url).database or "")
    with closing(source), closing(sqlite3.connect(into)) as target:
        source.backup(target)


@contextmanager
def connected(url: str, begin: str = "BEGIN IMMEDIATE") -> Iterator[Connection]:
    """One connection in one transaction, committed at the end; DDL is part of it.

    ``begin`` is how a transaction begins on SQLite; plain ``BEGIN`` lets others write meanwhile.
    """
    engine = create_engine(sync_url(url), poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        _whole_transactions(engine, begin)
    with engine.begin() as connection:
        yield connection


def configured(connection: Connection) -> Config:
    """Alembic's configuration for work on ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _file_of(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _whole_transactions(engine: Any, begin: str) -> None:
    """Python's SQLite driver would commit before DDL; we say ourselves where one begins."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _status(connection: Connection) -> Status:
    current = MigrationContext.configure(connection).get_current_revision()
    return _standing(current, _major(connection))


def _standing(current: str | None, major: int) -> Status:
    script = ScriptDirectory(str(HERE))
    known = [revision.revision for revision in script.walk_revisions()][::-1]
    done = known.index(current) + 1 if current in known else 0
    newer = current is not None and current not in known
    pending = () if newer else tuple(known[done:])
    return Status(current=current, head=known[-1], pending=pending, newer=newer, major=major)


def _major(connection: Connection) -> int:
    if not inspect(connection).has_table(settings.name):
        return 0
    query = select(settings.c.value).where(settings.c.name == NOTED)
    return int(connection.execute(query).scalar() or 0)


def _note_major(connection: Connection) -> None:
    if inspect(connection).has_table(settings.name) and _major(connection) < MAJOR:
        connection.execute(delete(settings).where(settings.c.name == NOTED))
        connection.execute(insert(settings).values(name=NOTED, value=MAJOR))
