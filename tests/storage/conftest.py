"""A company to read about, settled once for each module and database."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from storage.store import Store
from tests.fakes.company import settle_company
from tests.fakes.stores import connected, opened

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="module", params=BOTH)
def company_url(request, tmp_path_factory) -> Iterator[str]:
    """The URL of a database with the company in it; only for tests that change nothing."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('company')}/company.db"
        asyncio.run(_settle(url))
        yield url
        return
    with request.getfixturevalue("postgres_server").database() as url:
        asyncio.run(_settle(url))
        yield url


@pytest.fixture
async def company(company_url) -> AsyncIterator[Store]:
    """A store over the company."""
    async with connected(company_url) as store:
        yield store


@pytest.fixture
async def store(tables_url: str) -> AsyncIterator[Store]:
    """A store with all its tables and nothing in them."""
    async with connected(tables_url) as store:
        yield store


async def _settle(url: str) -> None:
    async with opened(url) as store:
        await settle_company(store)
