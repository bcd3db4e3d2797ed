"""What metrics count is what was committed, each thing in exactly one span."""

import math
from datetime import timedelta

from domain.incident_facts import IncidentAcknowledged
from domain.incident_jobs import ShowIncident
from domain.paging import Page, Ring
from storage.models import ModelCall
from storage.store import Store
from storage.tally import Tallies, Tally
from tests.fakes.company import settle_company
from tests.fakes.stores import NOON, SYSTEM, clock_of

MINUTE = timedelta(minutes=1)


async def between(store: Store, since_min: float, until_min: float) -> Tally:
    async with store.read() as unit:
        tallies = Tallies(unit.scope)
        return await tallies.between(NOON + since_min * MINUTE, NOON + until_min * MINUTE)


async def test_an_acknowledgement_is_timed_from_the_declaration(store: Store) -> None:
    """Five minutes after noon, for an incident that was declared at noon."""
    await settle_company(store)
    clock_of(store).move(minutes=5)
    async with store.write(SYSTEM) as unit:
        await unit.facts.add("incident:INC-1", IncidentAcknowledged(was_paged=True))
    assert (await between(store, 1, 6)).ack_s == (300.0,)
    assert (await between(store, 6, 9)).ack_s == ()


async def test_rings_and_steps_are_counted_in_the_span_they_happened_in(store: Store) -> None:
    """The first ring of the first step also tells how long it took to notify somebody."""
    await settle_company(store)
    clock_of(store).move(minutes=2)
    async with store.write(SYSTEM) as unit:
        page = Page(
            id=unit.ids.new(),
            incident="INC-1",
            user="bob",
            escalation="e",
            step=0,
            urgency="high",
            why="on call",
            created_at=unit.now,
        )
        await unit.pages.send(page)
        for k, result in ((0, "sent"), (1, "failed")):
            ring = Ring.model_validate(
                {"key": f"x{k}", "page": page.id, "k": k, "method": "chat", "result": result}
                | {"at": unit.now}
            )
            await unit.pages.rang(ring)
    found = await between(store, 1, 3)
    assert found.pages == {("chat", "sent"): 1, ("chat", "failed"): 1}
    assert found.escalations == {("1",): 1}
    assert found.notify_s == (120.0,)
    later = await between(store, 3, 9)
    assert (later.pages, later.escalations, later.notify_s) == ({}, {}, ())


async def test_models_are_counted_with_what_they_cost(store: Store) -> None:
    """Calls by model and outcome, and US dollars."""
    async with store.write(SYSTEM) as unit:
        for n, outcome in enumerate(("answered", "answered", "failed")):
            call = {
                "id": unit.ids.new(),
                "key": f"k{n}",
                "purpose": "classify",
                "prompt": "classify@1",
                "model": "claude",
                "incident": None,
                "request": "",
                "answer": None,
                "outcome": outcome,
                "cost_usd": 0.25,
                "at": unit.now,
            }
            await unit.models.add(ModelCall.model_validate(call))
    found = await between(store, 0, 1)
    assert found.models == {("claude", "answered"): 2, ("claude", "failed"): 1}
    assert found.cost_usd == 0.75


async def test_nothing_is_counted_twice(store: Store) -> None:
    """What one span holds, the next does not: each begins where the last one ended."""
    await settle_company(store)
    first, second = await between(store, 0, 1), await between(store, 1, 2)
    assert sum(first.pages.values()) == 2
    assert second.pages == {}


async def test_levels_say_how_things_stand(store: Store) -> None:
    """Open incidents by severity, jobs by lane and state, the oldest due job, unsealed rows."""
    await settle_company(store)
    async with store.write(SYSTEM) as unit:
        await unit.jobs.add(ShowIncident(incident="INC-1"), due=unit.now - MINUTE)
    async with store.read() as unit:
        levels = await Tallies(unit.scope).levels()
    assert levels.open == {("SEV2",): 2}
    assert levels.queue[("default", "pending")] >= 1
    assert levels.lag_s >= 60.0
    assert levels.unsealed > 0


async def test_an_empty_database_lags_behind_nothing(store: Store) -> None:
    """Nothing due is no lag."""
    async with store.read() as unit:
        levels = await Tallies(unit.scope).levels()
    assert (levels.lag_s, levels.unsealed, levels.open, levels.queue) == (0.0, 0, {}, {})
    assert (levels.findings, levels.clean_age_s) == (0, math.inf)
