"""The web over a fresh SQLite file: empty, or with the small company and everybody's token."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from bot.ids import TimeOrderedIds
from domain.installation import Installation
from storage.engine import open_database
from storage.store import Store
from tests.fakes.company import ROLES, settle_company
from tests.fakes.site import HOME, Site, build_site, give_hooks_token, give_token
from tests.fakes.stores import CODES, Secrets, StillClock, opened
from tests.fakes.whole_site import whole_site_over


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of each kind, made once."""
    folder = tmp_path_factory.mktemp("templates")
    asyncio.run(_make(folder))
    return folder


@pytest.fixture
async def store(templates: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store with the token `HOOKS` and nothing else."""
    async with _copied(templates / "empty.db", tmp_path) as store:
        yield store


@pytest.fixture
async def company(templates: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store with the small company, where everybody's token is their name."""
    async with _copied(templates / "company.db", tmp_path) as store:
        yield store


@pytest.fixture
def hooked(store: Store) -> Site:
    """A site that knows one token, for every source."""
    return build_site(store)


@pytest.fixture
def peopled(company: Store) -> Site:
    """A site of the small company."""
    return build_site(company)


@pytest.fixture
def site(company: Store) -> Site:
    """Everything, over the small company."""
    return whole_site_over(company)


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """Bob's browser, signed in, which follows no redirect and runs no script."""
    begun = await site.parts.credentials.begin("bob")
    assert begun
    async with site.client(Origin=HOME, Accept="text/html") as client:
        client.cookies.set("tocsin_session", begun.secret)
        yield client


async def _make(folder: Path) -> None:
    async with opened(f"sqlite:///{folder / 'empty.db'}") as store:
        await give_hooks_token(store)
    async with opened(f"sqlite:///{folder / 'company.db'}") as store:
        await settle_company(store)
        for person in ROLES:
            await give_token(store, person, person)


@asynccontextmanager
async def _copied(template: Path, folder: Path) -> AsyncIterator[Store]:
    path = shutil.copy(template, folder / "web.db")
    clock = StillClock()
    ids = TimeOrderedIds(clock, random.Random(8).randbytes, Secrets(random.Random(8)).token)
    database = open_database(f"sqlite:///{path}")
    try:
        yield Store(database, clock, ids, Installation(), CODES)
    finally:
        await database.close()
