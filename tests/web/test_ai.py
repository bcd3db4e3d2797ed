"""What left for a model, for the admins who must answer for it (rules.md 12)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from storage.models import ModelCall
from storage.store import Store
from tests.fakes.company import CANARY
from tests.fakes.site import Site
from tests.fakes.stores import NOON, SYSTEM
from tests.fakes.whole_site import whole_site_over

PATH = "/admin/ai"
HTML = {"Accept": "text/html"}


@pytest.fixture
async def site(company: Store) -> Site:
    """A call that was answered, one that was not, one held back, one about the private incident."""
    await record(
        company,
        call(1, "classify", "INC-1", request="<b>trino</b> from [e-mail 1]", sent_bytes=3456),
        call(2, "postmortem", "INC-1", outcome="failed", answer="model: timeout", sent_bytes=9000),
        call(3, "catchup", None, outcome="failed", answer="model: circuit open"),
        call(4, "classify", "INC-2", request=f"{CANARY} payroll", cost_usd=7.0),
    )
    return whole_site_over(company)


def call(number: int, purpose: str, incident: str | None, **more: Any) -> ModelCall:
    """One call, a minute after the one before."""
    known = {"request": "words", "answer": "{}", "outcome": "answered", "cost_usd": 0.0021}
    at = NOON + timedelta(minutes=number)
    return ModelCall(
        id=f"{number:026}", key=f"{number}", purpose=purpose, prompt=f"{purpose}@1",
        model="claude-haiku-5-5", address="https://api.anthropic.com", incident=incident,
        input_tokens=1200, output_tokens=80, at=at, **{**known, **more},
    )  # fmt: skip


async def record(store: Store, *calls: ModelCall) -> None:
    """Keep calls as the advisor does."""
    async with store.write(SYSTEM) as unit:
        for one in calls:
            await unit.models.add(one)


async def shown(site: Site, query: str = "", person: str = "alice") -> str:
    """The page."""
    async with site.client(person, **HTML) as client:
        return (await client.get(f"{PATH}{query}")).text


def rows(page: str) -> list[int]:
    """Which calls stand on it, in its order."""
    return [int(one) for one in re.findall(r'id="call-(\d+)"', page)]


async def test_every_call_is_there_word_for_word(site: Site):
    """When, what for, about what, how much, where to, what came of it; text stays text."""
    page = await shown(site)
    assert rows(page) == [3, 2, 1]
    for told in (
        "&lt;b&gt;trino&lt;/b&gt; from [e-mail 1]", "3,456 bytes", "1,200 + 80 tokens", "$0.0021",
        "https://api.anthropic.com", "classify@1", "model: timeout", "nothing sent",
        'href="/incidents/INC-1"', 'datetime="2026-11-21T12:01:00+00:00"',
        "<b>3</b> calls", "<b>12,456</b> bytes sent", "<b>$0.0063</b>",
        "Allowed: catchup, classify",
    ):  # fmt: skip
        assert told in page, told


async def test_a_private_incident_is_not_among_them(site: Site):
    """An admin who is no member learns neither its words, nor its number, nor its cost; an admin
    who joins reads what there is."""
    for query in ("", "?incident=INC-2", "?purpose=classify"):
        page = (await shown(site, query)).replace('value="INC-2"', "")
        page = page.replace("incident=INC-2", "")
        assert CANARY not in page
        assert "INC-2" not in page
        assert "$7.0" not in page
    async with site.store.write(SYSTEM) as unit:
        await unit.incidents.join(await unit.incidents.need("INC-2"), "alice")
    assert rows(await shown(site, "?incident=inc-2")) == [4]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?purpose=classify", [1]),
        ("?incident=inc-1", [2, 1]),
        ("?incident=INC-1&outcome=failed", [2]),
        ("?purpose=&incident=", [3, 2, 1]),
        ("?purpose=spell", []),
    ],
)
async def test_the_address_cuts_them(site: Site, query: str, found: list[int]):
    """By purpose, incident and outcome."""
    page = await shown(site, query)
    assert rows(page) == found
    assert ("No call fits." in page) != bool(found)


async def test_older_ones_are_a_link_away(site: Site):
    """Fifty stand on a page; the figures above them are those of all."""
    calls = [call(number, "classify", "INC-1") for number in range(10, 62)]
    await record(site.store, *calls)
    first = await shown(site, "?purpose=classify")
    older = re.search(r'href="/admin/ai(\?purpose=classify&amp;cursor=\d+)"', first)
    assert older
    assert "<b>53</b> calls" in first
    assert rows(await shown(site, older[1].replace("&amp;", "&"))) == [11, 10, 1]


async def test_it_is_for_admins(site: Site):
    """For others neither the page nor the way to it."""
    for person in ("bob", "dave", "erin"):
        assert "This is for admins" in await shown(site, person=person)
    async with site.client("bob", **HTML) as bob, site.client("alice", **HTML) as alice:
        assert 'href="/admin/doctor"' not in (await bob.get("/")).text
        assert 'href="/admin/doctor"' in (await alice.get("/")).text
        assert f'href="{PATH}"' in (await alice.get("/admin/doctor")).text


async def test_before_the_first_call_it_says_how_to_look_ahead(company: Store):
    """What would leave can be read before a key is set."""
    page = await shown(whole_site_over(company))
    assert "Nothing has left for a model in 30 days." in page
    assert "tocsin llm preview INC-42" in page
