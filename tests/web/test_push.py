"""The page on which a browser asks to be rung: what it is told, what it posts, what it lists."""

import httpx2
import pytest

from storage.store import Store
from tests.fakes.forms import fields_in
from tests.fakes.push_service import KEY
from tests.fakes.site import Site
from tests.fakes.stores import SYSTEM
from tests.fakes.whole_site import whole_site_over

POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
ADDRESS = f"https://push.example.net/secret/abc#{POINT}.BTBZMqHH6r4Tts7J_aSIgg"


@pytest.fixture
def site(company: Store) -> Site:
    """Everything, over the small company, where browsers can be rung."""
    told = {"push_key": KEY, "notifies": frozenset({"push"})}
    company.installation = company.installation.model_copy(update=told)
    return whole_site_over(company)


async def test_a_browser_asks_is_listed_and_let_go(browser: httpx2.AsyncClient, site: Site):
    """The address that rings it stands on no page; another person's is not listed."""
    page = (await browser.get("/me/push")).text
    assert f'data-key="{KEY}"' in page
    asked = fields_in(page, "v1:me.contact-add:push") | {"values.address": ADDRESS}
    done = await browser.post("/ui/command", data=asked)
    assert "Web push push.example.net/… is verified" in done.text
    async with site.store.write(SYSTEM) as unit:
        await unit.contacts.give("dave", "push", ADDRESS.replace("abc", "of-dave"))
    page = (await browser.get("/me/push")).text
    assert page.count("push.example.net/…") == 1
    assert "secret" not in page
    assert "v1:me.test:" in page
    gone = await browser.post("/ui/command", data=fields_in(page, "v1:me.contact-remove:"))
    assert "is forgotten" in gone.text
    async with site.store.read() as unit:
        assert await unit.contacts.of("bob") == ()


async def test_where_nothing_rings_browsers_it_says_what_to_set(company: Store):
    """And asks for nothing."""
    async with whole_site_over(company).client(Authorization="Bearer bob") as client:
        page = (await client.get("/me/push", headers={"Accept": "text/html"})).text
    assert "VAPID_PRIVATE_KEY" in page
    assert "contact-add" not in page


async def test_the_worker_may_answer_for_the_whole_site(browser: httpx2.AsyncClient):
    """It is asked for again each time, as the list of its site's name and icon is."""
    worker = await browser.get("/static/push-worker.js")
    assert worker.headers["service-worker-allowed"] == "/"
    assert worker.headers["cache-control"] == "no-cache"
    manifest = await browser.get("/static/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert manifest.json()["start_url"] == "/"
    assert "service-worker-allowed" not in (await browser.get("/static/push.js")).headers
