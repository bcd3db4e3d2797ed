"""Of several processes one does a duty; another takes over when it is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.duties import REST, DutyHolder, ages, nothing_waits
from storage.duties import Duties
from storage.store import Store
from storage.tables.ledger import duties
from storage.unit import Unit
from tests.fakes.stores import SYSTEM, clock_of


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0

    async def __call__(self, _unit: Unit) -> None:
        self.done += 1


async def something_waits(_unit: Unit) -> bool:
    return True


async def shift(store: Store, **earlier: timedelta) -> None:
    """Move instants of every duty into the past."""
    async with store.write(SYSTEM) as unit:
        now = await Duties(unit.scope).now()
        changed = {name: now - by for name, by in earlier.items()}
        await unit.scope.connection.execute(update(duties).values(**changed))


async def test_one_of_two_does_the_duty(store: Store) -> None:
    """The other learns that it is not its own, and does nothing."""
    one, two, work = DutyHolder(store, "one"), DutyHolder(store, "two"), Work()
    assert await one.cycle("sealer", something_waits, work)
    assert not await two.cycle("sealer", something_waits, work)
    assert work.done == 1


async def test_another_takes_over_when_the_lease_has_ended(store: Store) -> None:
    """A process that was killed or sleeps does not hold a duty for ever."""
    one, two, work = DutyHolder(store, "one"), DutyHolder(store, "two"), Work()
    await one.cycle("sealer", something_waits, work)
    await shift(store, leased_until=timedelta(seconds=1))
    assert await two.cycle("sealer", something_waits, work)
    assert not await one.cycle("sealer", something_waits, work)


async def test_with_nothing_waiting_the_holder_only_keeps_its_lease(store: Store) -> None:
    """Not every look is a commit; every few seconds there is one, so that others see the duty."""
    one, work = DutyHolder(store, "one"), Work()
    assert await one.cycle("sealer", nothing_waits, work)
    assert await one.cycle("sealer", nothing_waits, work)
    assert work.done == 1
    await shift(store, finished_at=REST)
    assert await one.cycle("sealer", nothing_waits, work)
    assert work.done == 2


async def test_work_that_fails_finishes_no_cycle(store: Store) -> None:
    """The note that a cycle finished commits with the work, or not at all."""
    one = DutyHolder(store, "one")

    async def broken(_unit: Unit) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await one.cycle("sealer", something_waits, broken)
    assert await ages(store) == {}


async def test_every_process_can_tell_how_old_a_cycle_is(store: Store) -> None:
    """By the database's clock, whatever the process's own says."""
    await DutyHolder(store, "one").cycle("sealer", something_waits, Work())
    await shift(store, finished_at=timedelta(minutes=2))
    clock_of(store).move(hours=9)
    found = await ages(store)
    assert 120 <= found["sealer"] < 180


async def test_giving_back_lets_another_go_on_at_once(store: Store) -> None:
    """A process that stops in good order leaves no gap."""
    one, two, work = DutyHolder(store, "one"), DutyHolder(store, "two"), Work()
    await one.cycle("sealer", something_waits, work)
    await one.give_back()
    assert await two.cycle("sealer", something_waits, work)
