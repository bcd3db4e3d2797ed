"""Woken by Pushover: an emergency sounds until it is acknowledged, in the app or elsewhere."""

from urllib.parse import urlsplit

import pytest

from tests.fakes.codes import code_in
from tests.fakes.conditions import MINUTE, SECOND, TRINO, condition
from tests.fakes.outside import connected
from tests.fakes.pushover_api import BOB, FakePushover, pushing, receipt_of, refusal
from tests.fakes.tocsin import Tocsin
from tests.fakes.web_client import web_client

CANARY = "zanzibar"


@pytest.fixture
async def pushover(tocsin: Tocsin):
    async with pushing(tocsin) as api:
        yield api


async def own_key(tocsin: Tocsin, pushover: FakePushover) -> None:
    """Bob adds his key, and types the code that arrives there; it wakes nobody."""
    await tocsin.say("bob", f"/me contact add pushover {BOB}")
    (letter,) = pushover.to(BOB)
    assert "priority" not in letter
    code = code_in(letter["message"])
    verified = await tocsin.say("bob", f"/me contact verify {code}")
    assert "Pushover uQ… is verified" in verified.text
    pushover.sent.clear()


async def acknowledged(tocsin: Tocsin, shown: dict[str, str]) -> int:
    """What Pushover posts once its owner has acknowledged in the app."""
    receipt = {"receipt": "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy", "acknowledged": "1"}
    async with web_client(tocsin) as web:
        answer = await web.post(urlsplit(shown["callback"]).path, data=receipt)
    await tocsin.settle()
    return answer.status_code


async def test_an_emergency_sounds_until_it_is_acknowledged_in_the_app(tocsin, pushover):
    """A minute after the chat; Bob is wakeable, and his acknowledgement takes the incident."""
    await connected(tocsin, "bob")
    await own_key(tocsin, pushover)
    shown = await tocsin.say("bob", "/me contact")
    assert "Rung through Do Not Disturb by Pushover" in shown.text
    assert BOB not in shown.text
    await tocsin.fire(TRINO)
    await tocsin.advance(59 * SECOND)
    assert pushover.to(BOB) == []
    await tocsin.advance(SECOND)
    (rung,) = pushover.sounding(BOB)
    assert rung["title"] == "SEV2 38 % of queries fail on trino prod · INC-13"
    assert (rung["retry"], rung["expire"]) == ("30", "300")
    assert await acknowledged(tocsin, rung) == 204
    assert (await tocsin.incident()).responders == ("bob",)
    assert pushover.sounding(BOB) == []
    await tocsin.advance(20 * MINUTE)
    assert len(pushover.to(BOB)) == 1
    assert await acknowledged(tocsin, rung) == 204
    unknown = rung | {"callback": rung["callback"] + "x"}
    assert await acknowledged(tocsin, unknown) == 404


@pytest.mark.parametrize("how", ["Ack", "/page pass 13", "/incident resolve INC-13 fixed"])
async def test_what_ends_the_page_here_ends_the_sound_there(tocsin, pushover, how):
    """Each of its rings, whoever ended it. Where Pushover does not answer, it is told again."""
    await connected(tocsin, "bob")
    await own_key(tocsin, pushover)
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    assert len(pushover.sounding(BOB)) == 1
    tocsin.forgiven.add("show_page")
    pushover.answers = [refusal(503, "try later")]
    await (tocsin.press("bob", "INC-13", how) if how == "Ack" else tocsin.say("bob", how))
    await tocsin.advance(MINUTE)
    assert pushover.sounding(BOB) == []


async def test_several_pages_are_one_emergency(tocsin, pushover):
    """Acknowledged together; it sounds as long as one of them asks."""
    await connected(tocsin, "bob")
    await own_key(tocsin, pushover)
    tocsin.settled(default_policy="data-platform")
    for number in range(3):
        await tocsin.fire(condition(f"shop-{number}", "critical"))
    await tocsin.advance(2 * MINUTE)
    (listed,) = [one for one in pushover.sounding(BOB) if "INC-15" in one["message"]]
    await tocsin.say("bob", "/page ack 14")
    assert listed in pushover.sounding(BOB)
    assert await acknowledged(tocsin, listed) == 204
    assert listed not in pushover.sounding(BOB)
    assert (await tocsin.incident("INC-15")).responders == ("bob",)


async def test_of_a_long_list_one_acknowledgement_answers_what_stood_in_the_message(
    tocsin, pushover
):
    """Whether Pushover calls or is asked; what was only counted, or cut off, rings on."""
    await connected(tocsin, "bob")
    await own_key(tocsin, pushover)
    tocsin.settled(default_policy="data-platform")
    for number in range(23):
        await tocsin.fire(condition(f"shop-{number}", "critical"))
    await tocsin.advance(2 * MINUTE + SECOND)
    listed = pushover.sounding(BOB)[-1]
    named = [f"INC-{one}" for one in range(13, 36) if f"INC-{one} " in listed["message"]]
    assert 3 < len(named) < 20
    pushover.acknowledged.add(receipt_of(len(pushover.sent)))
    await tocsin.advance(10 * SECOND)
    taken = [one for one in await tocsin.open_incidents() if (await tocsin.incident(one)).people]
    assert taken == named[: len(taken)]
    assert len(taken) >= 3
    assert len(listed["callback"].rpartition("/")[2].split(".")) == len(taken)


async def test_a_private_incident_leaves_nothing_but_its_number(tocsin, pushover):
    """On the lock screen and in the app (rules.md 2)."""
    await own_key(tocsin, pushover)
    await tocsin.say("alice", f"/incident declare {CANARY} leaked sev:1 private:yes")
    await tocsin.say("alice", f"/page @bob INC-13 {CANARY} again")
    await tocsin.advance(MINUTE)
    (rung,) = pushover.to(BOB)
    assert rung["title"] == "Private SEV1 incident INC-13, open to read"
    assert CANARY not in str(rung)


async def test_a_test_is_as_loud_and_acknowledging_says_that_it_was_heard(tocsin, pushover):
    """So it shows whether a page would be heard."""
    await own_key(tocsin, pushover)
    await tocsin.say("bob", "/me test")
    (rung,) = pushover.sounding(BOB)
    assert await acknowledged(tocsin, rung) == 204
    assert (
        "Pushover uQ…: wakes you · last confirmed" in (await tocsin.say("bob", "/me contact")).text
    )


async def test_a_key_that_is_refused_is_recorded_without_it(tocsin, pushover):
    """And one that is none is told apart at once."""
    answer = await tocsin.say("bob", "/me contact add pushover bob")
    assert "that is no user key of Pushover" in answer.text
    await own_key(tocsin, pushover)
    pushover.answers = [refusal(400, f"user {BOB} is invalid")]
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    (failed,) = [ring for _, ring in await tocsin.rings() if ring.result == "failed"]
    assert failed.ref["error"] == "Pushover said 400 user … is invalid"
    assert BOB not in str([await tocsin.rings(), await tocsin.audited()])
