"""The jobs table: nothing owed is lost, nothing is done by two at once."""

import asyncio
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select, update

from domain.job import Job, Lane
from storage.jobs import Claimed
from storage.store import Store
from storage.tables.ledger import jobs
from tests.fakes.stores import SYSTEM, clock_of

MINUTE = timedelta(minutes=1)


class Ring(Job):
    """May be done again."""

    kind: ClassVar[str] = "test_ring"
    lane: ClassVar[Lane] = "page"
    n: int = 0


class Urgent(Ring):
    """Goes first."""

    kind: ClassVar[str] = "test_urgent"
    priority: ClassVar[int] = 0


class RollBack(Job):
    """May be done once at most."""

    kind: ClassVar[str] = "test_roll_back"
    lane: ClassVar[Lane] = "page"
    delivery: ClassVar = "at_most_once"


KINDS = (Ring, Urgent, RollBack)


async def owe(store: Store, job: Job, **options) -> bool:
    async with store.write(SYSTEM) as unit:
        return await unit.jobs.add(job, **options)


async def claim(store: Store, free: int = 10) -> list[Claimed]:
    async with store.write(SYSTEM) as unit:
        return await unit.jobs.claim("page", KINDS, free)


async def finish(store: Store, job: Claimed) -> bool:
    async with store.write(SYSTEM) as unit:
        return await unit.jobs.finish(job)


async def states(store: Store) -> list[str]:
    async with store.read() as unit:
        rows = await unit.scope.connection.execute(select(jobs.c.state).order_by(jobs.c.id))
        return list(rows.scalars())


async def let_leases_end(store: Store) -> None:
    async with store.write(SYSTEM) as unit:
        ended = await unit.jobs.database_now() - MINUTE
        await unit.scope.connection.execute(update(jobs).values(leased_until=ended))


async def test_a_job_is_claimed_when_it_is_due_and_not_before(store: Store) -> None:
    """A timer is a job that is not yet due."""
    await owe(store, Ring(), due=store.clock.now() + MINUTE)
    assert await claim(store) == []
    clock_of(store).move(minutes=1)
    assert len(await claim(store)) == 1


async def test_a_claimed_job_is_nobody_elses(store: Store) -> None:
    """While its lease lasts, a second claim finds nothing."""
    await owe(store, Ring())
    assert len(await claim(store)) == 1
    assert await claim(store) == []


async def test_many_who_claim_at_once_share_the_jobs(store: Store) -> None:
    """Each of forty jobs is claimed by exactly one of eight workers."""
    for n in range(40):
        await owe(store, Ring(n=n))
    shares = await asyncio.gather(*(claim(store, 10) for _ in range(8)))
    claimed = [job.id for share in shares for job in share]
    assert len(claimed) == len(set(claimed)) == 40


async def test_the_urgent_goes_first_then_what_waited_longest(store: Store) -> None:
    """Priority, then the time it was due."""
    await owe(store, Ring(n=2), due=store.clock.now())
    await owe(store, Ring(n=1), due=store.clock.now() - MINUTE)
    await owe(store, Urgent(n=0))
    assert [job.payload["n"] for job in await claim(store)] == [0, 1, 2]


async def test_no_more_is_claimed_than_there_is_room_for(store: Store) -> None:
    """A busy worker leaves the rest to others, and takes the most urgent."""
    for n in range(3):
        await owe(store, Ring(n=n))
    await owe(store, Urgent(n=9))
    assert [job.kind for job in await claim(store, 2)] == ["test_urgent", "test_ring"]
    assert await claim(store, 0) == []


async def test_a_key_is_taken_for_good(store: Store) -> None:
    """The same thing is owed once, also after it is done."""
    assert await owe(store, Ring(), key="ring:1")
    assert not await owe(store, Ring(), key="ring:1")
    (job,) = await claim(store)
    await finish(store, job)
    assert not await owe(store, Ring(), key="ring:1")


async def test_a_coalescing_key_is_free_again_once_work_begins(store: Store) -> None:
    """What changes while a card is drawn makes it be drawn again."""
    await owe(store, Ring(), key="~card")
    assert not await owe(store, Ring(), key="~card")
    await claim(store)
    assert await owe(store, Ring(), key="~card")


