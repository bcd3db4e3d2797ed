"""The life of a schedule: taking the pager, swapping, and knowing what lies ahead."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.conditions import KAFKA, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def test_a_swap_moves_the_page_once_it_is_accepted(tocsin: Tocsin):
    """Bob offers his shift; nothing changes until carol accepts, and then she is rung."""
    answer = await tocsin.say("bob", "/oncall swap @carol 1h 3h schedule:data-platform")
    assert answer.refused == "", answer.text
    assert "You stay on call until somebody accepts" in answer.text
    await tocsin.settle()
    (card,) = [one for one in await tocsin.dm("carol") if "offers a shift" in one.text]
    assert "Bob offers a shift" in card.text
    assert card.labels[:2] == ("Accept", "Decline")
    await tocsin.advance(timedelta(minutes=30))
    await tocsin.fire(KAFKA)
    assert [page.user for page in await tocsin.pages()] == ["bob"]
    await tocsin.press("bob", "INC-13", "Ack")
    accepted = await tocsin.press("carol", "SWP-1", "Accept")
    assert "You take Bob's time" in accepted.text
    await tocsin.settle()
    assert "Carol has accepted SWP-1" in (await tocsin.dm("bob"))[-1].text
    (card,) = [one for one in await tocsin.dm("carol") if "offers a shift" in one.text]
    assert card.labels == ()
    tocsin.clock.move(hours=1)
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["carol"]


async def test_a_swap_back_gives_both_each_others_time(tocsin: Tocsin):
    """Carol's week begins in four days; bob takes an hour of it for an hour of his."""
    line = "/oncall swap @carol 1h 2h back:5d back_until:2h schedule:data-platform"
    answer = await tocsin.say("bob", line)
    assert answer.refused == "", answer.text
    await tocsin.say("carol", "/oncall accept swp-1")
    shifts = (await tocsin.say("dave", "/oncall schedule data-platform days:7")).data["shifts"]
    by_swap = [(one["user"], one["override"] is not None) for one in shifts]
    assert by_swap == [
        ("bob", False), ("carol", True), ("bob", False),
        ("carol", False), ("bob", True), ("carol", False),
    ]  # fmt: skip


async def test_declined_withdrawn_and_late_swaps_leave_everything_as_it_was(tocsin: Tocsin):
    """Whoever offered is told that they stay on call; the buttons answer why."""
    for starts in ("5h", "9h", "1h"):
        await tocsin.say("bob", f"/oncall swap @carol {starts} 2h schedule:data-platform")
    twice = await tocsin.say("bob", "/oncall swap 6h 2h schedule:data-platform")
    assert "SWP-1 offers that already" in twice.text
    await tocsin.settle()
    declined = await tocsin.press("carol", "SWP-1", "Decline")
    assert "nothing changes for you" in declined.text
    await tocsin.settle()
    assert "Nobody could accept SWP-1. You stay on call." in (await tocsin.dm("bob"))[-1].text
    assert (await tocsin.say("carol", "/oncall withdraw SWP-2")).refused == "not_allowed"
    await tocsin.say("bob", "/oncall withdraw SWP-2")
    stale = await tocsin.say("carol", "/oncall accept SWP-2")
    assert stale.refused == "stale"
    assert "SWP-2 was withdrawn" in stale.text
    await tocsin.advance(timedelta(minutes=61))
    assert "Nobody accepted in time SWP-3" in (await tocsin.dm("bob"))[-1].text
    assert "is over" in (await tocsin.say("carol", "/oncall accept SWP-3")).text
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["bob"]


async def test_whoever_does_not_answer_is_asked_once_more(tocsin: Tocsin):
    """A day before the shift begins, by her day, over a restart."""
    answer = await tocsin.say("bob", "/oncall swap 3d 3h schedule:data-platform")
    assert answer.refused == "", answer.text
    async with tocsin.restarted() as again:
        await again.advance(timedelta(days=2, hours=4))
        asked = [one for one in await again.dm("carol") if "still waits" in one.text]
        assert len(asked) == 1
        await again.say("carol", "/oncall decline SWP-1")
        await again.advance(timedelta(days=1))
        assert sum("still waits" in one.text for one in await again.dm("carol")) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/oncall swap @bob 1h 2h schedule:data-platform", "name another responder"),
        ("/oncall swap @dave 1h 2h schedule:data-platform", "Dave cannot take it"),
        ("/oncall swap @carol 1h 30d schedule:data-platform", "for all of that time"),
        ("/oncall cover @carol 1h 2h by:@alice on:data-platform", "Carol is not on call then"),
        (
            "/oncall swap @carol 5d 6h schedule:data-platform",
            "You are not on call for all",
        ),
        ("/oncall swap @carol 1h schedule:data-platform", "Until when?"),
        ("/oncall swap @carol now 2h schedule:data-platform", "That has begun already"),
        ("/oncall swap @carol 1h 2h", "Which schedule?"),
        ("/oncall swap @carol 1h 2h back:5d schedule:data-platform", "Type both back"),
        ("/oncall accept SWP-9", "There is no swap SWP-9"),
    ],
)
async def test_what_cannot_be_swapped_is_refused_with_the_reason(
    tocsin: Tocsin, line: str, told: str
):
    answer = await tocsin.say("bob", line)
    assert answer.refused
    assert told in answer.text


async def test_the_pager_is_taken_now_and_goes_back_by_itself(tocsin: Tocsin):
    """Carol takes bob's pager for two hours; he is told, and has it again afterwards."""
    answer = await tocsin.say("carol", "/oncall take data-platform for:2h")
    assert answer.refused == "", answer.text
    assert "It goes back to Bob by itself" in answer.text
    await tocsin.settle()
    assert "Carol has your place on call" in (await tocsin.dm("bob"))[-1].text
    await tocsin.fire(KAFKA)
    assert [page.user for page in await tocsin.pages()] == ["carol"]
    await tocsin.press("carol", "INC-13", "Ack")
    again = await tocsin.say("carol", "/oncall take data-platform")
    assert "You are on call for data-platform already" in again.text
    tocsin.clock.move(hours=3)
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]


