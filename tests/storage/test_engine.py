"""Two ways into a database: one writer at a time on SQLite, none of them loses a commit."""

import asyncio
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from threading import Event

import pytest
from sqlalchemy import Integer, select, text
from sqlalchemy.event import listen, listens_for
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.engine import open_database, sync_url
from storage.statements import LIMIT, Compiled
from storage.store import Store
from storage.tables.ledger import settings
from tests.fakes.postgres import Postgres
from tests.fakes.stores import SYSTEM, opened

BROKEN = "broken"
LARGE = "x" * 1_000_000
COMPILED: list[SQLCompiler] = []


async def test_what_failed_is_not_there(store: Store) -> None:
    """An exception in a unit takes back everything the unit did."""
    with pytest.raises(ZeroDivisionError):
        async with store.write(SYSTEM) as unit:
            await unit.settings.put("half", 1)
            raise ZeroDivisionError
    async with store.read() as unit:
        assert await unit.settings.get("half") is None


async def test_writers_take_turns(store: Store) -> None:
    """Fifty units that read, think and write lose none of each other's changes."""

    async def raise_it() -> None:
        async with store.write(SYSTEM) as unit:
            await unit.numbers.next("INC")

    await asyncio.gather(*(raise_it() for _ in range(50)))
    async with store.write(SYSTEM) as unit:
        assert await unit.numbers.next("INC") == 51


async def test_a_read_sees_one_state_throughout(store: Store) -> None:
    """What is committed meanwhile is not half there."""
    async with store.read() as reading:
        before = await reading.settings.get("name")
        async with store.write(SYSTEM) as unit:
            await unit.settings.put("name", "value")
        assert await reading.settings.get("name") == before


async def test_a_reader_of_sqlite_cannot_write(tmp_path: Path) -> None:
    """Read connections refuse, so that a view can never change anything."""
    database = open_database(f"sqlite:///{tmp_path / 'tocsin.db'}")
    async with database.writing() as connection:
        await connection.execute(CreateTable(settings))
    with pytest.raises(OperationalError, match="readonly"):
        async with database.reading() as connection:
            await connection.execute(settings.insert().values(name="a", value=1))
    await database.close()


class Counted(FunctionElement[int]):
    """Counts how often it is compiled."""

    inherit_cache = True
    type = Integer()


@compiles(Counted)
def _compile_counted(_element: Counted, compiler: SQLCompiler, **_how: object) -> str:
    COMPILED.append(compiler)
    return "1"


async def test_engines_of_one_kind_share_what_is_compiled(database_url: str) -> None:
    """A statement is compiled once, whether it is read or written with, and opened how often."""
    COMPILED.clear()
    for _ in range(2):
        database = open_database(database_url)
        for unit in (database.writing, database.reading):
            async with unit() as connection:
                assert (await connection.execute(select(Counted()))).scalar_one() == 1
        await database.close()
    assert len(COMPILED) == 1


def test_what_is_compiled_does_not_fill_the_memory() -> None:
    """A full cache begins anew."""
    kept = Compiled()
    for number in range(LIMIT + 1):
        kept[number] = number
    assert kept == {LIMIT: LIMIT}


async def test_writers_that_wait_together_share_a_commit(tmp_path: Path) -> None:
    """One that fails takes back its own work only."""
    commits: list[object] = []
    async with opened(f"sqlite:///{tmp_path / 'tocsin.db'}") as store:
        listen(store.database.write_engine, "commit", commits.append)
        names = ["first", "second", BROKEN, "last"]
        ends = await asyncio.gather(*(_put(store, one) for one in names), return_exceptions=True)
        async with store.read() as unit:
            written = [await unit.settings.get(name) for name in names]
    assert written == [1, 1, None, 1]
    assert [type(end) for end in ends] == [type(None), type(None), ZeroDivisionError, type(None)]
    assert len(commits) == 1


