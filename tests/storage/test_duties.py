"""A duty has one holder at a time, by the database's own clock."""

from datetime import timedelta

from sqlalchemy import update

from storage.duties import TTL, Duties
from storage.store import Store
from storage.tables.ledger import duties
from tests.fakes.stores import SYSTEM

LONG_AGO = timedelta(seconds=1)


async def take(store: Store, holder: str):
    async with store.write(SYSTEM) as unit:
        return await Duties(unit.scope).take("sealer", holder)


async def let_the_lease_end(store: Store) -> None:
    async with store.write(SYSTEM) as unit:
        ended = await Duties(unit.scope).now() - LONG_AGO
        await unit.scope.connection.execute(update(duties).values(leased_until=ended))


async def test_a_duty_that_is_held_is_not_given_to_another(store: Store) -> None:
    """The second to ask gets nothing while the first one's lease lasts."""
    first = await take(store, "one")
    assert first and first.leased_until - first.finished_at <= TTL
    assert await take(store, "two") is None


async def test_its_holder_keeps_a_duty_under_the_same_fence(store: Store) -> None:
    """Coming back in time changes nothing but the lease."""
    first, again = await take(store, "one"), await take(store, "one")
    assert first and again
    assert again.fence == first.fence
    assert again.leased_until >= first.leased_until


async def test_a_duty_whose_lease_ended_goes_to_who_asks_and_the_fence_grows(store: Store) -> None:
    """Whoever was asleep cannot finish what is another's by now."""
    first = await take(store, "one")
    await let_the_lease_end(store)
    second = await take(store, "two")
    assert first and second and second.fence > first.fence
    async with store.write(SYSTEM) as unit:
        assert not await Duties(unit.scope).finish(first)
        assert await Duties(unit.scope).finish(second)


async def test_a_duty_given_back_is_free_at_once(store: Store) -> None:
    """A process that stops does not keep the others waiting."""
    await take(store, "one")
    async with store.write(SYSTEM) as unit:
        await Duties(unit.scope).give_back("one")
    assert await take(store, "two")


async def test_giving_back_touches_only_ones_own(store: Store) -> None:
    """Who stops cannot take a duty from who works."""
    await take(store, "one")
    async with store.write(SYSTEM) as unit:
        await Duties(unit.scope).give_back("two")
    assert await take(store, "two") is None


async def test_a_duty_nobody_had_is_unknown(store: Store) -> None:
    """Before anybody asked there is no row."""
    async with store.read() as unit:
        assert await Duties(unit.scope).get("sealer") is None
        assert await Duties(unit.scope).everything() == ()
