"""Canaries (rules.md 27): by day, before a shift, weekly; one reminder and no more."""

from datetime import datetime, timedelta

import pytest

from domain.canary import SendCanaries
from tests.fakes.conditions import DAY, HOUR
from tests.fakes.outside import OutsideChat, connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

MONDAY = datetime.fromisoformat("2026-11-23T08:30Z")


@pytest.fixture
async def slack(tocsin: Tocsin) -> OutsideChat:
    """Bob and Carol turn weekly; it is early on a Monday, and this is no demo."""
    chat = await connected(tocsin, "bob", "carol")
    tocsin.settled(demo=False)
    tocsin.clock.move(seconds=(MONDAY - tocsin.clock.now()).total_seconds())
    return chat


async def look(tocsin: Tocsin) -> None:
    """The scheduler has looked."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.jobs.add(SendCanaries())
    await tocsin.settle()


def tried(slack: OutsideChat, user: str) -> list[str]:
    """The tests that somebody got there."""
    room = slack.room(f"D-U-{user}")
    return [one.text for one in room if "only a test" in one.text]


async def reminders(slack: OutsideChat, user: str) -> int:
    """How often they were reminded."""
    return sum("was not heard" in one.text for one in slack.room(f"D-U-{user}"))


async def test_a_way_is_tried_by_day_once_a_week(tocsin: Tocsin, slack: OutsideChat):
    """Not before nine, not twice, and again when a week has gone."""
    await look(tocsin)
    assert tried(slack, "bob") == []
    await tocsin.advance(HOUR)
    await look(tocsin)
    await look(tocsin)
    assert len(tried(slack, "bob")) == 1
    assert len(tried(slack, "carol")) == 1
    await tocsin.advance(7 * DAY)
    await look(tocsin)
    assert len(tried(slack, "bob")) == 2


async def test_what_was_not_heard_is_asked_about_once(tocsin: Tocsin, slack: OutsideChat):
    """By one tap Bob is left alone; Carol is reminded a day later, never again."""
    await tocsin.advance(HOUR)
    await look(tocsin)
    async with tocsin.looking() as unit:
        (test,) = await unit.reach_tests.of("bob")
    await tocsin.say("bob", f"/me got {test.id}")
    await tocsin.advance(3 * DAY)
    assert [await reminders(slack, one) for one in ("bob", "carol")] == [0, 1]


async def test_nobody_is_tried_who_is_away_or_in_a_demo(tocsin: Tocsin, slack: OutsideChat):
    """And nobody at the weekend."""
    await tocsin.advance(HOUR)
    await tocsin.say("bob", "/me away 1m 2d")
    await tocsin.advance(timedelta(minutes=2))
    await look(tocsin)
    assert (tried(slack, "bob"), len(tried(slack, "carol"))) == ([], 1)
    tocsin.settled(demo=True)
    await tocsin.advance(8 * DAY)
    await look(tocsin)
    assert len(tried(slack, "carol")) == 1
