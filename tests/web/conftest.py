"""The web over a fresh SQLite file, with everybody's token."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.unit import Store
from tests.fakes.company import ROLES, settle_company
from tests.fakes.site import Site, build_site, give_hooks_token, give_token
from tests.fakes.stores import opened


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with opened(f"sqlite:///{tmp_path / 'web.db'}") as store:
        yield store


@pytest.fixture
async def hooked(store: Store) -> Site:
    """A site that knows one token: `HOOKS`, for every source."""
    await give_hooks_token(store)
    return build_site(store)


@pytest.fixture
async def peopled(store: Store) -> Site:
    """A site of the small company, where everybody's token is their name."""
    await settle_company(store)
    for person in ROLES:
        await give_token(store, person, person)
    return build_site(store)
