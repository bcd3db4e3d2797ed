"""The reference of the HTTP interface loads nothing from elsewhere and knows every route."""

import re

import pytest

from storage.store import Store
from tests.fakes.site import Site
from tests.fakes.whole_site import whole_site


@pytest.fixture
async def site(store: Store) -> Site:
    return await whole_site(store)


async def test_the_document_is_openapi(site: Site) -> None:
    """Hooks are described like everything else, and what is open says so."""
    async with site.client("dave") as client:
        document = (await client.get("/openapi.json")).json()
        assert (await client.get("/openapi.json")).json() == document
    assert document["openapi"].startswith("3.1")
    assert {"/hooks/{source}", "/api/v1/commands", "/healthz"} <= document["paths"].keys()
    assert "202" in document["paths"]["/hooks/{source}"]["post"]["responses"]
    assert document["security"] == [{"token": []}, {"session": []}]
    assert document["paths"]["/livez"]["get"]["security"] == []


async def test_the_page_needs_nothing_from_outside(site: Site) -> None:
    """Every address in the page is our own, nothing is inline, and each operation is there."""
    async with site.client("dave") as client:
        html = (await client.get("/docs")).text
        document = (await client.get("/openapi.json")).json()
    assert all(found.startswith("/") for found in re.findall(r'(?:src|href)="([^"]*)"', html))
    assert "<script" not in html
    assert " style=" not in html
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in html
