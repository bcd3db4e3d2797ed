"""Pages posted to an address of one's own: signed, shown to be theirs, answered by their link."""

from urllib.parse import urlsplit

import pytest

from tests.fakes.conditions import MINUTE, SECOND, TRINO
from tests.fakes.outside import connected
from tests.fakes.tocsin import Tocsin
from tests.fakes.web_client import web_client
from tests.fakes.webhook_receiver import FakeReceiver, receiving

CANARY = "zanzibar"


@pytest.fixture
async def receiver(tocsin: Tocsin):
    async with receiving(tocsin) as made:
        yield made


async def own_address(tocsin: Tocsin, receiver: FakeReceiver) -> None:
    """Bob adds it; the code comes with the secret by which the receiver proves all that follows."""
    await connected(tocsin, "bob")
    await tocsin.say("bob", f"/me contact add webhook {receiver.address}")
    (letter,) = receiver.heard
    assert letter["type"] == "message"
    code = letter["data"]["text"].partition("verify ")[2][:9]
    verified = await tocsin.say("bob", f"/me contact verify {code}")
    assert "Webhook 127.0.0.1/… is verified" in verified.text
    receiver.events.clear()


async def test_a_page_is_posted_once_signed_and_its_link_answers(tocsin, receiver):
    """A minute after the chat, where nothing that wakes rings; a repeat has the same id."""
    await own_address(tocsin, receiver)
    shown = await tocsin.say("bob", "/me contact")
    assert "Not wakeable: chat and webhook only" in shown.text
    assert receiver.address not in shown.text
    receiver.answers = [503]
    tocsin.forgiven.add("ring_page")
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE + 10 * SECOND)
    (event,) = receiver.heard
    assert event["type"] == "page"
    assert event["data"]["title"] == "SEV2 38 % of queries fail on trino prod · INC-13"
    (answer,) = event["data"]["answer"]
    async with web_client(tocsin) as web:
        assert (await web.post(urlsplit(answer).path)).status_code == 303
    await tocsin.settle()
    assert (await tocsin.incident()).responders == ("bob",)


async def test_a_private_incident_leaves_nothing_but_its_number(tocsin, receiver):
    """Wherever it is posted to (rules.md 2); the address is kept in one place."""
    await own_address(tocsin, receiver)
    await tocsin.say("alice", f"/incident declare {CANARY} leaked sev:1 private:yes")
    await tocsin.say("alice", f"/page @bob INC-13 {CANARY} again")
    receiver.answers = [400]
    await tocsin.advance(MINUTE)
    (failed,) = [ring for _, ring in await tocsin.rings() if ring.result == "failed"]
    assert failed.ref == {"error": "the webhook said 400"}
    await tocsin.advance(5 * MINUTE)
    (event,) = receiver.heard
    assert event["data"]["title"] == "Private SEV1 incident INC-13, open to read"
    assert CANARY not in str(event)
    assert receiver.address not in str([await tocsin.rings(), await tocsin.audited()])


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ftp://example.com/x", "that is no address to post to"),
        ("https://me:secret@example.com/x", "leave user names, passwords"),
        ("https://example.com/#x", "leave user names, passwords"),
    ],
)
async def test_what_is_no_address_is_said(tocsin, receiver, address, told):
    """Without repeating it."""
    answer = await tocsin.say("bob", f"/me contact add webhook {address}")
    assert told in answer.text
    assert "secret@" not in answer.text


async def test_nobody_makes_us_post_into_our_own_network(tocsin, receiver):
    """The code is not sent, and whoever asked for it is told why."""
    await tocsin.say("bob", "/me contact add webhook https://169.254.169.254/latest/meta-data")
    (told,) = [one.text for one in await tocsin.dm("bob") if "did not get through" in one.text]
    assert "the webhook must be https, and outside" in told
    assert receiver.posts == 0
