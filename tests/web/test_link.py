"""The page on which a code from a chat is typed: it names the account before anything is done."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from domain.account import Account
from tests.fakes.forms import fields_in
from tests.fakes.site import HOME, Site
from tests.fakes.stores import SYSTEM

CODE = "ABCD2345"
AL = Account(platform="slack", workspace="T1", id="U1", name="<b>al</b>")


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """Bob's browser, signed in; Slack has given al's account a code."""
    async with site.store.write(SYSTEM) as unit:
        await unit.link_codes.give(AL, CODE)
    begun = await site.parts.credentials.begin("bob")
    assert begun
    async with site.client(Origin=HOME, Accept="text/html") as client:
        client.cookies.set("tocsin_session", begun.secret)
        yield client


async def typed(browser: httpx2.AsyncClient, code: str) -> httpx2.Response:
    """A code in the page's form."""
    page = (await browser.get("/link")).text
    fields = fields_in(page, "v1:me.link:") | {"values.code": code}
    return await browser.post("/ui/command", data=fields)


async def test_a_code_is_typed_named_and_confirmed(browser: httpx2.AsyncClient, site: Site):
    """Three pages without script: the form, the account by name, the account in the list."""
    asked = await typed(browser, "abcd-2345")
    assert asked.status_code == 200
    assert "Slack account &lt;b&gt;al&lt;/b&gt; (U1 in workspace T1)" in asked.text
    done = await browser.post("/ui/command", data=fields_in(asked.text, "v1:me.link:ABCD2345,yes"))
    assert "acts as you from now on" in done.text
    page = (await browser.get("/link")).text
    assert "U1" in page
    assert "by a code" in page
    gone = await browser.post("/ui/command", data=fields_in(page, "v1:me.unlink:slack"))
    assert "Unlinked." in gone.text
    async with site.store.read() as unit:
        assert await unit.links.of("bob") == ()


async def test_a_wrong_code_is_a_sentence(browser: httpx2.AsyncClient):
    """With what to type instead."""
    answer = await typed(browser, "WRONG234")
    assert answer.status_code == 404
    assert "That is no code of ours. Ask for a new one: type /me link in your chat." in answer.text


async def test_looking_links_nothing(browser: httpx2.AsyncClient, site: Site):
    """Nobody is led to a code that was typed in for them."""
    for address in (f"/link?code={CODE}", f"/link?code={CODE}&sure=yes"):
        page = (await browser.get(address)).text
        assert re.findall(r'name="values.code"[^>]* value="([^"]*)"', page) == [""]
    async with site.store.read() as unit:
        assert await unit.links.of("bob") == ()


async def test_no_other_site_links_an_account(browser: httpx2.AsyncClient, site: Site):
    """Without the page's own token the form is refused."""
    forged = {"button": f"v1:me.link:{CODE},yes"}
    assert (await browser.post("/ui/command", data=forged)).status_code == 403
    async with site.store.read() as unit:
        assert await unit.links.of("bob") == ()


async def test_a_token_is_no_browser(browser: httpx2.AsyncClient, site: Site):
    """Whoever has found one must not get an account that stays."""
    async with site.client("bob", Accept="text/html") as client:
        forged = {"button": f"v1:me.link:{CODE},yes"}
        answer = await client.post("/ui/command", data=forged)
    assert answer.status_code == 403
    assert "where you are signed in" in answer.text
    async with site.store.read() as unit:
        assert await unit.links.of("bob") == ()
