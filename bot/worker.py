"""The worker: claims what is due, lane by lane, and carries it out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from pydantic import ValidationError

from bot.logs import correlate
from domain.errors import Permanent, Retry, TooSoon, Unavailable
from domain.job import Job, Lane
from jobs.registry import Behaviours, Effect, Ports, Reaction
from storage.jobs import Claimed
from storage.store import Act, Store
from storage.unit import Unit

log = structlog.get_logger()

SLOTS: dict[Lane, int] = {"page": 8, "default": 6, "slow": 2, "run": 4}
LONGEST_WAIT = timedelta(minutes=5)
LOOK_S = 1.0
LOST = "whoever carried it out is gone, and nobody saw its end"


class _Superseded(Exception):
    """Another worker holds the fence: what was decided here is rolled back."""


@dataclass
class _Held:
    """A job in hand: whose it is until when, by the event loop's clock, is renewed in time."""

    job: Claimed
    lease: timedelta
    since: float

    def is_old(self, now: float) -> bool:
        """Whether a third of the lease has gone by."""
        return now - self.since >= self.lease.total_seconds() / 3


@dataclass
class Worker:
    """Runs jobs until stopped; `drain` runs what is due now, for tests and the demo's clock."""

    store: Store
    behaviours: Behaviours
    ports: Ports
    running: dict[Lane, set[asyncio.Task[None]]] = field(
        default_factory=lambda: {lane: set() for lane in SLOTS}
    )
    held: dict[tuple[str, int], _Held] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    claiming: asyncio.Lock = field(default_factory=asyncio.Lock)
    cycles: int = 0
    stopping: bool = False

    def committed(self, topics: set[str], *, jobs: bool) -> None:  # noqa: ARG002 - Waker
        """A unit has added or finished jobs: look again."""
        if jobs:
            self.woken.set()

    def wake(self) -> None:
        """Look for due jobs now."""
        self.woken.set()

    async def run(self) -> None:
        """Claim and carry out until `stop`."""
        while not self.stopping:
            self.woken.clear()
            await self.claim_and_start()
            await self.woken.wait()

    async def stop(self) -> None:
        """Take nothing new and let what runs come to its end."""
        self.stopping = True
        self.woken.set()
        while tasks := self._tasks():
            await asyncio.wait(tasks, timeout=LOOK_S)
            await self._renew()

    async def drain(self) -> None:
        """Carry out what is due, and what that makes due, until nothing is."""
        while await self.claim_and_start() or self._tasks():
            await asyncio.gather(*self._tasks())

    async def claim_and_start(self) -> bool:
        """Start what is due as far as slots are free; whether anything was started."""
        async with self.claiming:
            await self._renew()
            claimed = await self._claim()
            for lane, job in claimed:
                self._start(lane, job)
        self.cycles += 1
        return bool(claimed)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [task for tasks in self.running.values() for task in tasks]

    async def _claim(self) -> list[tuple[Lane, Claimed]]:
        async with self.store.read() as unit:
            due = await unit.jobs.due_lanes(lane for lane in SLOTS if self._free(lane))
        if not due:
            return []
        kinds = {lane: [one for one in self.behaviours.jobs if one.lane == lane] for lane in due}
        async with self.store.write(Act("tocsin", "job")) as unit:
            # what ended while this unit waited for its turn has freed slots too
            for lost in await unit.jobs.abandon(one for lane in due for one in kinds[lane]):
                await self._instead(self.behaviours.by_kind[lost.kind], lost, LOST, unit)
            return [
                (lane, job)
                for lane in due
                for job in await unit.jobs.claim(lane, kinds[lane], self._free(lane))
            ]

    def _free(self, lane: Lane) -> int:
        return SLOTS[lane] - len(self.running[lane])

    async def _renew(self) -> None:
        """Hold on to what takes longer: leases are short so that a crash delays no page."""
        now = asyncio.get_running_loop().time()
        old = [one for one in self.held.values() if one.is_old(now)]
        if not old:
            return
        async with self.store.write(Act("tocsin", "job")) as unit:
            for one in old:
                await unit.jobs.renew(one.job, one.lease)
                one.since = now

    def _start(self, lane: Lane, job: Claimed) -> None:
        lease = self.behaviours.by_kind[job.kind].job.lease
        self.held[job.id, job.fence] = _Held(job, lease, asyncio.get_running_loop().time())
        task = asyncio.create_task(self._carry_out(job), name=f"{job.kind}:{job.id}")
        self.running[lane].add(task)
        task.add_done_callback(lambda done: self._ended(lane, job, done))

    def _ended(self, lane: Lane, job: Claimed, task: asyncio.Task[None]) -> None:
        if not self._free(lane):
            self.woken.set()
        self.running[lane].discard(task)
        del self.held[job.id, job.fence]
        if not task.cancelled() and (error := task.exception()):
            # the database would not have it: the lease runs out and the job comes again
            log.error("end of job not stored", job=job.id, kind=job.kind, error=repr(error))

    async def _carry_out(self, claimed: Claimed) -> None:
        behaviour = self.behaviours.by_kind[claimed.kind]
        correlate(correlation=claimed.correlation_id)
        try:
            job = behaviour.job.model_validate(claimed.payload)
            await self._behave(behaviour, job, claimed)
        except _Superseded:
            log.info("job superseded", job=claimed.id, kind=claimed.kind)
        except (Permanent, ValidationError) as error:
            await self._refuse(behaviour, claimed, repr(error))
        except Retry as error:
            await self._not_now(behaviour, claimed, error)
        except Exception as error:
            log.exception("job failed", job=claimed.id, kind=claimed.kind)
            await self._again(behaviour, claimed, repr(error), None)

    async def _behave(self, behaviour: Reaction | Effect, job: Job, claimed: Claimed) -> None:
        if isinstance(behaviour, Reaction):
            async with self._finishing(claimed) as unit:
                if behaviour.gather and _is_first(claimed):
                    job = await behaviour.gather(unit, job)
                await behaviour.react(unit, job)
            return
        async with self.store.read() as unit:
            loaded = await behaviour.load(unit, job)
        last = claimed.attempts >= behaviour.job.max_attempts
        ports = replace(self.ports, again=claimed.attempts > 1, last=last)
        outcome = None if loaded is None else await behaviour.act(ports, loaded)
        async with self._finishing(claimed) as unit:
            if loaded is not None and behaviour.save:
                await behaviour.save(unit, job, outcome)

    @contextlib.asynccontextmanager
    async def _finishing(self, claimed: Claimed) -> AsyncIterator[Unit]:
        """A unit that commits together with the end of the job, or not at all."""
        async with self.store.write(Act("tocsin", "job", claimed.correlation_id)) as unit:
            yield unit
            if not await unit.jobs.finish(claimed):
                raise _Superseded

    async def _refuse(self, behaviour: Reaction | Effect, claimed: Claimed, error: str) -> None:
        """Give it up; but what did the work of others too may have failed for theirs."""
        if isinstance(behaviour, Reaction) and behaviour.gather and _is_first(claimed):
            await self._again(behaviour, claimed, error, None)
        else:
            await self._give_up(behaviour, claimed, error)

    async def _again(
        self, behaviour: Reaction | Effect, claimed: Claimed, error: str, after: timedelta | None
    ) -> None:
        if claimed.attempts >= behaviour.job.max_attempts:
            await self._give_up(behaviour, claimed, error)
            return
        wait = after or min(timedelta(seconds=2**claimed.attempts), LONGEST_WAIT)
        async with self.store.write(Act("tocsin", "job", claimed.correlation_id)) as unit:
            await unit.jobs.retry(claimed, error, unit.now + wait)

    async def _not_now(self, behaviour: Reaction | Effect, claimed: Claimed, error: Retry) -> None:
        if isinstance(error, TooSoon) and error.after:
            await self._put_off(claimed, error.after)
        elif isinstance(error, Unavailable):
            await self._until_back(claimed, error)
        else:
            await self._again(behaviour, claimed, str(error), error.after)

    async def _put_off(self, claimed: Claimed, after: timedelta) -> None:
        async with self.store.write(Act("tocsin", "job", claimed.correlation_id)) as unit:
            await unit.jobs.put_off(claimed, unit.now + after)

    async def _until_back(self, claimed: Claimed, away: Unavailable) -> None:
        """Let the job wait for its platform, unless it may know another way or that is back."""
        async with self.store.write(Act("tocsin", "job", claimed.correlation_id)) as unit:
            if away.fresh or (await unit.outages.of(away.platform)).up:
                await unit.jobs.retry(claimed, str(away), unit.now)
            else:
                await unit.jobs.wait(claimed, away.platform)

    async def _give_up(self, behaviour: Reaction | Effect, claimed: Claimed, error: str) -> None:
        """Bury the job, and in the same commit do what must happen instead."""
        log.error("job given up", job=claimed.id, kind=claimed.kind, error=error)
        async with self.store.write(Act("tocsin", "job", claimed.correlation_id)) as unit:
            if await unit.jobs.bury(claimed, error):
                await self._instead(behaviour, claimed, error, unit)

    @staticmethod
    async def _instead(
        behaviour: Reaction | Effect, claimed: Claimed, error: str, unit: Unit
    ) -> None:
        if behaviour.failed:
            job = behaviour.job.model_validate(claimed.payload)
            await behaviour.failed(unit, job, error)


def _is_first(claimed: Claimed) -> bool:
    """Whether nobody has tried it before."""
    return claimed.attempts == 1
