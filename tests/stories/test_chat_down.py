"""A chat platform goes away: pages, incidents and people go on without it, and it is back once."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.beats import owe_probes
from bot.doctor import within
from bot.vitals import ProcessVitals
from domain.account import Account
from domain.chat import Words
from domain.place import Place
from storage.tally import Tallies
from storage.views import outages
from tests.fakes.conditions import MINUTE, SECOND, TRINO
from tests.fakes.mail_server import mailing, words
from tests.fakes.outside import OutsideChat, connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

HOME = "R-inc-13-checkout-fails"


@pytest.fixture
async def mail(tocsin: Tocsin):
    async with mailing(tocsin) as server:
        yield server


@pytest.fixture
async def slack(tocsin: Tocsin) -> OutsideChat:
    """Slack is the home; alice, bob and carol are there."""
    return await connected(tocsin, "alice", "bob", "carol")


async def beat(tocsin: Tocsin, lasting: timedelta) -> None:
    """Let time pass in which signs of life are asked for every 20 seconds."""
    for _ in range(lasting // (20 * SECOND)):
        async with tocsin.parts.store.write(SYSTEM) as unit:
            await owe_probes(unit)
        await tocsin.settle()
        await tocsin.advance(20 * SECOND)


async def is_down(tocsin: Tocsin) -> bool:
    async with tocsin.looking() as unit:
        return "slack" in await unit.outages.down()


@pytest.mark.both
async def test_a_minute_of_silence_is_an_outage(tocsin, slack):
    """And three signs of life end it; the metrics say so."""
    slack.down = True
    await beat(tocsin, MINUTE)
    assert not await is_down(tocsin)
    await beat(tocsin, 20 * SECOND)
    assert await is_down(tocsin)
    async with tocsin.looking() as unit:
        assert (await Tallies(unit.scope).levels()).chats == {("slack",): 0}
    slack.down = False
    await beat(tocsin, 40 * SECOND)
    assert await is_down(tocsin)
    await beat(tocsin, 20 * SECOND)
    assert not await is_down(tocsin)


async def test_three_calls_without_an_answer_are_an_outage(tocsin, slack):
    """Nobody waits for the minute; what was to be said waits for the platform, not in vain."""
    slack.down = True
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    await tocsin.advance(10 * SECOND)
    assert await is_down(tocsin)
    tocsin.forgiven |= {"show_card", "open_room"}
    assert await dead(tocsin) == []


async def dead(tocsin: Tocsin) -> list[str]:
    """Jobs that were given up."""
    async with tocsin.looking() as unit:
        depth = await unit.jobs.depth()
    return [lane for (lane, state) in depth if state == "dead"]


async def test_pages_pass_over_a_platform_that_is_down(tocsin, slack, mail):
    """By mail at once, and nobody tries Slack for each of them."""
    slack.down = True
    await beat(tocsin, 80 * SECOND)
    slack.calls = 0
    await tocsin.fire(TRINO)
    assert len(mail.to("bob")) == 1
    assert slack.calls == 0
    assert [page.user for page in await tocsin.pages()] == ["bob"]


async def test_without_another_way_the_next_one_is_paged_at_once(tocsin, slack):
    """The built-in chat shows the page, but bob looks at Slack."""
    slack.down = True
    await beat(tocsin, 80 * SECOND)
    await tocsin.fire(TRINO)
    assert any("INC-13" in one.text for one in await tocsin.dm("bob"))
    assert [page.user for page in await tocsin.pages()][:2] == ["bob", "carol"]


async def test_responders_are_written_to_once(tocsin, slack, mail):
    """Where it goes on, and the call; others only that Slack is silent."""
    tocsin.settled(call_template="https://meet.example.com/{id}")
    await tocsin.say("bob", "/incident declare checkout fails sev:2")
    await tocsin.say("bob", "/incident lead INC-13 me")
    slack.down = True
    await beat(tocsin, 5 * MINUTE)
    (letter,) = mail.to("bob")
    assert letter["Subject"] == "Slack has not answered since 12:00"
    told = words(letter)
    assert "INC-13 goes on here (http://127.0.0.1:8000/incidents/INC-13)" in told
    assert "call (https://meet.example.com/inc-13)" in told
    (letter,) = [one for one in mail.to("alice") if "Slack" in one["Subject"]]
    assert "INC-13" not in words(letter)
    slack.down = False
    await beat(tocsin, 2 * MINUTE)
    slack.down = True
    await beat(tocsin, 5 * MINUTE)
    assert len(mail.to("bob")) == 1, "twice in half an hour is once"


async def test_of_a_private_incident_no_words_are_mailed(tocsin, slack, mail):
    """Its number and severity, and where it is read by who may."""
    tocsin.settled(call_template="https://meet.example.com/{id}")
    tocsin.forgiven.add("show_card")
    await tocsin.say("bob", "/incident declare zanzibar leaked sev:1 private:yes")
    await tocsin.say("bob", "/incident lead INC-13 me")
    slack.down = True
    await beat(tocsin, 2 * MINUTE)
    (letter,) = mail.to("bob")
    assert "Private SEV1 incident INC-13 goes on here" in words(letter)
    assert "zanzibar" not in letter.as_string()
    assert "meet.example.com" not in letter.as_string()


async def test_the_other_chats_say_where_it_goes_on(tocsin, slack):
    """And say Slack's room again afterwards."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    slack.down = True
    await beat(tocsin, 2 * MINUTE)
    assert "Slack does not answer: go on in this card's thread" in await card(tocsin)
    slack.down = False
    await beat(tocsin, 2 * MINUTE)
    assert "discussion is in #inc-13-checkout-fails (Slack)" in await card(tocsin)


