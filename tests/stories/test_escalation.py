"""Nobody answers: the next step comes exactly when it is due, and it never stops by itself."""

import asyncio

import pytest

from bot.demo.bodies import Firing, alertmanager_body
from domain.paging import EscalationExhausted
from tests.fakes.conditions import (
    DAY,
    HOUR,
    KAFKA_WARNS,
    MINUTE,
    SECOND,
    TRINO,
    TRINO_SLOW,
    condition,
)
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def rung_at(tocsin: Tocsin) -> list[tuple[str, float]]:
    """Who was rung, and how many minutes after noon."""
    noon = tocsin.clock.now().replace(hour=12, minute=0, second=0)
    return [(user, (ring.at - noon) / MINUTE) for user, ring in await tocsin.rings()]


async def test_a_page_rings_again_until_the_next_step(tocsin: Tocsin):
    """A new chat message at three and four minutes; then somebody else is rung (rule 3)."""
    await tocsin.fire(TRINO)
    await tocsin.advance(4 * MINUTE + 59 * SECOND)
    assert await rung_at(tocsin) == [("bob", 0), ("bob", 3), ("bob", 4)]
    assert len(await tocsin.dm("bob")) == 3


async def test_the_next_step_is_paged_exactly_when_it_is_due(tocsin: Tocsin):
    """Carol rings five minutes after bob, not a second before."""
    await tocsin.fire(TRINO)
    await tocsin.advance(5 * MINUTE - SECOND)
    assert await tocsin.dm("carol") == []
    await tocsin.advance(SECOND)
    assert (await rung_at(tocsin))[-1] == ("carol", 5)
    (page,) = await tocsin.dm("carol")
    assert "late" not in page.text


async def test_the_room_hears_that_nobody_answered(tocsin: Tocsin):
    """In the alert's thread, with a button to take it; nobody can just stop the escalation."""
    await tocsin.fire(TRINO)
    await tocsin.advance(5 * MINUTE)
    card, told = await tocsin.room("alerts-data-platform")
    assert told.thread == card.id
    assert told.text.splitlines()[:2] == [
        "🟠 INC-13 · ⏫ No answer in time",
        "No ack from Bob (chat 12:00 accepted, chat 12:03 accepted, chat 12:04 accepted)."
        " Carol is paged now, Alice, Bob, Carol at 12:10 UTC.",
    ]
    assert told.labels == ("I've got it",)
    answer = await tocsin.press("carol", told, "I've got it")
    assert answer.text.startswith("INC-13 is yours, Carol. Escalation stopped.")
    assert (await tocsin.incident()).status == "acknowledged"


@pytest.mark.both
async def test_after_the_last_step_everybody_is_rung_every_five_minutes(tocsin: Tocsin):
    """The last resort goes on until somebody acks; it never stops by itself (rules 3, 11)."""
    await tocsin.fire(TRINO)
    await tocsin.advance(10 * MINUTE)
    exhausted = [one for one in await tocsin.told() if one == EscalationExhausted.template]
    assert len(exhausted) == 1
    await tocsin.advance(15 * MINUTE)
    made = [(page.user, page.created_at.minute) for page in await tocsin.pages()][2:]
    rounds = [10, 15, 20, 25]
    assert made == [(user, minute) for minute in rounds for user in ("alice", "bob", "carol")]
    await tocsin.press("alice", "INC-13", "Ack")
    before = await tocsin.rings()
    await tocsin.advance(29 * MINUTE)
    assert await tocsin.rings() == before


async def test_nobody_has_answered_is_said_once(tocsin: Tocsin):
    """The room hears of each step and of the last resort, not of every round."""
    await tocsin.fire(TRINO)
    await tocsin.advance(20 * MINUTE)
    _, stepped, exhausted = await tocsin.room("alerts-data-platform")
    assert "No answer in time" in stepped.text
    assert exhausted.text.splitlines() == [
        "🟠 INC-13 · 🔴 Nobody has answered",
        "I ring Alice, Bob, Carol every 5 min until one acks.",
        "[I've got it] [Show phone numbers (only you)]",
    ]


@pytest.mark.both
@pytest.mark.parametrize(
    ("outage", "paged"),
    [(SECOND, ["carol"]), (HOUR, ["alice", "bob", "carol"]), (DAY, ["alice", "bob", "carol"])],
    ids=["1 s", "1 h", "1 d"],
)
async def test_after_an_outage_everybody_due_gets_one_late_page(tocsin: Tocsin, outage, paged):
    """Whatever fell due meanwhile is paged at once, marked late, one message for each person."""
    await tocsin.fire(TRINO)
    first = 2 * MINUTE
    await tocsin.advance(first)
    before = {person: len(await tocsin.dm(person)) for person in ("alice", "bob", "carol")}
    tocsin.clock.move(minutes=5, seconds=(outage - first).total_seconds())
    async with tocsin.restarted() as again:
        await again.settle()
        new = [page for page in await again.pages() if page.created_at == again.clock.now()]
        assert [page.user for page in new] == paged
        late = outage.total_seconds()
        assert {page.late_s for page in new} == {late}
        for page in new:
            dm = await again.dm(page.user)
            assert len(dm) == before[page.user] + 1
            assert ("late by" in dm[-1].text) == (late >= 60)


