"""An empty store on either database, and settings that no machine has a say in."""

from collections.abc import AsyncIterator

import pytest

from storage.unit import Store
from tests.fakes.stores import opened


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store with all its tables and nothing in them."""
    async with opened(database_url) as store:
        yield store
