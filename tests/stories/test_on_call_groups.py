"""Who is on call can be mentioned: a chat's group follows the schedule."""

import pytest

from bot.scheduler import owe_upkeep
from domain.errors import Permanent
from tests.fakes.conditions import HOUR, MINUTE
from tests.fakes.outside import OutsideChat, connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

GROUP = "S0ONCALL"


@pytest.fixture
async def slack(tocsin: Tocsin) -> OutsideChat:
    """Bob and Carol are there; the schedule names a user group."""
    chat = await connected(tocsin, "bob", "carol")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        schedule = await unit.catalog.schedules.need("data-platform")
        named = schedule.model_copy(update={"groups": {"slack": GROUP}})
        await unit.catalog.schedules.put(named)
    return chat


async def a_minute_later(tocsin: Tocsin) -> None:
    """The scheduler has looked once more."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await owe_upkeep(unit)
    await tocsin.advance(MINUTE)


@pytest.mark.both
async def test_a_group_holds_whoever_is_on_call(tocsin: Tocsin, slack: OutsideChat):
    """From the next minute on, also with a stand-in; nothing is asked where nothing has changed."""
    await a_minute_later(tocsin)
    assert slack.groups == {GROUP: {"bob"}}
    calls = slack.calls
    await a_minute_later(tocsin)
    assert slack.calls == calls
    await tocsin.say("carol", "/oncall take data-platform for:1h")
    await a_minute_later(tocsin)
    assert slack.groups == {GROUP: {"carol"}}
    await tocsin.advance(HOUR)
    await a_minute_later(tocsin)
    assert slack.groups == {GROUP: {"bob"}}


async def test_a_group_that_cannot_be_changed_is_not_asked_for_every_minute(
    tocsin: Tocsin, slack: OutsideChat
):
    """It stands among the dead jobs once, and is tried again with the next person."""
    slack.closed.add(GROUP)
    tocsin.forgiven.add("hold_group")
    await a_minute_later(tocsin)
    calls = slack.calls
    await a_minute_later(tocsin)
    assert (slack.calls, slack.groups) == (calls, {})
    slack.closed.clear()
    await tocsin.say("carol", "/oncall take data-platform for:1h")
    await a_minute_later(tocsin)
    assert slack.groups == {GROUP: {"carol"}}


async def test_chats_without_groups_say_so(tocsin: Tocsin):
    """Files can name only those that have some."""
    chat = tocsin.parts.worker.ports.chat("console")
    with pytest.raises(Permanent, match="no groups"):
        await chat.hold_group(GROUP, ("bob",), ())