async def test_the_first_page_is_out_as_soon_as_a_worker_is_back(tocsin: Tocsin):
    """What came in while none ran is paged by itself, within ten seconds of real time (I4)."""
    body = alertmanager_body([Firing(condition=TRINO, starts_at=tocsin.clock.now())])
    await tocsin.receive("alertmanager", body)
    tocsin.clock.move(hours=1)
    assert await tocsin.dm("bob") == []
    async with tocsin.restarted() as again, asyncio.timeout(10):
        running = asyncio.create_task(again.parts.worker.run())
        while not await again.dm("bob"):
            pass
        await again.parts.worker.stop()
        await running
        await again.settle()


async def test_steps_go_on_after_an_outage_as_if_there_had_been_none(tocsin: Tocsin):
    """Late pages move no later step: the grid of the policy stays."""
    await tocsin.fire(TRINO)
    await tocsin.advance(4 * MINUTE)
    tocsin.clock.move(minutes=3)
    async with tocsin.restarted() as again:
        await again.settle()
        assert (await rung_at(again))[-1] == ("carol", 7)
        await again.advance(3 * MINUTE)
        assert [minute for _, minute in (await rung_at(again))[-3:]] == [10, 10, 10]


async def test_the_schedule_is_read_when_the_step_comes_due(tocsin: Tocsin):
    """A handoff between two steps is heeded: who is on call then is rung."""
    await tocsin.say("bob", "/oncall override @dave 12:03 13:00 schedule:web")
    await tocsin.fire(TRINO)
    await tocsin.advance(5 * MINUTE)
    assert [page.user for page in await tocsin.pages()] == ["bob", "dave"]


async def test_a_step_without_anybody_is_followed_at_once(tocsin: Tocsin):
    """Nobody on call at the first step does not cost five minutes."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        for person in ("bob", "carol"):
            found = await unit.people.need(person)
            await unit.people.save(found.model_copy(update={"active": False}))
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["alice"]
    told = await tocsin.told()
    assert any("Nobody to page at step 1 of 2" in one for one in told)


async def test_escalation_waits_while_every_alert_is_resolved(tocsin: Tocsin):
    """Nothing rings while it may have healed; it goes on where it stood when it fires again."""
    await tocsin.fire(TRINO)
    await tocsin.advance(2 * MINUTE)
    await tocsin.heal(TRINO)
    before = await rung_at(tocsin)
    await tocsin.advance(4 * MINUTE)
    assert await rung_at(tocsin) == before
    await tocsin.fire(TRINO)
    assert (await rung_at(tocsin))[-1] == ("carol", 6)
    assert await tocsin.open_incidents() == ["INC-13"]


async def test_whoever_was_rung_is_rung_on_when_it_fires_again(tocsin: Tocsin):
    """Only an ack ends a page: a short quiet does not (rule 3)."""
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    await tocsin.heal(TRINO)
    await tocsin.advance(MINUTE)
    await tocsin.fire(TRINO)
    await tocsin.advance(2 * MINUTE + 59 * SECOND)
    assert await rung_at(tocsin) == [("bob", 0), ("bob", 3), ("bob", 4)]
    await tocsin.advance(SECOND)
    assert (await rung_at(tocsin))[-1] == ("carol", 5)


async def test_more_alerts_do_not_move_a_step_that_is_overdue(tocsin: Tocsin):
    """After an outage the late step is still late when a delivery is triaged first."""
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    tocsin.clock.move(hours=1)
    await tocsin.fire(TRINO_SLOW)
    pages = (await tocsin.pages())[1:]
    assert [page.user for page in pages] == ["alice", "bob", "carol"]
    assert {page.late_s for page in pages} == {56 * 60}


async def test_all_quiet_for_five_minutes_heals_itself(tocsin: Tocsin):
    """Nobody took it: it is over, nobody is rung, and the cards say so (rule 5)."""
    await tocsin.fire(TRINO)
    await tocsin.advance(2 * MINUTE)
    await tocsin.heal(TRINO)
    await tocsin.advance(5 * MINUTE - SECOND)
    assert await tocsin.open_incidents() == ["INC-13"]
    await tocsin.advance(SECOND)
    incident = await tocsin.incident()
    assert (incident.status, incident.resolution) == ("resolved", "self_healed")
    assert [user for user, _ in await tocsin.rings()] == ["bob"]
    (page,) = await tocsin.dm("bob")
    assert "INC-13 is resolved. Nothing to do." in page.text
    assert page.labels == ()
    (card,) = await tocsin.room("alerts-data-platform")
    assert "Resolution: self healed" in card.text
    await tocsin.advance(HOUR)
    assert [user for user, _ in await tocsin.rings()] == ["bob"]
    async with tocsin.looking() as unit:
        assert await unit.postmortems.get("INC-13") is None


async def test_a_flap_begins_the_five_quiet_minutes_anew(tocsin: Tocsin):
    """Four quiet minutes, one firing, four quiet minutes: still open."""
    await tocsin.fire(TRINO)
    await tocsin.heal(TRINO)
    await tocsin.advance(4 * MINUTE)
    await tocsin.fire(TRINO)
    await tocsin.advance(SECOND)
    await tocsin.heal(TRINO)
    await tocsin.advance(4 * MINUTE)
    assert await tocsin.open_incidents() == ["INC-13"]
    await tocsin.advance(MINUTE)
    assert await tocsin.open_incidents() == []


async def test_one_of_two_alerts_resolved_holds_nothing(tocsin: Tocsin):
    """As long as anything fires the policy goes on."""
    await tocsin.fire(TRINO, TRINO_SLOW)
    await tocsin.heal(TRINO)
    await tocsin.advance(5 * MINUTE)
    assert (await rung_at(tocsin))[-1] == ("carol", 5)


async def test_what_somebody_took_does_not_heal_itself(tocsin: Tocsin):
    """An acknowledged incident is theirs to resolve."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.heal(TRINO)
    await tocsin.advance(6 * MINUTE)
    assert (await tocsin.incident()).status == "acknowledged"


