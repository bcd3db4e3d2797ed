"""The auditor: what would not ring any more is found, put right, and told (reliability I2, I4)."""

import pytest
from sqlalchemy import delete, update

from bot.auditing import audit, is_clean
from storage.tables.ledger import jobs
from storage.tally import Tallies
from tests.fakes.conditions import KAFKA, MINUTE, SECOND, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def audited(tocsin: Tocsin) -> None:
    """The auditor looks, and what it owes is done."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await audit(unit)
    await tocsin.settle()


async def measured(tocsin: Tocsin) -> tuple[int, float]:
    """What the metrics say: how much was found, and for how long anything has been."""
    async with tocsin.looking() as unit:
        levels = await Tallies(unit.scope).levels()
    return levels.findings, levels.clean_age_s


async def lost(tocsin: Tocsin, kind: str) -> None:
    """Jobs of a kind vanish, as no program of ours lets them."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.scope.connection.execute(delete(jobs).where(jobs.c.kind == kind))


async def test_an_incident_without_a_next_step_is_rung_anew(tocsin: Tocsin):
    """The policy starts again, the admins are told once, and all is well at the next look."""
    await tocsin.fire(TRINO)
    await audited(tocsin)
    assert await is_clean(tocsin.parts.store)
    await lost(tocsin, "escalate")
    await tocsin.advance(30 * SECOND)
    await audited(tocsin)
    assert not await is_clean(tocsin.parts.store)
    assert await measured(tocsin) == (1, 30.0)
    said = "INC-13 is triggered, and nothing would ring for it any more."
    assert [one for one in await tocsin.dm("alice") if said in one.text]
    assert [page.user for page in await tocsin.pages()] == ["bob", "bob"]
    assert any("nothing rang for it any more" in told for told in await tocsin.told())
    await audited(tocsin)
    assert await measured(tocsin) == (0, 0.0)
    assert await is_clean(tocsin.parts.store)
    assert len([one for one in await tocsin.dm("alice") if said in one.text]) == 1
    await tocsin.advance(5 * MINUTE)
    assert [page.user for page in await tocsin.pages()][-1] == "carol"


@pytest.mark.both
async def test_a_page_by_name_that_fell_silent_is_made_anew(tocsin: Tocsin):
    """Only an ack ends it."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("bob", "/page @carol INC-13 come", room="dm-bob")
    await lost(tocsin, "ring_page")
    await audited(tocsin)
    first, second = [page for page in await tocsin.pages() if page.user == "carol"]
    assert (first.state, second.state) == ("expired", "sent")
    await audited(tocsin)
    assert await is_clean(tocsin.parts.store)
    await tocsin.advance(3 * MINUTE)
    assert len([user for user, _ in await tocsin.rings() if user == "carol"]) >= 2


async def test_work_that_wakes_people_and_is_late_stops_the_heartbeat(tocsin: Tocsin):
    """For as long as it is not done; late work needs nothing put right but time."""
    await tocsin.fire(KAFKA)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        due = tocsin.clock.now() - MINUTE - SECOND
        waits = update(jobs).where(jobs.c.kind == "ring_page", jobs.c.state == "pending")
        await unit.scope.connection.execute(waits.values(due=due))
        await audit(unit)
    assert not await is_clean(tocsin.parts.store)
    await tocsin.settle()
    await audited(tocsin)
    assert await is_clean(tocsin.parts.store)