async def card(tocsin: Tocsin) -> str:
    """The incident's card in the built-in chat."""
    seen = await tocsin.room("incidents", "dave")
    (found,) = [one for one in seen if "INC-13" in one.text and not one.thread]
    return found.text


async def test_back_again_is_one_line_and_the_card_of_now(tocsin, slack):
    """What was said meanwhile is not said again; nothing stands there twice."""
    tocsin.forgiven |= {"show_card", "post_announcement"}
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    before = len(slack.standing)
    slack.down = True
    await beat(tocsin, 2 * MINUTE)
    for said in ("one", "two", "three"):
        await tocsin.say("alice", f"/incident update INC-13 update number {said}")
    await tocsin.say("alice", "/incident severity INC-13 1")
    slack.down = False
    await beat(tocsin, 2 * MINUTE)
    (back,) = [one.text for one in slack.standing[before:] if one.room == HOME]
    assert back.startswith("Slack is back. It did not answer from 2026-11-21 12:00")
    assert {one.room for one in slack.standing[before:]} == {HOME, "D-U-alice"}
    cards = [one.text for one in slack.standing if one.key.startswith("card:")]
    assert ["SEV1" in one for one in cards] == [True, True]
    seen = [one.text for one in await tocsin.room("incidents", "dave")]
    assert sum("update number two" in one for one in seen) == 1


async def test_a_room_is_opened_elsewhere_and_at_home_when_it_is_back(tocsin, slack):
    """People meet in the built-in chat meanwhile; afterwards Slack leads, and both say so once."""
    tocsin.forgiven |= {"show_card", "open_room"}
    slack.down = True
    await beat(tocsin, 80 * SECOND)
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    assert "inc-13-checkout-fails" in await tocsin.rooms("alice")
    assert (await tocsin.incident()).home_platform == "console"
    slack.down = False
    await beat(tocsin, 2 * MINUTE)
    assert [one.name for one in slack.opened] == ["inc-13-checkout-fails"]
    assert (await tocsin.incident()).home_platform == "slack"
    inside = [one.text for one in await tocsin.room("inc-13-checkout-fails", "alice")]
    assert sum("it goes on in #inc-13-checkout-fails there" in one for one in inside) == 1
    outside = [one.text for one in slack.room(HOME)]
    assert sum("Slack is back" in one for one in outside) == 1
    assert sum(one.key.startswith("card:") for one in slack.standing) == 2


async def test_a_revoked_token_is_an_outage_at_once(tocsin, slack, mail):
    """Refused, and the sign of life refused too: the page is by mail in the same breath."""
    tocsin.forgiven.add("show_card")
    slack.revoked = True
    await tocsin.fire(TRINO)
    assert await is_down(tocsin)
    assert len(mail.to("bob")) == 1
    assert "token_revoked" in words(mail.to("alice")[0])
    assert await dead(tocsin) == []


