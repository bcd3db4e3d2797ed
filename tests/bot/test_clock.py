"""Time that is moved: everything due happens in its order, and at its time."""

import asyncio
from datetime import timedelta

from bot.clock import OffsetClock, advance, keep, restore
from bot.worker import Worker
from domain.job import Job
from jobs.registry import Behaviours, Ports, Reaction
from storage.store import Store
from storage.unit import Unit
from tests.fakes.stores import NOON, SYSTEM, StillClock, clock_of

MINUTE = timedelta(minutes=1)


class Note(Job):
    """Writes down when it was done; ``again_min`` owes another, so much later."""

    kind = "note"
    n: int
    again_min: int = 0


def worker_on(store: Store, done: list[tuple[int, float]]) -> Worker:
    """A worker that knows one kind of job, and says in minutes after noon when it did it."""

    async def note(unit: Unit, job: Note) -> None:
        done.append((job.n, (unit.now - NOON) / MINUTE))
        if job.again_min:
            await unit.jobs.add(Note(n=job.n + 10), due=unit.now + job.again_min * MINUTE)

    class Nobody:
        async def ask(self, query, schema):
            raise AssertionError("no job asks")

    behaviours = Behaviours.of([Reaction(Note, note)])
    return Worker(store, behaviours, Ports(chats={}, advisor=Nobody()))


async def owe(store: Store, *jobs: tuple[int, int, int]) -> None:
    async with store.write(SYSTEM) as unit:
        for n, due_min, again_min in jobs:
            await unit.jobs.add(Note(n=n, again_min=again_min), due=NOON + due_min * MINUTE)


async def test_everything_due_happens_in_order_and_at_its_time(store: Store) -> None:
    """What a job owes for later, but within the span, happens too; what lies beyond does not."""
    done: list[tuple[int, float]] = []
    await owe(store, (1, 3, 0), (2, 1, 1), (3, 9, 0))
    assert await advance(store, worker_on(store, done), clock_of(store), 5 * MINUTE)
    assert done == [(2, 1.0), (12, 2.0), (1, 3.0)]
    assert store.clock.now() == NOON + 5 * MINUTE


async def test_what_is_due_already_happens_first(store: Store) -> None:
    """Before the clock moves at all."""
    done: list[tuple[int, float]] = []
    await owe(store, (1, 0, 0), (2, 1, 0))
    await advance(store, worker_on(store, done), clock_of(store), 2 * MINUTE)
    assert done == [(1, 0.0), (2, 1.0)]


async def test_without_time_left_the_clock_stops_where_the_work_is(store: Store) -> None:
    """The answer says so, and nothing is skipped: the next move goes on from there."""
    done: list[tuple[int, float]] = []
    worker = worker_on(store, done)
    await owe(store, (1, 1, 0), (2, 2, 0))
    assert not await advance(store, worker, clock_of(store), 5 * MINUTE, patience_s=-1)
    assert store.clock.now() == NOON
    assert await advance(store, worker, clock_of(store), 5 * MINUTE)
    assert done == [(1, 1.0), (2, 2.0)]


async def test_a_worker_that_runs_anyway_does_nothing_twice(store: Store) -> None:
    """The demo moves the clock while its worker runs."""
    done: list[tuple[int, float]] = []
    worker = worker_on(store, done)
    store.listen(worker)
    running = asyncio.create_task(worker.run())
    await owe(store, *((n, n % 5, 0) for n in range(30)))
    await advance(store, worker, clock_of(store), 5 * MINUTE)
    await worker.stop()
    await running
    assert sorted(n for n, _ in done) == list(range(30))
    assert done == sorted(done, key=lambda one: one[1])


def test_a_moved_clock_goes_on_with_the_machines_time() -> None:
    """The offset only grows: a time that has passed changes nothing."""
    machine = StillClock()
    clock = OffsetClock(machine.now)
    clock.forward(NOON + MINUTE)
    clock.forward(NOON)
    machine.move(seconds=30)
    assert clock.now() == NOON + 1.5 * MINUTE


async def test_the_offset_outlives_the_process(store: Store) -> None:
    """A demo that is started again goes on where its clock was."""
    first, second = OffsetClock(store.clock.now), OffsetClock(store.clock.now)
    await restore(store, first)
    assert first.now() == NOON
    first.forward(NOON + MINUTE)
    await keep(store, first)
    await restore(store, second)
    assert second.now() == NOON + MINUTE
