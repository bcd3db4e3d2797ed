"""A job belongs to one worker while that worker lives, and soon to another when it has died."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from bot.advisor import NoAdvisor
from bot.worker import Worker
from domain.job import Job
from jobs.registry import Behaviours, Effect, Ports
from storage.store import Store
from tests.fakes.stores import SYSTEM, opened

LEASE_S = 0.6


class Long(Job):
    """Takes as long as the test lets it."""

    kind: ClassVar[str] = "long"
    lease: ClassVar[timedelta] = timedelta(seconds=LEASE_S)


@dataclass
class Work:
    """What happens outside: how often it began, and whether it may end."""

    begun: int = 0
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    def worker(self, store: Store) -> Worker:
        """One of several workers over one database."""
        known = Behaviours.of([Effect(Long, self._load, self._act)])
        return Worker(store, known, Ports(chats={}, advisor=NoAdvisor()))

    async def _load(self, unit: object, job: Long) -> Long:
        return job

    async def _act(self, ports: Ports, loaded: Long) -> None:
        self.begun += 1
        await self.may_end.wait()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A database in which one long job is owed."""
    async with opened(f"sqlite:///{tmp_path}/tocsin.db") as made:
        async with made.write(SYSTEM) as unit:
            await unit.jobs.add(Long())
        yield made


async def look_for(seconds: float, *workers: Worker, work: Work, until: int = 99) -> float:
    """Let workers look for jobs until ``until`` of them have begun; how long that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < seconds and work.begun < until:
        for worker in workers:
            await worker.claim_and_start()
    return loop.time() - began


async def test_a_living_worker_keeps_its_job(store: Store):
    """Two leases long nobody else takes it, because its worker renews the claim."""
    work = Work()
    first, second = work.worker(store), work.worker(store)
    await first.claim_and_start()
    await look_for(2.2 * LEASE_S, second, first, work=work)
    work.may_end.set()
    await first.drain()
    assert work.begun == 1
    assert not second.held


async def test_a_dead_worker_s_job_is_taken_over(store: Store):
    """Once the lease has run out, and not before, another begins; the dead one's end is void."""
    work = Work()
    dead, living = work.worker(store), work.worker(store)
    await dead.claim_and_start()
    took_s = await look_for(10, living, work=work, until=2)
    work.may_end.set()
    await living.drain()
    await dead.drain()
    assert LEASE_S / 2 <= took_s < LEASE_S + 2
    assert work.begun == 2
    async with store.read() as unit:
        assert await unit.jobs.depth() == {}


async def test_a_stopping_worker_keeps_its_job_to_the_end(store: Store):
    """While it finishes what it has in hand, nobody else takes it."""
    work = Work()
    stopping, other = work.worker(store), work.worker(store)
    await stopping.claim_and_start()
    stopped = asyncio.create_task(stopping.stop())
    await look_for(0.2, other, work=work)
    work.may_end.set()
    await stopped
    assert work.begun == 1
