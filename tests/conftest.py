"""What any test may ask for: a real PostgreSQL and a real Redis, fresh for each test.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers that run already. With `CI` set, a server
that cannot be had is a failure, never a skip.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from tests.fakes.postgres import Postgres, PostgresMissing, postgres
from tests.fakes.redis_server import RedisMissing, empty, redis_server

YOUNG = 20_000


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the programs and the tests, as a server does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
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


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
