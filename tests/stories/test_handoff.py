"""Handoff (rules.md 26): both are told before the shift moves, and it moves either way."""

from datetime import datetime, timedelta

import pytest

from bot.scheduler import owe_upkeep
from tests.fakes.conditions import HOUR, MINUTE, SECOND, TRINO, TRINO_WARNS
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Shown, Tocsin

EARLY = datetime.fromisoformat("2026-11-25T01:00Z")
WEDNESDAY = datetime.fromisoformat("2026-11-25T09:00Z")


async def planned(tocsin: Tocsin) -> None:
    """Up to an early Wednesday; the scheduler has looked when shifts change."""
    if tocsin.clock.now() < EARLY:
        tocsin.clock.move(seconds=(EARLY - tocsin.clock.now()).total_seconds())
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await owe_upkeep(unit)
    await tocsin.advance(5 * MINUTE)


async def until(tocsin: Tocsin, at: datetime) -> None:
    """Let time pass up to an instant."""
    await tocsin.advance(at - tocsin.clock.now())


async def cards(tocsin: Tocsin, user: str) -> list[Shown]:
    """The handoffs in somebody's direct room."""
    return [one for one in await tocsin.dm(user) if one.text.startswith("🔄 data-platform")]


async def told(tocsin: Tocsin, user: str) -> str:
    """The last of them in words."""
    return (await cards(tocsin, user))[-1].text


@pytest.mark.both
async def test_both_read_what_is_going_on_and_the_shift_moves(tocsin: Tocsin):
    """Incidents, what is silenced, what came and went, and a note; “I'm on” ends it."""
    await planned(tocsin)
    await until(tocsin, WEDNESDAY - 40 * MINUTE)
    for _ in range(3):
        await tocsin.fire(TRINO_WARNS)
        await tocsin.heal(TRINO_WARNS)
        await tocsin.advance(6 * MINUTE)
    await tocsin.fire(TRINO)
    name = (await tocsin.open_incidents())[-1]
    await tocsin.say("bob", f"/page snooze {name} 23h")
    silence = await tocsin.say("bob", "/alert silence service=kafka for:3h why:planned restart")
    await tocsin.press("bob", silence, "Silence")
    await tocsin.say("alice", "/deploy freeze prod quarter end until:4h")
    preview = await tocsin.say("bob", "/oncall handoff watch the metastore's memory")
    assert "Next: Carol at 2026-11-25 09:00 UTC" in preview.text
    await until(tocsin, WEDNESDAY - 15 * MINUTE - SECOND)
    assert await cards(tocsin, "carol") == []
    await tocsin.advance(SECOND)
    card = await told(tocsin, "carol")
    assert card.startswith("🔄 data-platform: Bob → Carol\nYour shift starts at 2026-11-25 09:00")
    assert "either way" in card
    assert f"SEV2 38 % of queries fail on trino prod · {name} · acknowledged" in card
    assert f"{name} rings Bob again at" in card
    assert 'Silenced: service="kafka" until' in card, card
    assert "Frozen: everything in prod until" in card, card
    assert "TrinoQueuedQueries (trino), 3 times" in card
    assert "Bob's note: watch the metastore's memory" in card
    assert "Your shift ends at" in await told(tocsin, "bob")
    answered = await tocsin.press("carol", "🔄 data-platform", "I'm on")
    assert "You are on, Carol: data-platform" in answered.text
    await tocsin.say("bob", f"/incident resolve {name} restarted")
    await until(tocsin, WEDNESDAY + 3 * HOUR)
    assert "Your shift began at" in await told(tocsin, "carol")
    assert "✔ Carol is on" in await told(tocsin, "bob")
    assert len(await cards(tocsin, "carol")) == 1
    assert [one for one in await tocsin.dm("bob") if "has not said" in one.text] == []
    again = await tocsin.say("carol", "/oncall confirm")
    assert "No shift waits for your word" in again.text
    assert "not yours" in (await tocsin.say("bob", "/oncall confirm HND-1")).text


async def test_where_nobody_answers_whoever_left_is_told_and_then_the_lead(tocsin: Tocsin):
    """By day; the shift is carol's all the same."""
    await planned(tocsin)
    await until(tocsin, WEDNESDAY + 30 * MINUTE)
    (said,) = [one for one in await tocsin.dm("bob") if "has not said" in one.text]
    assert "Carol has not said “I'm on” for data-platform" in said.text
    assert "either way: pages go to them" in said.text
    await tocsin.advance(30 * MINUTE)
    assert [one for one in await tocsin.dm("alice") if "has not said" in one.text]
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["carol"]


async def test_nobody_is_told_at_night(tocsin: Tocsin):
    """Where the shift begins before eight by their clock, they are told in the evening before,
    and what they read is brought up to date without a sound."""
    await tocsin.say("carol", "/me timezone America/New_York")
    await planned(tocsin)
    evening = WEDNESDAY - timedelta(hours=6, minutes=15)
    await until(tocsin, evening)
    assert "No open incident" in await told(tocsin, "carol")
    assert await cards(tocsin, "bob") == []
    await tocsin.fire(TRINO)
    await tocsin.say("alice", "/incident severity INC-13 3")
    await tocsin.press("bob", "INC-13", "Ack")
    await until(tocsin, WEDNESDAY)
    assert "INC-13" in await told(tocsin, "carol")
    assert len(await cards(tocsin, "carol")) == 1
    await tocsin.advance(4 * HOUR - SECOND)
    assert [one for one in await tocsin.dm("bob") if "has not said" in one.text] == []
    await tocsin.advance(SECOND)
    assert [one for one in await tocsin.dm("bob") if "has not said" in one.text]


async def test_what_changes_before_it_begins_is_told_anew(tocsin: Tocsin):
    """Dave takes carol's first hours: the card of who is out of it says so."""
    await planned(tocsin)
    await until(tocsin, WEDNESDAY - 10 * MINUTE)
    assert len(await cards(tocsin, "carol")) == 1
    await tocsin.say("alice", "/oncall override @dave 10m 3h schedule:data-platform")
    await planned(tocsin)
    await tocsin.settle()
    assert "this shift is not yours any more" in await told(tocsin, "carol")
    assert "Dave" in await told(tocsin, "dave")


async def test_a_private_incident_is_for_its_members_in_a_handoff_too(tocsin: Tocsin):
    """Bob, who declared it, reads that there is one; carol does not."""
    await planned(tocsin)
    await tocsin.say("bob", "/incident declare canary7f3a leaked sev:3 service:trino private:yes")
    await tocsin.say("bob", "/incident ack INC-13")
    await until(tocsin, WEDNESDAY)
    assert "Private SEV3 incident INC-13, open to read" in await told(tocsin, "bob")
    assert "INC-13" not in await told(tocsin, "carol")
    assert "canary7f3a" not in await told(tocsin, "bob") + await told(tocsin, "carol")
