"""A private incident belongs to its members; for everyone else it does not exist (rule 2)."""

from collections.abc import AsyncIterator

import pytest

from domain.errors import NotFound
from tests.fakes.conditions import MINUTE
from tests.fakes.tocsin import Tocsin

SECRET = "payroll leaked"


@pytest.fixture
async def told(tocsin: Tocsin) -> AsyncIterator[Tocsin]:
    """Bob has declared INC-13, private, SEV2; he is on call too, and was paged for it."""
    line = f"/incident declare {SECRET} sev:2 service:trino private"
    answer = await tocsin.say("bob", line, room="dm-bob")
    assert answer.data == {"id": "INC-13"}
    yield tocsin


async def test_the_page_says_only_that_there_is_one(told: Tocsin):
    """Number and severity: the lock screen shows nothing else."""
    page = (await told.dm("bob"))[-1]
    assert page.text.startswith("Private SEV2 incident INC-13, open to read")
    assert SECRET not in page.text
    assert page.labels[0] == "Ack"


async def test_its_room_has_its_number_for_a_name_and_its_members_inside(told: Tocsin):
    """Nobody else finds the room; the card for everybody does not exist."""
    assert (await told.incident()).home_room == "inc-13"
    assert "inc-13" in await told.rooms("bob")
    for other in ("alice", "carol", "dave"):
        assert "inc-13" not in await told.rooms(other)
        with pytest.raises(NotFound):
            await told.room("inc-13", other)
    assert await told.room("incidents", "alice") == []


@pytest.mark.both
async def test_for_others_it_is_as_if_there_were_none(told: Tocsin):
    """The same sentence as for a number that never was, also for a commander and admin."""
    for line in ("/incident show INC-{}", "/incident ack INC-{}", "/page @carol INC-{}"):
        real = await told.say("alice", line.format(13))
        never = await told.say("alice", line.format(99))
        assert real.refused == never.refused == "not_found"
        assert real.text.replace("13", "99") == never.text
    assert (await told.say("alice", "/incident list all")).text.count("INC-13") == 0


async def test_a_write_that_asks_which_does_not_offer_it_to_others(told: Tocsin):
    """Alice has no open incident to choose from; bob is offered his."""
    other = await told.say("alice", "/incident update all good")
    assert other.refused == "not_found"
    assert "INC-13" not in other.text
    mine = await told.say("bob", "/incident update all good", room="dm-bob")
    assert "INC-13" in mine.text


async def test_whoever_is_paged_for_it_can_read_it(told: Tocsin):
    """Being asked to help opens it; the reason is not on the lock screen."""
    await told.say("bob", f'/page @carol "{SECRET}, need you" INC-13', room="dm-bob")
    (page,) = await told.dm("carol")
    assert SECRET not in page.text
    answer = await told.press("carol", page, "Open")
    assert SECRET in answer.text
    assert "inc-13" in await told.rooms("carol")


async def test_whoever_is_invited_can_read_it_and_its_members_see_why(told: Tocsin):
    """An invitation is a fact of the incident."""
    await told.say("bob", '/incident invite INC-13 @dave why:"owns payroll"', room="dm-bob")
    assert SECRET in (await told.say("dave", "/incident show INC-13", room="dm-dave")).text
    timeline = await told.told("INC-13", "dave")
    assert "Dave joined, added by Bob: owns payroll" in timeline


async def test_it_is_not_merged_with_what_others_can_read(told: Tocsin):
    """Neither way: the survivor would tell."""
    await told.say("alice", "/incident declare something public")
    await told.say("bob", "/incident invite INC-13 @alice", room="dm-bob")
    for line in ("/incident merge INC-13 into:INC-14", "/incident merge INC-14 into:INC-13"):
        answer = await told.say("alice", line, room="dm-alice")
        assert answer.text.startswith("INC-13 is private and INC-14 is not: ")


async def test_asking_for_privacy_in_public_is_refused_before_it_is_repeated(tocsin: Tocsin):
    """Who writes it where all can read is told to write it directly (rule 2)."""
    answer = await tocsin.say("bob", f"@tocsin incident declare {SECRET} private", room="general")
    assert answer.text == "Write this to me directly; please delete the message above."
    assert await tocsin.open_incidents() == []


async def test_its_postmortem_is_for_its_members_too(told: Tocsin):
    """The draft stands in its room and is not found by others."""
    await told.press("bob", (await told.dm("bob"))[-1], "Ack")
    await told.say("bob", "/incident resolve locked the bucket", room="inc-13")
    assert SECRET in (await told.say("bob", "/postmortem show INC-13", room="dm-bob")).text
    assert any("Postmortem INC-13" in one.text for one in await told.room("inc-13", "bob"))
    assert (await told.say("alice", "/postmortem show INC-13")).refused == "not_found"


async def test_its_number_in_another_timeline_is_hidden_from_others(told: Tocsin):
    """Bob links it to a public incident: only members of it see the link."""
    await told.say("alice", "/incident declare something public")
    await told.say("bob", "/incident link INC-14 INC-13", room="dm-bob")
    assert any("INC-13" in one for one in await told.told("INC-14", "bob"))
    assert not any("INC-13" in one for one in await told.told("INC-14", "dave"))


async def test_nor_does_a_public_postmortem_tell_its_number(told: Tocsin):
    """The draft of the public incident is read by everybody: it leaves the link out."""
    await told.say("alice", "/incident declare something public")
    await told.say("bob", "/incident link INC-14 INC-13", room="dm-bob")
    await told.say("alice", "/incident resolve INC-14 done")
    answer = await told.say("dave", "/postmortem show INC-14")
    assert answer.refused == ""
    assert "INC-13" not in answer.text
    assert "INC-13" not in str(answer.data)


async def test_it_escalates_like_any_other(told: Tocsin):
    """Privacy is no reason to wait: carol is paged, and can read it then."""
    await told.advance(5 * MINUTE)
    (page,) = await told.dm("carol")
    assert page.text.startswith("Private SEV2 incident INC-13, open to read")
    assert SECRET in (await told.say("carol", "/incident show INC-13", room="dm-carol")).text
