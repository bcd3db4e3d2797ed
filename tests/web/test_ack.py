"""The link in a page: showing changes nothing, pressing acts for one person on one page."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.keys import Keys
from domain.incident import resolve
from domain.paging import Page
from storage.store import Store
from tests.fakes.company import CANARY
from tests.fakes.site import Site
from tests.fakes.stores import SYSTEM


@dataclass(frozen=True)
class Link:
    """A code and the page it acts on."""

    code: str
    page: str
    store: Store

    @property
    def url(self) -> str:
        return f"/a/{self.code}"

    async def now(self) -> Page:
        """The page as it stands."""
        async with self.store.read() as unit:
            return await unit.pages.need(self.page)


async def link_to(store: Store, incident: str) -> Link:
    """The link in bob's page of ``incident``."""
    async with store.write(SYSTEM) as unit:
        (page,) = await unit.pages.ringing(incident, "bob")
        later = {"next": "Carol", "next_at": unit.now + timedelta(minutes=5)}
        await unit.pages.save(page.model_copy(update=later))
        return Link(unit.pages.code(page.id), page.id, store)


@pytest.fixture
async def link(company: Store) -> Link:
    return await link_to(company, "INC-1")


@pytest.fixture
async def private(company: Store) -> Link:
    return await link_to(company, "INC-2")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(peopled: Site, link: Link, method: str) -> None:
    """Mail scanners open links, with GET and HEAD and any query."""
    async with peopled.client() as client:
        for query in ("", "?do=ack"):
            assert (await client.request(method, link.url + query)).status_code == 200
    assert (await link.now()).state == "sent"


async def test_the_page_says_what_and_who_is_next(peopled: Site, link: Link) -> None:
    """What is broken, why you, who is next, and two buttons; no script, no login."""
    async with peopled.client() as client:
        html = (await client.get(link.url)).text
    for said in ("Trino queries failing", "Page for Bob", "public words why", "Carol is paged at"):
        assert said in html
    assert 'value="ack"' in html
    assert 'value="pass"' in html
    assert "<script" not in html


@pytest.mark.parametrize(("pressed", "state"), [("ack", "acked"), ("pass", "passed")])
async def test_pressing_acts(peopled: Site, link: Link, pressed: str, state: str) -> None:
    """A button acknowledges or passes on, and then shows how things stand."""
    async with peopled.client() as client:
        answer = await client.post(link.url, data={"do": pressed})
        assert (answer.status_code, answer.headers["Location"]) == (303, link.url)
        html = (await client.get(link.url)).text
    page = await link.now()
    assert (page.state, page.ended_by) == (state, "bob")
    assert f'data-state="{state}"' in html
    assert "<form" not in html


async def test_an_ack_by_link_takes_the_incident(peopled: Site, link: Link) -> None:
    """It is the same command as anywhere: the incident is acknowledged by the person paged."""
    async with peopled.client() as client:
        await client.post(link.url)
    async with peopled.store.read() as unit:
        incident = await unit.incidents.need("INC-1")
    assert (incident.status.value, incident.acknowledged_at) == (
        "acknowledged",
        peopled.store.clock.now(),
    )


async def test_nothing_else_can_be_pressed(peopled: Site, link: Link) -> None:
    """A link may acknowledge and pass on, never resolve."""
    async with peopled.client() as client:
        answer = await client.post(link.url, data={"do": "resolve"})
    assert (answer.status_code, answer.json()["field"]) == (422, "do")
    assert (await link.now()).state == "sent"


async def test_a_private_incident_shows_no_text(peopled: Site, private: Link) -> None:
    """Severity and number, and nothing that was written in it; the button works."""
    async with peopled.client() as client:
        before = await client.get(private.url)
        pressed = await client.post(private.url)
        after = await client.get(private.url)
    assert "Private SEV2 incident INC-2, open to read" in before.text
    assert pressed.status_code == 303
    for answer in (before, pressed, after):
        assert CANARY not in answer.text + str(answer.headers)
    assert (await private.now()).state == "acked"


async def test_the_link_ends_with_the_incident(peopled: Site, private: Link) -> None:
    """Afterwards it says that it is over, and acts no more."""
    async with peopled.store.write(SYSTEM) as unit:
        incident = await unit.incidents.need("INC-2")
        await unit.incidents.save(resolve(incident, "fixed", unit.now))
    async with peopled.client() as client:
        shown, pressed = await client.get(private.url), await client.post(private.url)
    assert (shown.status_code, pressed.status_code) == (410, 410)
    assert "INC-2 is resolved." in shown.text
    assert CANARY not in shown.text
    assert (await private.now()).state == "sent"


async def test_somebody_else_s_answer_is_told(peopled: Site, link: Link) -> None:
    """Where another person has it, there is nothing left to press."""
    async with peopled.store.write(SYSTEM) as unit:
        await unit.pages.end(await unit.pages.need(link.page), "acked", "carol")
    async with peopled.client() as client:
        answer = await client.get(link.url)
    assert answer.status_code == 410
    assert "Somebody else has it" in answer.text


async def test_links_go_on_after_a_change_of_key(peopled: Site, link: Link) -> None:
    """Sent before the change, and sent again after it: both lead to the page, with their keys."""
    peopled.store.codes = Keys.derived("the next", "a secret key of the tests")
    async with peopled.store.read() as unit:
        again = unit.pages.code(link.page)
    assert again != link.code
    async with peopled.client() as client:
        for code in (link.code, again):
            assert (await client.get(f"/a/{code}")).status_code == 200
        peopled.store.codes = Keys.derived("the next")
        assert (await client.get(link.url)).status_code == 404


async def test_a_person_who_left_has_no_links(peopled: Site, link: Link) -> None:
    """Deactivation ends codes too."""
    async with peopled.store.write(SYSTEM) as unit:
        await unit.people.deactivate("bob")
    async with peopled.client() as client:
        assert (await client.post(link.url)).status_code == 404
    assert (await link.now()).state == "sent"


@pytest.mark.parametrize("wrong", ["wrong", "x{}", "{}x", "x" * 5000, "%2e%2e", "'--"])
async def test_wrong_codes_lead_nowhere(peopled: Site, link: Link, wrong: str) -> None:
    """What is not a code is 404, for looking and for pressing."""
    code = wrong.format(link.code)
    async with peopled.client() as client:
        assert (await client.get(f"/a/{code}")).status_code == 404
        assert (await client.post(f"/a/{code}")).status_code == 404


async def test_codes_cannot_be_tried_out(peopled: Site, link: Link) -> None:
    """Too many wrong codes from an address must wait; a right one still works."""
    async with peopled.client() as client:
        seen = [(await client.get(f"/a/try{n}")).status_code for n in range(21)]
        assert (seen[0], seen[-1]) == (404, 429)
        assert (await client.get(link.url)).status_code == 200


async def test_the_link_works_where_nothing_else_is(peopled: Site, link: Link) -> None:
    """The door for the internet has hooks and links, and nothing that needs a login."""
    async with peopled.outside() as client:
        assert (await client.get(link.url)).status_code == 200
        assert (await client.post("/hooks/alertmanager", json={})).status_code == 401
        for path in ("/", "/login", "/api/v1/incidents", "/metrics", "/docs", "/healthz"):
            assert (await client.get(path)).status_code == 404
