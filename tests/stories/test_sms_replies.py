"""Answering a page by a reply to its SMS: whose it is, what it may, and what is not Twilio's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx2
import pytest

from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin, opened
from tests.fakes.twilio_api import SENDER, SID, TOKEN, FakeTwilio, signed, twilio_api
from tests.fakes.web_client import web_client

NUMBER = "+491511234567"
HERE = "http://127.0.0.1:8000"
PATH = "/twilio/sms"


@asynccontextmanager
async def answering(copied, data_dir, api: FakeTwilio) -> AsyncIterator[Tocsin]:
    """A Tocsin that was told of the account, and bob's number verified."""
    told = {"account_sid": SID, "auth_token": TOKEN, "sender": SENDER, "api_url": api.account.url}
    given = {f"twilio.{name}": value for name, value in told.items()}
    async with opened(copied.url, data_dir, copied.seeded, **given) as tocsin:
        async with tocsin.parts.store.write(SYSTEM) as unit:
            mine = await unit.contacts.give("bob", "sms", NUMBER)
            await unit.contacts.verify(mine.id)
        yield tocsin
        assert await tocsin.troubles() == [], "jobs failed or were left over"


@pytest.fixture
async def twilio():
    async with twilio_api() as api:
        yield api


@pytest.fixture
async def texted(copied, tmp_path, twilio):
    async with answering(copied, tmp_path, twilio) as tocsin:
        yield tocsin
        assert await tocsin.troubles() == [], "jobs failed or were left over"


async def reply(
    tocsin: Tocsin, text: str, sender: str = NUMBER, signature: str | None = None
) -> httpx2.Response:
    """What Twilio posts for an SMS that somebody wrote."""
    fields = {"From": sender, "To": SENDER, "Body": text, "MessageSid": f"SM{text}{sender}"}
    proof = signed(fields, f"{HERE}{PATH}") if signature is None else signature
    headers = [
        (b"X-Twilio-Signature", proof.encode()),
        (b"Content-Type", b"application/x-www-form-urlencoded"),
    ]
    async with web_client(tocsin) as web:
        answer = await web.post(PATH, content=urlencode(fields), headers=headers)
    await tocsin.settle()
    return answer


@pytest.mark.both
async def test_a_reply_acks_and_ringing_stops(texted, twilio):
    """The demo marks its SMS; the answer is TwiML that the telephone shows."""
    await texted.fire(TRINO)
    await texted.advance(MINUTE)
    (rung,) = twilio.to(NUMBER)
    assert rung.startswith("DEMO: SEV2 38 % of queries fail on trino prod - INC-13\nAck: http")
    answer = await reply(texted, " Ack 13 ")
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<Response><Message>INC-13 is yours.</Message></Response>" in answer.text
    assert (await texted.incident()).responders == ("bob",)
    await texted.advance(20 * MINUTE)
    assert len(twilio.to(NUMBER)) == 1
    assert "INC-13 is yours." in (await reply(texted, " Ack 13 ")).text


async def test_a_reply_passes_on(texted):
    """The next one is paged now."""
    await texted.fire(TRINO)
    assert "INC-13 is passed on." in (await reply(texted, "pass inc-13")).text
    assert [page.user for page in await texted.pages()] == ["bob", "carol"]


@pytest.mark.parametrize("text", ["resolve 13", "approve 1", "/incident resolve 13", "ack", "hi"])
async def test_nothing_else_can_be_said(texted, text):
    """Nor approved, resolved or silenced (rules.md 1)."""
    await texted.fire(TRINO)
    assert "Reply ack 42 or pass 42" in (await reply(texted, text)).text
    assert (await texted.incident()).status == "triggered"


async def test_only_ones_own_page_and_only_from_a_number_of_ones_own(texted):
    """Not verified, unknown or shared by two is nobody's; somebody else's page is none."""
    await texted.fire(TRINO)
    async with texted.parts.store.write(SYSTEM) as unit:
        await unit.contacts.give("carol", "sms", "+491517654321")
        dave = await unit.contacts.give("dave", "sms", "+491510000000")
        await unit.contacts.verify(dave.id)
    for number in ("+491517654321", "+15550000000", ""):
        assert "nobody" in (await reply(texted, "ack 13", number)).text
    assert "No page of yours fits" in (await reply(texted, "ack 13", "+491510000000")).text
    async with texted.parts.store.write(SYSTEM) as unit:
        shared = await unit.contacts.give("dave", "sms", NUMBER)
        await unit.contacts.verify(shared.id)
    assert "several people" in (await reply(texted, "ack 13")).text
    assert (await texted.incident()).responders == ()


async def test_what_is_not_signed_for_this_address_is_not_looked_at(texted):
    """Closed to any doubt."""
    await texted.fire(TRINO)
    fields = {"From": NUMBER, "To": SENDER, "Body": "ack 13", "MessageSid": f"SMack 13{NUMBER}"}
    other = signed(fields, url="https://elsewhere.example/twilio/sms")
    wrong = signed(fields, f"{HERE}{PATH}", token="another")
    changed = signed(fields | {"Body": "ack 12"}, f"{HERE}{PATH}")
    for proof in ("", "nonsense", "ü", other, wrong, changed):
        refused = await reply(texted, "ack 13", signature=proof)
        assert refused.status_code == 401
    assert (await texted.incident()).responders == ()
    assert (
        await reply(texted, "ack 13", signature=signed(fields, f"{HERE}{PATH}"))
    ).status_code == 200


async def test_where_no_sms_is_sent_there_is_no_such_address(tocsin):
    """Nothing answers there."""
    assert (await reply(tocsin, "ack 13")).status_code == 404