@pytest.mark.both
async def test_who_answers_elsewhere_while_nothing_is_heard_shows_an_outage(tocsin, slack, mail):
    """Slack takes every page and answers for itself, but no press arrives from it."""
    tocsin.forgiven.add("show_page")
    await tocsin.say("alice", "/incident declare checkout fails sev:3")
    for person in ("bob", "carol", "bob"):
        await tocsin.say("alice", f"/page @{person} INC-13 look at this")
        await tocsin.say(person, "1", room=f"dm-{person}")
        assert not await is_down(tocsin)
    await beat(tocsin, 20 * SECOND)
    assert await is_down(tocsin)
    assert "nothing is heard from it" in words(mail.to("alice")[-1])
    await tocsin.say("alice", "/page @bob INC-13 and at this")
    assert len(mail.to("bob")) == 1
    await beat(tocsin, 2 * MINUTE)
    assert await is_down(tocsin), "signs of life say nothing about it"
    await tocsin.parts.edge.line(
        Words(
            account=Account(platform="slack", workspace="T1", id="U-carol", name="carol"),
            place=Place(platform="slack", room="D-U-carol"),
            key="1",
            text="/help",
        )
    )
    await beat(tocsin, 40 * SECOND)
    assert not await is_down(tocsin)


@pytest.mark.parametrize("closed", [("D-U-bob",), ("D-U-bob", "incidents")])
async def test_what_is_refused_is_told_once(tocsin, slack, mail, closed):
    """A closed direct room, a deleted channel: not for each page, and not at every card."""
    tocsin.forgiven.add("show_card")
    slack.closed |= set(closed)
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/incident declare checkout is slow sev:3")
    await tocsin.advance(MINUTE)
    await tocsin.say("bob", "/incident ack INC-13")
    await tocsin.say("bob", "/incident resolve INC-13 fixed")
    told = [one.text for one in slack.room("D-U-alice") if "let Tocsin speak" in one.text]
    assert len(told) == 1
    assert "Bob: channel_not_found" in told[0]
    await tocsin.advance(35 * MINUTE)
    told = [one.text for one in slack.room("D-U-alice") if "let Tocsin speak" in one.text]
    assert len(told) == len(closed)
    async with tocsin.looking() as unit:
        named = {one.name for one in await outages.refused(unit.scope)}
    assert named == {"Bob"} | ({"incidents"} if len(closed) > 1 else set())


async def test_what_works_again_is_forgotten(tocsin, slack, mail):
    """The next page that arrives is the proof."""
    slack.closed.add("D-U-bob")
    await tocsin.fire(TRINO)
    slack.closed.clear()
    await tocsin.advance(3 * MINUTE)
    async with tocsin.looking() as unit:
        assert await unit.refusals.everything() == ()


async def test_an_answered_page_is_redrawn_where_it_can_be(tocsin, slack):
    """The card in Slack waits for Slack, the one in the built-in chat does not."""
    tocsin.forgiven.add("show_page")
    await tocsin.fire(TRINO)
    slack.down = True
    await beat(tocsin, 80 * SECOND)
    await tocsin.press("bob", "INC-13", "Ack")
    inside = [one for one in await tocsin.dm("bob") if "INC-13" in one.text]
    assert "Yours, Bob" in inside[0].text
    slack.down = False
    await beat(tocsin, 2 * MINUTE)
    assert "Yours, Bob" in slack.room("D-U-bob")[0].text


async def test_a_chat_that_says_later_for_long_is_told_to_the_operator(tocsin, slack):
    """Once; not a short wait, and not any more when the time is over."""
    busy = "slack wants to be left alone until 2026-11-21 12:1"
    slack.busy = timedelta(seconds=40)
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    assert await waits(tocsin) == ({"slack": 0}, "")
    slack.busy = timedelta(minutes=10)
    with capture_logs() as logged:
        await tocsin.advance(2 * MINUTE)
    left, told = await waits(tocsin)
    assert (left["slack"] > 300, told.startswith(busy)) == (True, True)
    found = [one.text for one in await within(tocsin.parts)]
    assert any(one.startswith("Slack wants to be left alone until") for one in found)
    assert [one["platform"] for one in logged if one["event"] == "chat asks to wait"] == ["slack"]
    slack.busy = None
    await tocsin.advance(20 * MINUTE)
    assert await waits(tocsin) == ({"slack": 0}, "")


async def waits(tocsin: Tocsin) -> tuple[dict[str, int], str]:
    """For how long each chat wants to be left alone, by the metrics, and what probes are told."""
    async with tocsin.looking() as unit:
        levels = await Tallies(unit.scope).levels()
    vitals = ProcessVitals(tocsin.parts.store, tocsin.parts.pulses, tocsin.parts.metrics)
    told = [one.detail for one in await vitals.checks() if one.name == "chats"]
    return {name: left for (name,), left in levels.busy_s.items()}, "".join(told)


async def test_the_operator_sees_it(tocsin, slack):
    """On Now's list of what waits."""
    slack.down = True
    await beat(tocsin, 80 * SECOND)
    async with tocsin.looking() as unit:
        (one,) = await outages.down(unit.scope)
    assert (one.platform, one.error) == ("slack", "no answer")
