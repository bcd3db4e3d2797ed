"""Silences: shown before they are kept, kept within bounds, ended by time or hand (rules.md 8)."""

from datetime import timedelta

import pytest

from domain.call import Call, Origin, Reply
from tests.fakes.conditions import HOUR, KAFKA, TRINO
from tests.fakes.tocsin import Tocsin

HIDE = "/alert silence service=trino for:1h why:planned restart"


async def silences(tocsin: Tocsin) -> list[str]:
    """What is silenced now."""
    async with tocsin.looking() as unit:
        return [one.named for one in await unit.alerts.silences()]


async def by_program(tocsin: Tocsin, user: str, **args: str) -> Reply:
    """The call over HTTP."""
    actor = await tocsin.actor(user)
    call = Call(command="alert silence", args=args, actor=actor, origin=Origin(surface="api"))
    return await tocsin.parts.dispatch(call)


async def test_what_would_have_been_hidden_is_shown_before_it_is_kept(tocsin: Tocsin):
    """A preview with a button; its press keeps it, and an author hears of its end."""
    await tocsin.fire(TRINO)
    await tocsin.heal(TRINO)
    shown = await tocsin.say("bob", HIDE)
    assert shown.refused == "confirm"
    assert "It would have hidden 1 alert and 1 page in the last 24 h." in shown.text
    assert await silences(tocsin) == []

    kept = await tocsin.press("bob", shown, "Silence for 1 h")
    assert kept.text.startswith('SIL-1: service="trino" is silenced until ')
    assert await silences(tocsin) == ['service="trino"']
    before = await tocsin.rings()
    await tocsin.advance(timedelta(minutes=10))
    await tocsin.fire(TRINO)
    assert await tocsin.rings() == before

    await tocsin.advance(HOUR)
    assert await silences(tocsin) == []
    over = [one.text for one in await tocsin.dm("bob") if "is over since" in one.text]
    assert len(over) == 1
    assert "It hid 1 alert, 1 still firing." in over[0]


async def test_a_silence_is_ended_by_hand_and_its_author_told(tocsin: Tocsin):
    """Carol ends Bob's; it rings again at once, and the timer is gone."""
    await tocsin.press("bob", await tocsin.say("bob", HIDE), "Silence")
    listed = await tocsin.say("dave", "/alert silences")
    assert 'SIL-1 service="trino" until' in listed.text
    ended = await tocsin.say("carol", "/alert unsilence sil-1")
    assert ended.text == 'service="trino" rings again from now on. SIL-1 is over.'
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["bob"]
    await tocsin.advance(2 * HOUR)
    assert len([one for one in await tocsin.dm("bob") if "is over since" in one.text]) == 1
    again = await tocsin.say("carol", "/alert unsilence SIL-1")
    assert (again.refused, again.text) == (
        "not_found",
        "SIL-1 silences nothing now: see /alert silences.",
    )


LINES = {
    "service=trino for:4h why:restart": "",
    "service=trino for:5h why:restart": "APR",
    "service=storefront for:1h why:restart": "APR",
    "alertname=TrinoQueryFailures for:1h why:restart": "",
    "alertname=NeverSeen for:1h why:restart": "APR",
    "severity=critical for:1h why:restart": "invalid",
}


@pytest.mark.parametrize(("line", "came"), LINES.items())
async def test_more_than_four_hours_or_of_other_teams_waits_for_a_commander(
    tocsin: Tocsin, line: str, came: str
):
    """What fits the own team alone is theirs; what nobody knows may be anybody's."""
    await tocsin.fire(TRINO)
    asked = await tocsin.say("bob", f"/alert silence {line}")
    if came == "APR":
        assert (asked.refused, asked.approval) == ("", "APR-1")
        assert asked.text.startswith("APR-1 waits for 1 of any commander")
    else:
        assert asked.refused == (came or "confirm")
    assert await silences(tocsin) == []


async def test_a_longer_silence_is_kept_with_the_approval(tocsin: Tocsin):
    """In the commit of the grant, for whoever asked; never by their own."""
    await tocsin.fire(KAFKA)
    await tocsin.say("bob", "/alert silence service=trino for:8h why:the migration")
    assert (await tocsin.say("bob", "/approval grant APR-1")).refused == "not_allowed"
    done = await tocsin.say("alice", "/approval grant APR-1")
    assert 'SIL-1: service="trino" is silenced until' in done.text
    async with tocsin.looking() as unit:
        (kept,) = await unit.alerts.silences()
    assert kept.created_by == "bob"
    assert kept.ends_at - kept.starts_at == 8 * HOUR


async def test_a_commander_and_a_program_are_not_asked_twice(tocsin: Tocsin):
    """A commander sees the preview, waits for nobody; a program has its dry run instead."""
    shown = await tocsin.say("alice", "/alert silence service=storefront for:8h why:restart")
    assert shown.refused == "confirm"
    await tocsin.press("alice", shown, "Silence")
    stale = await tocsin.say(
        "alice", "/alert silence service=storefront for:9h why:restart confirm:0123456789abcdef"
    )
    assert stale.refused == "stale"
    kept = await by_program(tocsin, "bob", matchers="service=trino", why="restart")
    assert (kept.refused, kept.data) == ("", {"id": "SIL-2", "would_have_hidden": 0, "pages": 0})
    assert await silences(tocsin) == ['service="storefront"', 'service="trino"']
