"""An empty store on either database; and logging as it was, whatever a test makes of it."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from storage.store import Store
from tests.fakes.stores import connected


@pytest.fixture
async def store(tables_url: str) -> AsyncIterator[Store]:
    """A store with all its tables and nothing in them."""
    async with connected(tables_url) as store:
        yield store


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Commands and `bot.logs` set up logging for their whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
