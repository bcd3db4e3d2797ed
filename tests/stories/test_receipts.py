"""What providers tell after they took a page: on record and on cards; what was lost gives way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest

from domain.contact import ContactKind
from tests.fakes.conditions import MINUTE, SECOND, TRINO, condition
from tests.fakes.outside import connected
from tests.fakes.pushover_api import BOB, FakePushover, pushover_api, receipt_of
from tests.fakes.pushover_api import TOKEN as APP
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin, opened
from tests.fakes.twilio_api import SENDER, SID, TOKEN, FakeTwilio, signed, twilio_api
from tests.fakes.web_client import web_client

NUMBER = "+491511234567"
HERE = "https://tocsin.example.com"
PATH = "/twilio/status"
WAYS: dict[ContactKind, str] = {"sms": NUMBER, "voice": NUMBER, "pushover": BOB}


@pytest.fixture
async def twilio():
    async with twilio_api() as api:
        yield api


@pytest.fixture
async def pushover():
    async with pushover_api() as api:
        yield api


@asynccontextmanager
async def reached(copied, home, ends, *kinds: ContactKind) -> AsyncIterator[Tocsin]:
    """A Tocsin in the open internet; bob has these ways, verified."""
    twilio, pushover = ends
    told = {
        "account_sid": SID,
        "auth_token": TOKEN,
        "sender": SENDER,
        "api_url": twilio.account.url,
    }
    given = {f"twilio.{name}": value for name, value in told.items()}
    given |= {"pushover.token": APP, "pushover.api_url": pushover.app.url, "public_url": HERE}
    async with opened(copied.url, home, copied.seeded, **given) as tocsin:
        async with tocsin.parts.store.write(SYSTEM) as unit:
            for kind in kinds:
                mine = await unit.contacts.give("bob", kind, WAYS[kind])
                await unit.contacts.verify(mine.id)
        yield tocsin
        assert await tocsin.troubles() == [], "jobs failed or were left over"


async def told(tocsin: Tocsin, sid: str, status: str, proof: str = "", **more: str) -> int:
    """What Twilio posts about an SMS or a call."""
    name = "Message" if sid.startswith("SM") else "Call"
    fields = {f"{name}Sid": sid, f"{name}Status": status, "AccountSid": SID, "To": NUMBER, **more}
    headers = {
        "X-Twilio-Signature": proof or signed(fields, f"{HERE}{PATH}"),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with web_client(tocsin) as web:
        answer = await web.post(PATH, content=urlencode(fields), headers=headers)
    await tocsin.settle()
    return answer.status_code


async def rung(tocsin: Tocsin) -> list[tuple[str, str]]:
    """By what bob's page rang beside its chat, and what is known of it."""
    rings = [ring for _, ring in await tocsin.rings()]
    return [(one.method, one.outcome) for one in rings if one.method not in ("chat", "console")]


@pytest.mark.both
async def test_an_sms_that_was_lost_gives_way_and_an_emergency_is_asked_for(
    copied, tmp_path, twilio: FakeTwilio, pushover: FakePushover
):
    """At once, to the next way that wakes; its acknowledgement is asked for, and takes the page
    also where Pushover cannot call us. What comes twice, late or from others changes nothing."""
    async with reached(copied, tmp_path, (twilio, pushover), "sms", "pushover") as tocsin:
        await connected(tocsin, "bob")
        await tocsin.fire(TRINO)
        await tocsin.advance(55 * SECOND)
        assert await told(tocsin, "SM1", "failed", ErrorCode="30001", proof="nonsense") == 401
        await tocsin.advance(10 * SECOND)
        assert twilio.sent[0]["StatusCallback"] == f"{HERE}{PATH}"
        assert await told(tocsin, "SM1", "sent") == 204
        assert await told(tocsin, "SM9", "undelivered") == 204
        await tocsin.advance(30 * SECOND)
        assert (await rung(tocsin), pushover.sent) == ([("sms", "accepted")], [])
        assert await told(tocsin, "SM1", "undelivered", ErrorCode="30003") == 204
        assert len(pushover.sounding(BOB)) == 1
        for late in ("undelivered", "delivered", "queued"):
            await told(tocsin, "SM1", late)
        assert await rung(tocsin) == [("sms", "undelivered"), ("pushover", "accepted")]
        why = (await tocsin.say("bob", "/why 13")).text
        assert "undelivered 12:01:35" in why
        assert "SM1 Twilio took it, and then told: undelivered (error 30003)" in why
        assert NUMBER[1:] not in str([why, await tocsin.audited()])
        assert "SMS" in str([one.text for one in await tocsin.dm("alice")])
        await tocsin.advance(9 * SECOND)
        assert pushover.asked == []
        pushover.acknowledged.add(receipt_of(1))
        await tocsin.advance(SECOND)
        assert (await tocsin.incident()).responders == ("bob",)
        assert (await rung(tocsin))[1] == ("pushover", "acknowledged")
        await tocsin.advance(MINUTE)
        assert (pushover.asked, pushover.sounding(BOB)) == ([receipt_of(1)], [])


