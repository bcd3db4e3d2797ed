"""A way that refuses: the next one that wakes is tried at once, then any other, then the next
person. Who can put it right hears of it once."""

import pytest

from bot.doctor import within
from tests.fakes.conditions import MINUTE, SECOND, TRINO
from tests.fakes.mail_server import mailing
from tests.fakes.ntfy_server import notifying
from tests.fakes.outside import OutsideChat, connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.fakes.twilio_api import refusal, texting

NUMBER = "+491511234567"
TOPIC = "bobs-night-6tq2x9"
UNKNOWN = refusal(400, 21211, f"The 'To' number {NUMBER} is not a valid phone number.")


@pytest.fixture
async def mail(tocsin: Tocsin):
    async with mailing(tocsin) as server:
        yield server


@pytest.fixture
async def twilio(tocsin: Tocsin):
    async with texting(tocsin) as api:
        yield api


@pytest.fixture
async def ntfy(tocsin: Tocsin):
    async with notifying(tocsin) as server:
        yield server


@pytest.fixture
async def slack(tocsin: Tocsin, mail, twilio, ntfy) -> OutsideChat:
    """Bob has a chat, an address, a number and a topic; alice and carol a chat."""
    chat = await connected(tocsin, "alice", "bob", "carol")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        for given in (
            await unit.contacts.give("bob", "sms", NUMBER),
            await unit.contacts.give("bob", "ntfy", TOPIC),
        ):
            await unit.contacts.verify(given.id)
    return chat


async def rung(tocsin: Tocsin) -> list[tuple[str, str]]:
    """By what bob's first page rang, and what came of it; but for the built-in chat."""
    (page, *_) = await tocsin.pages()
    made = [ring for _, ring in await tocsin.rings() if ring.page == page.id]
    shown = [one for one in made if one.ref.get("platform") != "console"]
    return sorted((one.method, one.result) for one in shown)


@pytest.mark.both
async def test_a_number_that_is_refused_gives_way_to_the_topic_at_once(
    tocsin, slack, twilio, ntfy, mail
):
    """In the same minute, and again in the next round; no letter is needed. An admin hears of
    it once, doctor says it until it works again."""
    twilio.answers = [UNKNOWN, UNKNOWN]
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    assert await rung(tocsin) == [("chat", "sent"), ("ntfy", "sent"), ("sms", "failed")]
    assert len(ntfy.at(TOPIC)) == 1
    told = [one.text for one in slack.room("D-U-alice") if "SMS" in one.text]
    assert ["Bob: Twilio said 400" in one for one in told] == [True]
    assert NUMBER[1:] not in told[0]
    await tocsin.say("bob", "/page pass 13")
    await tocsin.say("alice", '/page @bob INC-13 "again"')
    await tocsin.advance(MINUTE)
    assert len(ntfy.at(TOPIC)) == 2
    found = [one.text for one in await within(tocsin.parts) if one.area == "chat"]
    assert ["no page reaches Bob by SMS" in one for one in found] == [True]
    assert len([one for one in slack.room("D-U-alice") if "SMS" in one.text]) == 1
    await tocsin.advance(5 * MINUTE)
    assert len(twilio.to(NUMBER)) == 1
    found = [one.text for one in await within(tocsin.parts) if one.area == "chat"]
    assert found == []
    assert mail.letters == []


async def test_a_chat_that_refuses_wakes_instead_and_nothing_rings_twice(
    tocsin, slack, twilio, ntfy, mail
):
    """The SMS of the first minute has come already; what no way has taken yet follows later."""
    slack.closed.add("D-U-bob")
    await tocsin.fire(TRINO)
    assert await rung(tocsin) == [("chat", "failed"), ("sms", "sent")]
    await tocsin.advance(2 * MINUTE)
    assert len(twilio.to(NUMBER)) == 1
    assert mail.letters == []
    await tocsin.advance(MINUTE)
    assert len(ntfy.at(TOPIC)) == 1
    assert [page.user for page in await tocsin.pages()] == ["bob"]


@pytest.mark.both
async def test_where_every_way_refuses_the_next_one_is_paged_at_once(
    tocsin, slack, twilio, ntfy, mail
):
    """All of them were tried, each once; the timeline says so, and admins hear of each once."""
    slack.closed.add("D-U-bob")
    twilio.answers = [UNKNOWN]
    ntfy.answers = [(403, "forbidden")]
    mail.at_recipient = ["550 no such user"]
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["bob", "carol"]
    assert await rung(tocsin) == [
        ("chat", "failed"),
        ("email", "failed"),
        ("ntfy", "failed"),
        ("sms", "failed"),
    ]
    lines = [one.text for one in await tocsin.timeline()]
    (told,) = [one for one in lines if "reaches Bob" in one]
    assert "Twilio said 400" in told
    assert "550 no such user" in told
    assert NUMBER[1:] not in told
    await tocsin.advance(4 * MINUTE)
    notices = [one.text for one in slack.room("D-U-alice") if "tocsin doctor" in one.text]
    assert sum("Bob:" in one for one in notices) == 4


async def test_what_does_not_answer_gives_way_within_half_a_minute(tocsin, slack, twilio, ntfy):
    """As a chat does."""
    tocsin.forgiven.add("ring_page")
    twilio.answers = [refusal(503, 20503, "Service unavailable")] * 3
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE + 30 * SECOND)
    assert len(ntfy.at(TOPIC)) == 1


async def test_who_is_awake_is_not_woken_by_a_stand_in(tocsin, slack, twilio, mail):
    """They asked for direct messages alone: a letter follows, as before."""
    await tocsin.say("bob", "/me awake 60m")
    slack.closed.add("D-U-bob")
    await tocsin.fire(TRINO)
    assert twilio.sent == []
    assert len(mail.to("bob")) == 1