async def test_what_sqlite_takes_back_fails_everybody_in_it(tmp_path: Path) -> None:
    """With a full disk nobody is told that something is stored which is not."""
    async with opened(f"sqlite:///{tmp_path / 'tocsin.db'}") as store:
        async with store.write(SYSTEM) as unit:
            await unit.scope.connection.execute(text("PRAGMA max_page_count=1"))
        ends = await asyncio.gather(
            *(_put(store, name, value) for name, value in (("a", 1), ("b", LARGE), ("c", 1))),
            return_exceptions=True,
        )
        assert all(isinstance(end, SQLAlchemyError) for end in ends)
        async with store.read() as unit:
            assert [await unit.settings.get(name) for name in "abc"] == [None] * 3
        async with store.write(SYSTEM) as unit:
            await unit.scope.connection.execute(text("PRAGMA max_page_count=1000000"))
        await _put(store, "a")


async def test_who_is_cancelled_has_written_or_has_not(tmp_path: Path) -> None:
    """The commit goes on, and the next writer enters when it is done."""
    reached, released = Event(), Event()
    async with opened(f"sqlite:///{tmp_path / 'tocsin.db'}") as store:

        @listens_for(store.database.write_engine, "commit")
        def committing(_connection: object) -> None:
            reached.set()
            released.wait(10)

        writing = asyncio.create_task(_put(store, "first"))
        await asyncio.to_thread(reached.wait, 10)
        writing.cancel()
        following = asyncio.create_task(_put(store, "second"))
        assert (await asyncio.wait([writing, following], timeout=0.05))[0] == {writing}
        released.set()
        await following
        assert writing.cancelled()
        async with store.read() as unit:
            assert [await unit.settings.get(name) for name in ("first", "second")] == [1, 1]


async def test_a_writer_waits_for_another_process(tmp_path: Path) -> None:
    """A command on the command line delays the server, and fails nothing in it."""
    file = tmp_path / "tocsin.db"
    async with opened(f"sqlite:///{file}") as store:
        await _put(store, "before")
        with closing(connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(_put(store, "name"))
            assert not (await asyncio.wait([writing], timeout=0.05))[0]
            other.execute("COMMIT")
        await writing
        async with store.read() as unit:
            assert await unit.settings.get("name") == 1


async def test_a_long_unit_lets_others_have_their_turn(tmp_path: Path) -> None:
    """Statements run where they stand, and yet nobody has to wait for the end of a unit."""
    turns: list[None] = []
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    async with opened(url) as store, store.write(SYSTEM) as unit:
        asyncio.get_running_loop().call_soon(turns.append, None)
        while not turns:
            await unit.settings.put("name", "value")


async def test_sqlite_is_opened_for_durable_commits(tmp_path: Path) -> None:
    """A commit is on disk when it is confirmed."""
    database = open_database(f"sqlite:///{tmp_path / 'tocsin.db'}")
    async with database.writing() as connection:
        mode = (await connection.execute(text("PRAGMA journal_mode"))).scalar()
        synchronous = (await connection.execute(text("PRAGMA synchronous"))).scalar()
    await database.close()
    assert (mode, synchronous) == ("wal", 2)


@pytest.mark.postgres
async def test_a_server_that_confirms_too_early_is_refused(postgres_server: Postgres) -> None:
    """PostgreSQL with synchronous_commit off would lose pages that were accepted."""
    with postgres_server.database() as url:
        lossy = f"{url}?options=-csynchronous_commit%3Doff"
        database = open_database(lossy)
        with pytest.raises(RuntimeError, match="synchronous_commit"):
            async with database.reading() as connection:
                await connection.execute(select(1))
        await database.close()


def test_a_database_in_memory_is_refused() -> None:
    """It would vanish with the process, and every connection would have its own."""
    with pytest.raises(ValueError, match="file"):
        open_database("sqlite://")


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:////tmp/x.db", "sqlite"),
        ("sqlite+pysqlite:////tmp/x.db", "sqlite"),
        ("postgresql://h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg"),
    ],
)
def test_drivers_are_ours_to_choose(url: str, driver: str) -> None:
    """Whatever driver an address names, Alembic gets the synchronous one."""
    assert sync_url(url).drivername == driver


async def _put(store: Store, name: str, value: object = 1) -> None:
    async with store.write(SYSTEM) as unit:
        await unit.settings.put(name, value)
        if name == BROKEN:
            raise ZeroDivisionError
