"""One seeded database for each test process, copied by whoever breaks it."""

from pathlib import Path

import pytest

from tests.fakes.tocsin import template


@pytest.fixture(scope="session")
def seeded(tmp_path_factory) -> Path:
    """The file of a migrated and seeded SQLite database that nobody has open."""
    home = tmp_path_factory.mktemp("seeded")
    template(f"sqlite:///{home}/seeded.db", home)
    return home / "seeded.db"
