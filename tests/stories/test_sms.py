"""Woken by SMS: a number is shown to be one's own, rings at its minute, its link acks."""

from urllib.parse import urlsplit

import pytest

from tests.fakes.codes import code_in
from tests.fakes.conditions import MINUTE, SECOND, TRINO
from tests.fakes.outside import connected
from tests.fakes.tocsin import Tocsin
from tests.fakes.twilio_api import FakeTwilio, refusal, texting
from tests.fakes.web_client import web_client

NUMBER = "+491511234567"
CANARY = "zanzibar"


@pytest.fixture
async def twilio(tocsin: Tocsin):
    async with texting(tocsin) as api:
        yield api


async def own_number(tocsin: Tocsin, twilio: FakeTwilio) -> None:
    """Bob adds his number, and types the code that arrives there."""
    await tocsin.say("bob", "/me contact add sms +49 151 1234567")
    code = code_in(twilio.to(NUMBER)[-1])
    verified = await tocsin.say("bob", f"/me contact verify {code}")
    assert "SMS +49…67 is verified" in verified.text
    twilio.sent.clear()


async def answered(tocsin: Tocsin, words: str) -> int:
    """Open the link in an SMS, which changes nothing, and press its button."""
    path = urlsplit(words.rpartition(" ")[2]).path
    async with web_client(tocsin) as web:
        assert (await web.get(path)).status_code == 200
        answer = await web.post(path)
    await tocsin.settle()
    return answer.status_code


async def test_a_number_rings_a_minute_after_the_chat_until_its_link_answers(tocsin, twilio):
    """Bob is wakeable from then on."""
    slack = await connected(tocsin, "bob")
    await own_number(tocsin, twilio)
    shown = await tocsin.say("bob", "/me contact")
    assert "Rung through Do Not Disturb by SMS" in shown.text
    assert NUMBER not in shown.text
    await tocsin.fire(TRINO)
    await tocsin.advance(59 * SECOND)
    assert (len(slack.room("D-U-bob")), twilio.to(NUMBER)) == (1, [])
    await tocsin.advance(SECOND)
    (rung,) = twilio.to(NUMBER)
    assert rung.startswith("SEV2 38 % of queries fail on trino prod - INC-13\nAck: http")
    assert await answered(tocsin, rung) == 303
    assert (await tocsin.incident()).responders == ("bob",)
    await tocsin.advance(20 * MINUTE)
    assert len(twilio.to(NUMBER)) == 1
    assert [page.user for page in await tocsin.pages()] == ["bob"]


async def test_a_private_incident_leaves_nothing_but_its_number(tocsin, twilio):
    """Whoever reads the lock screen (rules.md 2)."""
    await own_number(tocsin, twilio)
    await tocsin.say("alice", f"/incident declare {CANARY} leaked sev:1 private:yes")
    await tocsin.say("alice", f"/page @bob INC-13 {CANARY} again")
    await tocsin.advance(MINUTE)
    (rung,) = twilio.to(NUMBER)
    assert rung.startswith("Private SEV1 incident INC-13, open to read\nAck: http")
    assert CANARY not in rung


async def test_a_number_that_is_refused_for_good_is_recorded_without_it(tocsin, twilio):
    """The ring failed, and no record holds the number."""
    await own_number(tocsin, twilio)
    twilio.answers = [refusal(400, 21610, f"{NUMBER} has unsubscribed")]
    await tocsin.fire(TRINO)
    await tocsin.advance(2 * MINUTE)
    failed = [str(ring.ref) for _, ring in await tocsin.rings() if ring.result == "failed"]
    assert ["Twilio said 400 … has unsubscribed" in one for one in failed] == [True]
    assert NUMBER[1:] not in str([await tocsin.rings(), await tocsin.audited()])


async def test_the_number_that_is_kept_for_people_is_another_thing(tocsin, twilio):
    """The same number may be both; each goes by its own word."""
    await tocsin.say("bob", f"/me contact add phone {NUMBER}")
    assert twilio.sent == []
    await own_number(tocsin, twilio)
    assert "SMS +49…67 is forgotten" in (await tocsin.say("bob", "/me contact remove sms")).text
    assert "Phone +49…67" in (await tocsin.say("bob", "/me contact")).text