async def test_a_job_takes_others_of_its_kind_with_it(store: Store) -> None:
    """Those that are due and untried, the oldest first; if it fails, they are as before."""
    for n in range(4):
        await owe(store, Ring(n=n))
    await owe(store, Urgent(n=9))
    await owe(store, Ring(n=5), due=store.clock.now() + MINUTE)
    (_urgent, tried) = await claim(store, 2)
    async with store.write(SYSTEM) as unit:
        await unit.jobs.retry(tried, "not now", unit.now)
    with pytest.raises(RuntimeError):
        async with store.write(SYSTEM) as unit:
            await unit.jobs.absorb(Ring, 10)
            raise RuntimeError
    async with store.write(SYSTEM) as unit:
        assert [job.n for job in await unit.jobs.absorb(Ring, 2)] == [1, 2]
        assert [job.n for job in await unit.jobs.absorb(Ring, 10)] == [3]
        assert await unit.jobs.absorb(Ring, 10) == ()


async def test_what_is_cancelled_is_never_done(store: Store) -> None:
    """An ack cancels by subject and kind, and frees the keys."""
    await owe(store, Ring(), key="ring:1", subject="incident:INC-1")
    await owe(store, Ring(), subject="incident:INC-2")
    await owe(store, Urgent(), subject="incident:INC-1")
    async with store.write(SYSTEM) as unit:
        assert await unit.jobs.cancel("incident:INC-1", (Ring,)) == 1
    assert [job.subject for job in await claim(store)] == ["incident:INC-1", "incident:INC-2"]
    assert await owe(store, Ring(), key="ring:1")


async def test_a_lost_lease_is_taken_again_and_the_first_cannot_finish(store: Store) -> None:
    """The fence has grown: what a sleeper decided is rolled back."""
    await owe(store, Ring())
    (first,) = await claim(store)
    await let_leases_end(store)
    (second,) = await claim(store)
    assert (second.id, second.fence, second.attempts) == (first.id, first.fence + 1, 2)
    assert not await finish(store, first)
    assert await finish(store, second)
    assert await states(store) == ["done"]


async def test_what_may_happen_once_becomes_unknown_and_is_never_taken_again(store: Store) -> None:
    """Nobody repeats a rollback whose outcome is not known."""
    await owe(store, RollBack())
    (job,) = await claim(store)
    await let_leases_end(store)
    assert await claim(store) == []
    async with store.write(SYSTEM) as unit:
        assert len(await unit.jobs.abandon(KINDS)) == 1
    assert await states(store) == ["unknown"]
    assert not await finish(store, job)


async def test_a_retry_waits_for_its_time_and_counts(store: Store) -> None:
    """Attempts are counted at the claim, so that a crash counts as one."""
    await owe(store, Ring())
    (job,) = await claim(store)
    async with store.write(SYSTEM) as unit:
        assert await unit.jobs.retry(job, "busy", unit.now + MINUTE)
    assert await claim(store) == []
    clock_of(store).move(minutes=1)
    (again,) = await claim(store)
    assert again.attempts == 2


async def test_a_buried_job_stays_visible(store: Store) -> None:
    """What was given up stands there for somebody to look at."""
    await owe(store, Ring())
    (job,) = await claim(store)
    async with store.write(SYSTEM) as unit:
        assert await unit.jobs.bury(job, "no such channel")
        assert await unit.jobs.depth() == {("page", "dead"): 1}


async def test_kinds_this_process_does_not_know_are_left_alone(store: Store) -> None:
    """A job of a newer version waits for a process that can do it."""
    await owe(store, RollBack())
    async with store.write(SYSTEM) as unit:
        assert await unit.jobs.claim("page", (Ring,), 10) == []
    assert await states(store) == ["pending"]


async def test_looking_for_due_jobs_takes_nothing(store: Store) -> None:
    """Whether there is something to do is asked without a lock."""
    async with store.read() as unit:
        assert await unit.jobs.due_lanes(("page", "slow")) == ()
    await owe(store, Ring())
    async with store.read() as unit:
        assert await unit.jobs.due_lanes(("page", "slow")) == ("page",)
    assert await states(store) == ["pending"]


async def test_the_next_due_time_is_the_earliest_still_to_come(store: Store) -> None:
    """What is due already is not to come."""
    now = store.clock.now()
    for due in (now, now + 2 * MINUTE, now + MINUTE):
        await owe(store, Ring(), due=due)
    async with store.read() as unit:
        assert await unit.jobs.next_due(now) == now + MINUTE
        assert await unit.jobs.next_due(now + MINUTE) == now + 2 * MINUTE
        assert await unit.jobs.next_due(now + 2 * MINUTE) is None


async def test_a_job_is_owed_only_if_its_cause_is_committed(store: Store) -> None:
    """The page is in the same commit as what it is about."""
    with pytest.raises(ZeroDivisionError):
        async with store.write(SYSTEM) as unit:
            await unit.jobs.add(Ring())
            raise ZeroDivisionError
    assert await states(store) == []
