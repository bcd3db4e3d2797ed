"""Woken by a call: it reads the lock screen's line, and only a pressed key answers."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from bot.site import build_site
from tests.fakes.conditions import MINUTE, SECOND, TRINO, condition
from tests.fakes.outside import connected
from tests.fakes.tocsin import Tocsin, opened
from tests.fakes.twilio_api import (
    SENDER,
    SID,
    TOKEN,
    posts_to,
    signed,
    spoken,
    twilio_api,
)

NUMBER = "+491511234567"
CANARY = "zanzibar"


@pytest.fixture
async def twilio():
    async with twilio_api() as api:
        yield api


@pytest.fixture
async def called(copied, tmp_path, twilio) -> AsyncIterator[Tocsin]:
    """A Tocsin that was told of the account; bob's number was read a code, which he typed."""
    told = {
        "account_sid": SID,
        "auth_token": TOKEN,
        "sender": SENDER,
        "api_url": twilio.account.url,
    }
    given = {f"twilio.{name}": value for name, value in told.items()}
    async with opened(copied.url, tmp_path, copied.seeded, **given) as tocsin:
        await tocsin.say("bob", "/me contact add voice +49 151 1234567")
        (script,) = twilio.calls_to(NUMBER)
        (letters,) = set(re.findall(r"(?:[2-9A-HJ-Z], ){7}[2-9A-HJ-Z]", spoken(script)))
        verified = await tocsin.say("bob", f"/me contact verify {letters.replace(', ', '')}")
        assert "Voice call +49…67 is verified" in verified.text
        twilio.called.clear()
        yield tocsin
        assert await tocsin.troubles() == [], "jobs failed or were left over"


