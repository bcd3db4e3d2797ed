"""The coverage guard: a hole in a schedule is told before somebody falls into it."""

from datetime import timedelta

from bot.scheduler import owe_upkeep
from tests.fakes.conditions import DAY, HOUR
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def guarded(tocsin: Tocsin) -> list[str]:
    """An hour later; what alice, who leads the team, has been told of holes."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await owe_upkeep(unit)
    await tocsin.advance(HOUR)
    return [one.text for one in await tocsin.dm("alice") if "Before it hurts" in one.text]


async def ends(tocsin: Tocsin, after: timedelta | None) -> None:
    """The rotation of data-platform ends so much later."""
    at = tocsin.clock.now() + after if after else None
    async with tocsin.parts.store.write(SYSTEM) as unit:
        found = await unit.catalog.schedules.need("data-platform")
        layers = tuple(one.model_copy(update={"ends": at}) for one in found.layers)
        await unit.catalog.schedules.put(found.model_copy(update={"layers": layers}))


async def test_a_gap_is_told_once_to_whoever_leads_the_team(tocsin: Tocsin):
    """Days ahead; and again where it was closed and opens anew. Who has left is a hole too."""
    assert await guarded(tocsin) == []
    await ends(tocsin, 10 * DAY)
    (told,) = await guarded(tocsin)
    assert "data-platform: nobody from Tue 01 Dec 13:00" in told
    assert len(await guarded(tocsin)) == 1
    await ends(tocsin, None)
    assert len(await guarded(tocsin)) == 1
    await ends(tocsin, 8 * DAY)
    assert len(await guarded(tocsin)) == 2
    async with tocsin.parts.store.write(SYSTEM) as unit:
        carol = await unit.people.need("carol")
        await unit.people.save(carol.model_copy(update={"active": False}))
    left = "data-platform: Carol has left, and is on call from Wed 25"
    assert any(left in one for one in await guarded(tocsin))