async def test_what_a_person_calls_major_is_paged_though_its_alerts_are_quiet(tocsin: Tocsin):
    """Nobody has taken it: the policy begins anew, and goes on until somebody does."""
    await tocsin.fire(TRINO)
    await tocsin.heal(TRINO)
    await tocsin.advance(2 * MINUTE)
    await tocsin.say("alice", "/incident severity INC-13 1")
    assert [user for user, _ in await tocsin.rings()] == ["bob", "bob"]
    await tocsin.advance(10 * MINUTE)
    assert {"carol", "alice"} <= {page.user for page in await tocsin.pages()}
    assert (await tocsin.incident()).open


async def test_what_a_person_made_active_pages_on_though_its_alerts_are_quiet(tocsin: Tocsin):
    """A lead is no ack: after the five quiet minutes it is not healed, it goes on."""
    await tocsin.fire(TRINO)
    await tocsin.heal(TRINO)
    await tocsin.say("alice", "/incident role INC-13 ic @carol")
    await tocsin.advance(4 * MINUTE)
    assert [user for user, _ in await tocsin.rings()] == ["bob"]
    await tocsin.advance(2 * MINUTE)
    assert [user for user, _ in await tocsin.rings()] == ["bob", "carol"]


async def test_a_false_alarm_is_over_before_anybody_got_up(tocsin: Tocsin):
    """The scenario: down for two minutes, then back; healed without a hand."""
    await tocsin.play("false-alarm")
    await tocsin.advance(5 * MINUTE)
    assert (await tocsin.incident()).resolution == "self_healed"
    assert {user for user, _ in await tocsin.rings()} <= {"bob"}


async def test_a_healed_alert_that_fires_again_opens_a_new_incident(tocsin: Tocsin):
    """What ended has ended; the next episode pages anew (I6)."""
    await tocsin.fire(TRINO)
    await tocsin.heal(TRINO)
    await tocsin.advance(5 * MINUTE)
    await tocsin.fire(TRINO)
    assert await tocsin.open_incidents() == ["INC-14"]
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]


async def test_what_turns_urgent_while_it_waits_is_paged_now(tocsin: Tocsin):
    """A warning that becomes critical does not wait for Monday."""
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(HOUR)
    assert await tocsin.pages() == ()
    await tocsin.fire(condition("kafka", "critical", "KafkaDown"))
    (page,) = await tocsin.pages()
    assert (page.user, page.urgency) == ("bob", "high")


async def test_nobody_is_offered_to_hand_a_page_to_themselves(tocsin: Tocsin):
    """The last resort rings everybody again; the card names the others."""
    await tocsin.fire(TRINO)
    await tocsin.advance(5 * MINUTE)
    page = (await tocsin.dm("carol"))[-1]
    assert "Alice, Bob are paged at 12:10" in page.text
    assert "Can't: page Alice, Bob now" in page.labels