async def pressed(
    tocsin: Tocsin, script: str, digit: str = "", call: str = "CA1", proof: str | None = None
) -> httpx2.Response:
    """What Twilio posts when a key was pressed, or none."""
    address = posts_to(script)
    fields = {"CallSid": call, "From": SENDER, "To": NUMBER, "Digits": digit}
    headers = {
        "X-Twilio-Signature": signed(fields, address) if proof is None else proof,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    here = urlsplit(address)
    transport = httpx2.ASGITransport(app=build_site(tocsin.parts))
    base = f"{here.scheme}://{here.netloc}"
    async with httpx2.AsyncClient(transport=transport, base_url=base) as web:
        answer = await web.post(here.path, content=urlencode(fields), headers=headers)
    await tocsin.settle()
    return answer


async def test_a_call_comes_after_two_minutes_and_again_until_a_key_is_pressed(called, twilio):
    """Twilio took the first call, but nobody pressed a key: a mailbox does not either."""
    await called.fire(TRINO)
    await called.advance(2 * MINUTE - SECOND)
    assert twilio.called == []
    await called.advance(SECOND)
    (script,) = twilio.calls_to(NUMBER)
    assert spoken(script).startswith(
        "DEMO: SEV2 38 % of queries fail on trino prod, INC-13. Press 1 to take it. Press 2"
    )
    assert "Press 1 to take it" in spoken((await pressed(called, script)).text)
    assert "Press 1 to take it" in spoken((await pressed(called, script, "9")).text)
    await called.advance(2 * MINUTE)
    assert len(twilio.called) == 2
    assert (await called.incident()).responders == ()
    answer = await pressed(called, twilio.calls_to(NUMBER)[-1], "1")
    assert answer.headers["content-type"].startswith("text/xml")
    assert spoken(answer.text).startswith("INC-13 is yours.")
    assert (await called.incident()).responders == ("bob",)
    await called.advance(20 * MINUTE)
    assert len(twilio.called) == 2
    again = await pressed(called, twilio.calls_to(NUMBER)[-1], "1")
    assert spoken(again.text).startswith("INC-13 is yours.")


async def test_two_passes_it_on(called, twilio):
    """The next one is paged now; the call of a page that has ended leads nowhere."""
    await called.fire(TRINO)
    await called.advance(2 * MINUTE)
    (script,) = twilio.calls_to(NUMBER)
    assert "INC-13 is passed on." in spoken((await pressed(called, script, "2")).text)
    assert [page.user for page in await called.pages()] == ["bob", "carol"]
    await called.say("alice", "/incident resolve INC-13 fixed")
    assert "INC-13 is resolved." in spoken((await pressed(called, script, "1", "CA2")).text)


async def test_a_private_incident_leaves_nothing_but_its_number(called, twilio):
    """Whoever picks up (rules.md 2)."""
    await called.say("alice", f"/incident declare {CANARY} leaked sev:1 private:yes")
    await called.say("alice", f"/page @bob INC-13 {CANARY} again")
    await called.advance(2 * MINUTE)
    (script,) = twilio.calls_to(NUMBER)
    assert "Private SEV1 incident INC-13, open to read. Press 1" in spoken(script)
    await called.say("bob", "/page ack INC-13")
    heard = [(await pressed(called, script, key, key)).text for key in ("1", "2", "3")]
    assert CANARY not in "".join([script, *heard])


async def test_several_pages_are_one_call_and_one_key(called, twilio):
    """It reads what is broken, and 1 takes exactly that."""
    await connected(called, "bob")
    called.settled(default_policy="data-platform")
    for number in range(3):
        await called.fire(condition(f"shop-{number}", "critical"))
    await called.advance(3 * MINUTE)
    (listed,) = [one for one in twilio.calls_to(NUMBER) if "all of them" in spoken(one)]
    assert "2 pages still wait for you, the worst SEV2" in spoken(listed)
    said = spoken((await pressed(called, listed, "1")).text)
    assert said.startswith("INC-14 is yours. INC-15 is yours.")
    assert (await called.incident()).responders == ()


async def test_a_test_says_press_one(called, twilio):
    """And keeps when it was heard."""
    await called.say("bob", "/me test")
    (script,) = twilio.calls_to(NUMBER)
    assert "Press 1 if you hear this." in spoken(script)
    assert "Press 1 if you hear this." in spoken((await pressed(called, script, "2")).text)
    assert "never confirmed" in (await called.say("bob", "/me contact")).text
    assert "This reaches you" in spoken((await pressed(called, script, "1")).text)
    shown = (await called.say("bob", "/me contact")).text
    assert "Rung through Do Not Disturb by voice call" in shown
    assert "Voice call +49…67: wakes you · last confirmed" in shown


async def test_what_is_not_signed_for_this_address_is_not_looked_at(called, twilio):
    """Closed to any doubt; an address that is made up leads nowhere."""
    await called.fire(TRINO)
    await called.advance(2 * MINUTE)
    (script,) = twilio.calls_to(NUMBER)
    fields = {"CallSid": "CA1", "From": SENDER, "To": NUMBER, "Digits": "1"}
    elsewhere = signed(fields, "https://elsewhere.example/twilio/voice/x")
    changed = signed(fields | {"Digits": "2"}, posts_to(script))
    for proof in ("", "nonsense", elsewhere, changed, signed(fields, posts_to(script), "another")):
        assert (await pressed(called, script, "1", proof=proof)).status_code == 401
    assert (await called.incident()).responders == ()
    made_up = script.replace("/twilio/voice/", "/twilio/voice/x")
    assert "leads nowhere" in spoken((await pressed(called, made_up, "1")).text)


async def test_a_number_that_cannot_be_called_gives_way(called, twilio):
    """As every other way; the record holds no number."""
    await connected(called, "bob")
    twilio.answers = [(400, {"code": 21211, "message": f"{NUMBER} is not valid", "status": 400})]
    await called.fire(TRINO)
    await called.advance(3 * MINUTE)
    failed = [ring for _, ring in await called.rings() if ring.result == "failed"]
    assert [one.method for one in failed] == ["voice"]
    assert NUMBER[1:] not in str([await called.rings(), await called.audited()])
