"""Oneself: what rings, what is mine, and the clock I read."""

import pytest

from domain.plain import plain
from tests.fakes.conditions import MINUTE, TRINO


@pytest.mark.both
async def test_me_says_what_is_mine_and_what_rings(tocsin):
    """The page with its answer first; after it, the incident; always shifts and how to be
    reached."""
    await tocsin.fire(TRINO)
    shown = await tocsin.say("bob", "/me")
    assert "You are paged: " in shown.text
    assert "INC-13" in shown.text
    assert "On call" in shown.text
    assert "chat: console" in shown.text
    assert "not wakeable" in shown.text.lower()
    await tocsin.press("bob", shown, "Ack")
    after = await tocsin.say("bob", "/me")
    assert "You are paged" not in after.text
    assert "Your open incidents" in after.text
    assert after.data["incidents"][0]["id"] == "INC-13"


async def test_me_of_somebody_else_shows_none_of_it(tocsin):
    """Neither page nor incident of bob's."""
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    shown = await tocsin.say("dave", "/me")
    assert "INC-13" not in shown.text


async def test_me_shifts_is_another_way_to_say_oncall_me(tocsin):
    """People type what belongs to them after /me."""
    assert (await tocsin.say("bob", "/me shifts")).data == (
        await tocsin.say("bob", "/oncall me")
    ).data


async def test_my_time_zone_is_that_of_what_i_type(tocsin):
    """By name or city, in any case; a slip says what was meant."""
    done = await tocsin.say("bob", "/me timezone berlin")
    assert "Europe/Berlin: it is 13:00 there now" in done.text
    assert (await tocsin.actor("bob")).timezone == "Europe/Berlin"
    wrong = await tocsin.say("bob", "/me timezone Europe/Berlni")
    assert wrong.refused == "invalid"
    assert "did you mean Europe/Berlin?" in wrong.text
    nowhere = await tocsin.say("bob", "/me timezone nowhere at all")
    assert "write one like Europe/Berlin" in plain(nowhere.message)
