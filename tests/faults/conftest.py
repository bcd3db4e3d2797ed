"""One seeded database for each test process, copied by whoever breaks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.postgres import Postgres
from tests.fakes.tocsin import template


@pytest.fixture(scope="session")
def seeded(tmp_path_factory) -> Path:
    """The file of a migrated and seeded SQLite database that nobody has open."""
    home: Path = tmp_path_factory.mktemp("seeded")
    template(f"sqlite:///{home}/seeded.db", home)
    return home / "seeded.db"


@pytest.fixture(scope="session")
def server_url(postgres_server: Postgres, tmp_path_factory) -> Iterator[str]:
    """A seeded PostgreSQL database, to which nobody is connected."""
    with postgres_server.database() as url:
        template(url, tmp_path_factory.mktemp("template"))
        yield url
