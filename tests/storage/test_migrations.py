"""Migrations: what they make is what the code expects, on both databases, with rows inside."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
    update,
)

from storage.migrations import (
    MAJOR,
    NOTED,
    TooNew,
    connected,
    copy_sqlite,
    migrate,
    status,
)
from storage.tables import metadata
from storage.tables.ledger import settings
from storage.tables.people import users
from storage.types import Big, Json, Utc

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_migrated_database_is_what_the_tables_say(database_url: str) -> None:
    """Nothing is missing, left over or of another type after all migrations."""
    migrate(database_url)
    with connected(database_url) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_every_column_may_be_empty_exactly_where_the_tables_say(database_url: str) -> None:
    """Nullability is compared too, which autogenerate leaves to the database's mood."""
    migrate(database_url)
    with connected(database_url) as connection:
        found = MetaData()
        found.reflect(connection)
    expected = {(t.name, c.name, c.nullable) for t in metadata.tables.values() for c in t.c}
    made = {(t.name, c.name, bool(c.nullable)) for t in found.tables.values() for c in t.c}
    assert {one for one in made if one[0] != "alembic_version"} == expected


def test_second_migration_changes_nothing(database_url: str) -> None:
    """A release step that runs twice is a release step that ran once."""
    first = migrate(database_url)
    assert migrate(database_url) == first
    assert first.fits
    assert first.pending == ()


def test_database_of_the_previous_revision_keeps_its_rows(database_url: str) -> None:
    """A database of the last release, with rows in every table, migrates and keeps them."""
    *_, previous, _head = status(database_url).pending
    migrate(database_url, previous)
    before = _filled(database_url)
    migrate(database_url)
    with connected(database_url) as connection:
        counted = {
            name: connection.execute(select(func.count()).select_from(Table(name, MetaData())))
            for name in before
        }
        assert {name: count.scalar() for name, count in counted.items()} == before


def test_later_version_with_additive_changes_is_accepted(database_url: str) -> None:
    """The version before goes on working while a release rolls out."""
    migrate(database_url)
    _pretend_later(database_url, MAJOR)
    found = migrate(database_url)
    assert found.newer
    assert found.fits


def test_later_version_with_breaking_changes_is_refused(database_url: str) -> None:
    """Old code refuses a database that it could only damage, and says what to do."""
    migrate(database_url)
    _pretend_later(database_url, MAJOR + 1)
    assert not status(database_url).fits
    with pytest.raises(TooNew, match="restore a copy"):
        migrate(database_url)


def test_copy_of_a_database_is_complete(tmp_path: Path) -> None:
    """The copy made before a migration holds what was committed, the log's pages included."""
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    migrate(url)
    with connected(url) as connection:
        row = {"id": "bob", "name": "Bob", "timezone": "UTC", "active": True, "created_at": NOON}
        connection.execute(insert(users).values(**row))
    copy = tmp_path / "copies" / "before.db"
    copy_sqlite(url, copy)
    with connected(f"sqlite:///{copy}") as connection:
        assert connection.execute(select(users.c.id)).scalars().all() == ["bob"]


def _filled(url: str) -> dict[str, int]:
    """Put one row into every table that is there; how many rows each has then."""
    with connected(url) as connection:
        there = MetaData()
        there.reflect(connection)
        tables = [one for one in metadata.sorted_tables if one.name in there.tables]
        for table in tables:
            known = [column for column in table.c if column.name in there.tables[table.name].c]
            row = {column.name: _value(column) for column in known}
            connection.execute(insert(table).values(**row))
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }


def _value(column: Column[Any]) -> Any:
    by_type = {Utc: NOON, Boolean: True, Float: 1.5, LargeBinary: b"x"}
    if column.type is Json or column.type is Big:
        return {"a": 1} if column.type is Json else 7
    return next((value for kind, value in by_type.items() if isinstance(column.type, kind)), "x")


def _pretend_later(url: str, major: int) -> None:
    version = Table("alembic_version", MetaData(), Column("version_num"))
    with connected(url) as connection:
        connection.execute(update(version).values(version_num="9999"))
        connection.execute(update(settings).where(settings.c.name == NOTED).values(value=major))
