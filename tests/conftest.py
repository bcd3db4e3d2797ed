"""What any test may ask for: a real PostgreSQL and a real Redis, fresh for each test.

What tests write is kept in memory where there is room for it, and goes with a test that passed: a
disk needs 5 ms for each commit, and nothing here pulls its plug. ``TMPDIR`` names another place.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers that run already. With `CI` set, a server
that cannot be had is a failure, never a skip.
"""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import NoReturn
from urllib.parse import urlsplit

import hypothesis
import pytest
import structlog

from tests.fakes.postgres import Postgres, PostgresMissing, postgres
from tests.fakes.redis_server import RedisMissing, empty, redis_server
from tests.fakes.stores import make_tables

YOUNG = 20_000
# A failure with everything that it knew takes a minute to draw, and nobody reads it.
PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


# A machine that is busy fails no test.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the programs and the tests, as a server does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    *processors, _renderer = structlog.get_config()["processors"]
    structlog.configure(processors=[*processors, PLAIN])


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
MEMORY = Path("/dev/shm")
ENOUGH = 2 * 2**30


def pytest_configure() -> None:
    """Choose where temporary files are kept: those of tests, and those of the servers here."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        tempfile.tempdir = str(MEMORY)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL for each test process; `create` and `database` give databases in it."""
    try:
        with postgres(os.environ.get("TEST_DATABASE_URL")) as server:
            yield server
    except PostgresMissing as missing:
        _give_up(f"no PostgreSQL: {missing}")


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database that only this test uses."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: Postgres) -> Iterator[str]:
    """A PostgreSQL database with all tables and nothing in them, to which nobody is connected."""
    with postgres_server.database() as url:
        make_tables(url)
        yield url


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and nothing in them, that nobody has open."""
    file = tmp_path_factory.mktemp("tables") / "tocsin.db"
    make_tables(f"sqlite:///{file}")
    return file


@pytest.fixture(params=KINDS)
def tables_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As `database_url`, with all tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{copy(request.getfixturevalue('sqlite_tables'), tmp_path)}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database(request.getfixturevalue("postgres_tables")) as url:
        yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database that only this test uses, once of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'tocsin.db'}"


@pytest.fixture(scope="session")
def redis_session_url() -> Iterator[str]:
    """One Redis for each test process."""
    try:
        with redis_server(os.environ.get("TEST_REDIS_URL")) as url:
            yield url
    except RedisMissing as missing:
        _give_up(f"no Redis: {missing}")


@pytest.fixture
def redis_url(redis_session_url: str) -> str:
    """The URL of a Redis database with nothing in it; parallel test processes have different ones.

    Its number is the process's, because a server from `TEST_REDIS_URL` is shared by all of them.
    """
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    url = urlsplit(redis_session_url)._replace(path=f"/{number}").geturl()
    empty(url)
    return url


def _has_room(place: Path) -> bool:
    if not place.is_dir():
        return False
    told = os.statvfs(place)
    return told.f_bavail * told.f_frsize > ENOUGH and not told.f_flag & os.ST_NOEXEC


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
