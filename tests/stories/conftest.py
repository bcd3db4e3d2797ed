"""Every story can be told on SQLite and on PostgreSQL, on a copy of the demo's company.

The commit set tells on PostgreSQL those that `both` marks: where locks, races or the database's own
words matter, and one of each kind. The long set (``make faults``) tells all the others there too.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.postgres import Postgres
from tests.fakes.tocsin import Template, Tocsin, copy_file, opened, template

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the stories that need not be told twice for each commit into the long set."""
    for item in items:
        told_on = getattr(item, "callspec", None)
        twin = told_on is not None and told_on.params.get("copied") == "postgresql"
        if twin and not item.get_closest_marker("both"):
            item.add_marker("faults")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The seeded company in a file."""
    directory = tmp_path_factory.mktemp("template")
    return template(f"sqlite:///{directory / 'tocsin.db'}", directory)


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Template]:
    """The seeded company in PostgreSQL."""
    with postgres_server.database() as url:
        yield template(url, tmp_path_factory.mktemp("template"))


@pytest.fixture(params=DATABASES)
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Template]:
    """A database of the seeded company that only this story uses."""
    with _copied(request, tmp_path) as made:
        yield made


@pytest.fixture
async def tocsin(copied: Template, tmp_path: Path) -> AsyncIterator[Tocsin]:
    """A Tocsin at noon on a Saturday: bob is on call first, carol second.

    When the story is told, every job has come to its end, and the audit trail is whole.
    """
    async with opened(copied.url, tmp_path, copied.seeded) as made:
        yield made
        assert await made.troubles() == [], "jobs failed or were left over"
        assert (await made.verify()).problems == (), "the audit trail is not whole"
        assert await made.faults() == (), "something would not ring"


@contextmanager
def _copied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Template]:
    if request.param == "sqlite":
        made: Template = request.getfixturevalue("sqlite_template")
        yield Template(copy_file(made.url, tmp_path / "tocsin.db"), made.seeded)
        return
    made = request.getfixturevalue("postgres_template")
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database(made.url) as url:
        yield Template(url, made.seeded)
