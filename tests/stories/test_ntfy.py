"""Woken by ntfy: the topic is shown to be one's own, rings at its minute, and its button acks."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fakes.codes import code_in
from tests.fakes.conditions import MINUTE, SECOND, TRINO
from tests.fakes.ntfy_server import FakeNtfy, notifying
from tests.fakes.outside import connected
from tests.fakes.tocsin import Tocsin
from tests.fakes.web_client import web_client

TOPIC = "bobs-night-6tq2x9"
CANARY = "zanzibar"


@pytest.fixture
async def ntfy(tocsin: Tocsin):
    async with notifying(tocsin) as server:
        yield server


async def own_topic(tocsin: Tocsin, ntfy: FakeNtfy) -> None:
    """Bob adds his topic, and types the code that arrives there."""
    await tocsin.say("bob", f"/me contact add ntfy {TOPIC}")
    words = ntfy.at(TOPIC)[-1]["message"]
    code = code_in(words)
    verified = await tocsin.say("bob", f"/me contact verify {code}")
    assert "Ntfy bo… is verified" in verified.text
    ntfy.published.clear()


async def pressed(tocsin: Tocsin, shown: dict[str, Any]) -> int:
    """What the telephone does for the button: the request that stands in it."""
    (button,) = shown["actions"]
    async with web_client(tocsin) as web:
        answer = await web.request(button["method"], urlsplit(button["url"]).path)
    await tocsin.settle()
    return answer.status_code


async def test_a_topic_rings_a_minute_after_the_chat_until_its_button_is_pressed(tocsin, ntfy):
    """Bob is wakeable from then on; a press on the lock screen takes the incident."""
    slack = await connected(tocsin, "bob")
    await own_topic(tocsin, ntfy)
    shown = await tocsin.say("bob", "/me contact")
    assert "Rung through Do Not Disturb by ntfy" in shown.text
    assert "Ntfy bo…: wakes you" in shown.text
    assert TOPIC not in shown.text
    await tocsin.fire(TRINO)
    await tocsin.advance(59 * SECOND)
    assert (len(slack.room("D-U-bob")), ntfy.at(TOPIC)) == (1, [])
    await tocsin.advance(SECOND)
    (rung,) = ntfy.at(TOPIC)
    assert rung["title"] == "SEV2 38 % of queries fail on trino prod · INC-13"
    assert rung["priority"] == 5
    assert await pressed(tocsin, rung) == 303
    assert (await tocsin.incident()).responders == ("bob",)
    await tocsin.advance(20 * MINUTE)
    assert len(ntfy.at(TOPIC)) == 1
    assert [page.user for page in await tocsin.pages()] == ["bob"]


async def test_a_private_incident_leaves_nothing_but_its_number(tocsin, ntfy):
    """On the lock screen and in the text (rules.md 2)."""
    await own_topic(tocsin, ntfy)
    await tocsin.say("alice", f"/incident declare {CANARY} leaked sev:1 private:yes")
    await tocsin.say("alice", f"/page @bob INC-13 {CANARY} again")
    await tocsin.advance(MINUTE)
    (rung,) = ntfy.at(TOPIC)
    assert rung["title"] == "Private SEV1 incident INC-13, open to read"
    assert CANARY not in str(rung)


async def test_a_busy_server_is_asked_again_and_the_topic_is_kept_in_one_place(tocsin, ntfy):
    """No ring, fact or record holds it."""
    tocsin.forgiven.add("ring_page")
    await own_topic(tocsin, ntfy)
    ntfy.answers = [(429, f"slow down, {TOPIC}")]
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE + 30 * SECOND)
    assert len(ntfy.at(TOPIC)) == 1
    assert TOPIC not in str([(*await tocsin.rings(), await tocsin.audited())])


async def test_a_test_rings_it_and_its_button_says_that_it_was_heard(tocsin, ntfy):
    """As loud as a page, so that it shows whether one would be heard."""
    await own_topic(tocsin, ntfy)
    await tocsin.say("bob", "/me test")
    (rung,) = ntfy.at(TOPIC)
    assert (rung["priority"], rung["actions"][0]["label"]) == (5, "I got it")
    await tocsin.advance(10 * SECOND)
    assert await pressed(tocsin, rung) == 303
    assert "Ntfy bo…: wakes you · last confirmed" in (await tocsin.say("bob", "/me contact")).text


async def test_where_it_is_not_set_up_it_cannot_be_added(tocsin):
    """And what an admin has to do is said."""
    answer = await tocsin.say("bob", f"/me contact add ntfy {TOPIC}")
    assert "Ntfy is not set up here: ask an admin to set NTFY_URL." in answer.text
    assert (await tocsin.say("bob", "/me contact add ntfy a/b")).refused == "invalid"