async def test_nobody_is_woken_late_for_what_has_stopped_firing(copied, tmp_path, twilio, pushover):
    """The loss is on record; while its alerts are resolved nothing stands in for it."""
    async with reached(copied, tmp_path, (twilio, pushover), "sms", "pushover") as tocsin:
        await connected(tocsin, "bob")
        await tocsin.fire(TRINO)
        await tocsin.advance(MINUTE)
        await tocsin.heal(TRINO)
        assert [page.state for page in await tocsin.pages()] == ["sent"]
        assert await told(tocsin, "SM1", "undelivered", ErrorCode="30003") == 204
        assert (await rung(tocsin), pushover.sent) == ([("sms", "undelivered")], [])
        await tocsin.say("bob", "/page ack 13")


async def test_cards_say_what_arrived_and_that_no_key_was_pressed(
    copied, tmp_path, twilio, pushover
):
    """The room reads it where the next one is paged; a busy line gives way, a mailbox does not."""
    async with reached(copied, tmp_path, (twilio, pushover), "sms", "voice") as tocsin:
        await connected(tocsin, "bob")
        await tocsin.fire(TRINO)
        await tocsin.advance(MINUTE)
        await told(tocsin, "SM1", "delivered")
        await tocsin.advance(MINUTE)
        await told(tocsin, "CA1", "in-progress")
        await told(tocsin, "CA1", "completed")
        await tocsin.advance(2 * MINUTE)
        await told(tocsin, "CA2", "busy")
        assert await rung(tocsin) == [("sms", "delivered"), ("voice", "no key"), ("voice", "busy")]
        assert [page.user for page in await tocsin.pages()] == ["bob"]
        await tocsin.advance(MINUTE)
        (_, stepped) = await tocsin.room("alerts-data-platform")
        words = "call 12:02 no key, Slack 12:03 accepted, Slack 12:04 accepted, call 12:04 busy"
        assert f"No ack from Bob ({words})." in stepped.text
        await tocsin.say("bob", "/page ack 13")


async def test_a_call_that_nobody_takes_goes_on_by_another_way(copied, tmp_path, twilio, pushover):
    """Not by one that rang a moment ago; a test of the ways says it too."""
    async with reached(copied, tmp_path, (twilio, pushover), "voice") as tocsin:
        slack = await connected(tocsin, "bob")
        await tocsin.say("bob", "/me test")
        await told(tocsin, "CA1", "failed")
        assert "refused it: Twilio took it, and then told: failed" in slack.room("D-U-bob")[-1].text
        async with tocsin.parts.store.write(SYSTEM) as unit:
            mine = await unit.contacts.give("bob", "pushover", BOB)
            await unit.contacts.verify(mine.id)
        await tocsin.fire(TRINO)
        await tocsin.advance(2 * MINUTE)
        sounded = len(pushover.sounding(BOB))
        await tocsin.advance(31 * SECOND)
        await told(tocsin, "CA2", "no-answer")
        assert (await rung(tocsin))[-1] == ("voice", "no answer")
        assert len(pushover.sounding(BOB)) == sounded  # it rang a minute ago: no second time
        await tocsin.press("bob", "INC-13", "Ack")


async def test_a_list_that_was_lost_gives_way_as_one(copied, tmp_path, twilio, pushover):
    """All its pages ring by the next way together, and none is lost where its receipt comes
    before our own record of it."""
    async with reached(copied, tmp_path, (twilio, pushover), "sms", "pushover") as tocsin:
        await connected(tocsin, "bob")
        tocsin.settled(default_policy="data-platform")
        for number in range(3):
            await tocsin.fire(condition(f"shop-{number}", "critical"))
        await tocsin.advance(MINUTE + 58 * SECOND)
        assert await told(tocsin, "SM2", "failed", ErrorCode="30005") == 204
        await tocsin.advance(10 * SECOND)
        assert len(twilio.sent) == 2
        (listed,) = pushover.sounding(BOB)
        assert "INC-15" in listed["message"]
        assert [one for one in await rung(tocsin) if one[0] == "pushover"] == []
        rings = [one for _, one in await tocsin.rings("INC-15") if one.bundle]
        assert ("sms", "failed") in [(one.method, one.outcome) for one in rings]
        pushover.acknowledged.add(receipt_of(1))
        await tocsin.advance(10 * SECOND)
        assert (await tocsin.incident("INC-14")).responders == ("bob",)
        assert (await tocsin.incident("INC-15")).responders == ("bob",)
        assert (await tocsin.incident()).responders == ()
        await tocsin.say("bob", "/page ack 13")
