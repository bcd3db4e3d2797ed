"""What must hold before a process serves."""

from pathlib import Path

import pytest

from bot.starting import (
    COPIES,
    DEMO,
    FAILED,
    UP,
    USAGE,
    WEB,
    WORKER,
    Mode,
    NotStarted,
    claim,
    migrate,
    need_somebody,
    prepared,
)
from domain.actor import Scope
from storage import migrations
from storage.people import User
from storage.store import Store
from tests.fakes.postgres import Postgres
from tests.fakes.site import give_token
from tests.fakes.stores import NOON, SYSTEM
from tests.fakes.tocsin import settings


def in_file(tmp_path: Path, **told: str):
    return settings(f"sqlite:///{tmp_path / 'tocsin.db'}", tmp_path, **told)


def refusal(told, mode: Mode) -> NotStarted:
    with pytest.raises(NotStarted) as refused, prepared(told, mode):
        raise AssertionError("it started")
    return refused.value


def test_a_file_is_made_and_migrated_at_the_first_start(tmp_path: Path) -> None:
    """Nobody has to prepare SQLite."""
    told = in_file(tmp_path / "new")
    with prepared(told, UP):
        assert migrations.status(told.database).fits
    assert not (tmp_path / "new" / COPIES).exists()


def test_a_file_of_an_older_version_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    """The way back is to restore the copy."""
    told = in_file(tmp_path)
    *_, previous, head = migrations.status(told.database).pending
    migrations.migrate(told.database, previous)
    with prepared(told, UP):
        assert migrations.status(told.database).current == head
    (copy,) = (tmp_path / COPIES).iterdir()
    assert migrations.status(f"sqlite:///{copy}").current == previous


def test_two_servers_never_share_a_file(tmp_path: Path) -> None:
    """The second is told which directory is taken, and may start when the first has ended."""
    told = in_file(tmp_path)
    with prepared(told, UP):
        refused = refusal(told, DEMO)
        assert str(tmp_path) in str(refused)
        assert refused.code == FAILED
        with pytest.raises(NotStarted):
            migrate(told)
    with prepared(told, UP):
        pass


@pytest.mark.parametrize("mode", [WEB, WORKER])
def test_processes_that_share_a_database_need_postgresql(tmp_path: Path, mode: Mode) -> None:
    """On a file they end at once, with what to do instead."""
    refused = refusal(in_file(tmp_path), mode)
    assert f"tocsin {mode.name}" in str(refused)
    assert "needs PostgreSQL" in str(refused)
    assert refused.code == USAGE


def test_everything_that_is_unsafe_is_told_at_once(tmp_path: Path) -> None:
    """A demo for everybody to reach, without a key, is wrong in two ways."""
    told = in_file(tmp_path, host="192.168.0.1").model_copy(update={"secret_key": None})
    said = str(refusal(told, DEMO))
    assert "TOCSIN_SECRET_KEY is not set" in said
    assert "The demo listens on this machine only" in said


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """Nothing is changed in it."""
    told = in_file(tmp_path)
    migrations.migrate(told.database)
    with migrations.connected(told.database) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("UPDATE settings SET value = '99' WHERE name = 'schema_major'")
    refused = refusal(told, UP)
    assert "later version" in str(refused)
    assert not (tmp_path / COPIES).exists()


@pytest.mark.postgres
def test_postgresql_is_migrated_by_the_release_step(postgres_url: str, tmp_path: Path) -> None:
    """A server does not change a shared database by itself; the demo does."""
    told = settings(postgres_url, tmp_path)
    assert "tocsin db migrate" in str(refusal(told, WEB))
    migrate(told)
    with prepared(told, WEB), prepared(told, WORKER), prepared(told, UP):
        pass


@pytest.mark.postgres
def test_the_demo_prepares_an_empty_postgresql(postgres_url: str, tmp_path: Path) -> None:
    """One command is enough to try it."""
    told = settings(postgres_url, tmp_path)
    with prepared(told, DEMO):
        assert migrations.status(told.database).fits


@pytest.mark.postgres
def test_a_server_that_confirms_too_early_is_refused(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    """The sentence names the setting and why it matters."""
    with postgres_server.database() as url:
        told = settings(f"{url}?options=-csynchronous_commit%3Doff", tmp_path)
        assert "synchronous_commit = off" in str(refusal(told, UP))


async def test_a_database_is_the_demos_or_a_real_one_for_good(store: Store) -> None:
    """Made-up people never get into real use, nor the other way round."""
    await claim(store, UP)
    await claim(store, WORKER)
    with pytest.raises(NotStarted, match="in real use"):
        await claim(store, DEMO)


async def test_a_demo_database_is_not_put_to_real_use(store: Store) -> None:
    """Its tokens and people are made up."""
    await claim(store, DEMO)
    await claim(store, DEMO)
    with pytest.raises(NotStarted, match="made-up people"):
        await claim(store, UP)


async def test_a_server_for_others_needs_somebody_to_let_in(store: Store, tmp_path: Path) -> None:
    """On this machine alone it may start empty."""
    await need_somebody(store, in_file(tmp_path))
    outside = in_file(tmp_path, host="192.168.0.1")
    with pytest.raises(NotStarted, match="tocsin user add"):
        await need_somebody(store, outside)
    async with store.write(SYSTEM) as unit:
        await unit.people.add(User(id="alice", name="Alice", created_at=NOON))
    await need_somebody(store, outside)


async def test_a_token_is_somebody_too(store: Store, tmp_path: Path) -> None:
    """A programme may be the first to come in."""
    await give_token(store, "alice", "secret", Scope.READ)
    await need_somebody(store, in_file(tmp_path, host="192.168.0.1"))