async def test_a_schedule_shows_its_shifts_gaps_and_quality(tocsin: Tocsin):
    shown = await tocsin.say("dave", "/oncall schedule data-platform days:28")
    assert "Bob" in shown.text
    assert "Carol" in shown.text
    assert "Quality 100 of 100" in shown.text
    assert shown.data["quality"]["score"] == 100
    gaps = await tocsin.say("dave", "/oncall gaps")
    assert (gaps.text, gaps.data) == ("Somebody is on call throughout the next 14 days.", [])


async def test_fairness_shows_each_their_own_figures(tocsin: Tocsin):
    """Two people are too few for figures of each, even for their lead (rules.md 25)."""
    mine = await tocsin.say("bob", "/oncall fairness data-platform days:14")
    assert [one["user"] for one in mine.data] == ["bob"]
    assert mine.data[0]["hours"] == 24 * 14
    assert "Everybody together" in mine.text
    lead = await tocsin.say("alice", "/oncall fairness data-platform days:14")
    assert lead.data == []
    assert "Fewer than 5 people" in lead.text


async def test_a_calendar_address_is_private_and_can_be_ended(tocsin: Tocsin):
    """Its secret is told once, stored nowhere, and ends with a word."""
    answer = await tocsin.say("bob", "/oncall ical data-platform")
    secret = answer.data["url"].rpartition("/")[2].removesuffix(".ics")
    assert answer.private
    async with tocsin.looking() as unit:
        calendar = await unit.feeds.behind(secret)
    assert calendar
    assert calendar.name == "On call: data-platform"
    assert {event.title for event in calendar.events} == {
        "Bob on call: data-platform",
        "Carol on call: data-platform",
    }
    mine = await tocsin.say("bob", "/oncall ical")
    assert "Your shifts" in mine.text
    shown = [one.text for one in await tocsin.dm("bob")]
    rooms = [one.text for one in await tocsin.room("incidents", "bob")]
    assert any(secret in text for text in (*shown, *rooms))
    await tocsin.advance(timedelta(minutes=11))
    shown = [one.text for one in await tocsin.dm("bob")]
    rooms = [one.text for one in await tocsin.room("incidents", "bob")]
    assert not any(secret in text for text in (*shown, *rooms))
    assert "2 addresses are revoked" in (await tocsin.say("bob", "/oncall ical revoke")).text
    async with tocsin.looking() as unit:
        assert await unit.feeds.behind(secret) is None


async def test_a_shift_is_given_away_once(tocsin: Tocsin):
    """Bob offers it to two; the second is told that it is gone, and a late one that it began."""
    await tocsin.say("bob", "/oncall swap @carol 1h 2h schedule:data-platform")
    await tocsin.say("bob", "/oncall swap @alice 1h 2h schedule:data-platform")
    assert (await tocsin.say("carol", "/oncall accept SWP-1")).refused == ""
    late = await tocsin.say("alice", "/oncall accept SWP-2")
    assert (late.refused, "fits the schedule no more" in late.text) == ("stale", True)
    await tocsin.say("bob", "/oncall swap @carol 4h 2h schedule:data-platform")
    tocsin.clock.move(hours=5)
    assert "fits the schedule no more" in (await tocsin.say("carol", "/oncall accept SWP-3")).text


async def test_everybody_who_is_relieved_is_told_and_it_can_be_taken_back(tocsin: Tocsin):
    """An override over a handover concerns both; taken back, the rotation holds again."""
    answer = await tocsin.say("bob", "/oncall override @alice 1h 6d schedule:data-platform")
    await tocsin.settle()
    told = {one: [post.text for post in await tocsin.dm(one)] for one in ("bob", "carol")}
    assert [any("your place" in text for text in texts) for texts in told.values()] == [False, True]
    assert any("You are on call" in one.text for one in await tocsin.dm("alice"))
    back = await tocsin.say("bob", f"/oncall cancel {answer.data['id']}")
    assert "The rotation holds again" in back.text
    who = await tocsin.say("dave", "/oncall who data-platform at:2h")
    assert "Bob" in who.text
    again = await tocsin.say("bob", f"/oncall cancel {answer.data['id']}")
    assert again.refused == "not_found"


async def test_without_a_time_the_next_shift_is_offered(tocsin: Tocsin):
    """Bob's present week goes on; the one that carol is asked for begins in eleven days."""
    answer = await tocsin.say("bob", "/oncall swap @carol schedule:data-platform")
    starts = datetime.fromisoformat(answer.data["time"]["starts"])
    assert starts - tocsin.clock.now() > timedelta(days=7)
    assert "From when?" in (await tocsin.say("bob", "/oncall swap to:22:00 on:web")).text
    await tocsin.advance(timedelta(hours=1))
    assert (await tocsin.say("carol", "/oncall accept SWP-1")).refused == ""


async def test_a_swap_ends_with_its_schedule(tocsin: Tocsin):
    """What is left can be taken back, and nothing fails for it."""
    await tocsin.say("bob", "/oncall swap @carol 1h 2h schedule:data-platform")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.catalog.schedules.drop("data-platform")
    await tocsin.settle()
    assert "fits the schedule no more" in (await tocsin.say("carol", "/oncall accept SWP-1")).text
    assert (await tocsin.say("bob", "/oncall withdraw SWP-1")).refused == ""
    await tocsin.settle()
