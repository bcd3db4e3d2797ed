"""The supervised clock: it wakes the worker and owes cron-like work; it holds no truth itself.

APScheduler keeps nothing but intervals in memory. Health is the age of the last finished cycle,
never the word of a thread that it runs.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from cronsim import CronSim

from bot.pulses import Pulses
from domain.calendar_layer import ReadCalendars
from domain.canary import SendCanaries
from domain.handoff_jobs import PlanHandoffs
from domain.job import Job
from domain.oncall_jobs import GuardCoverage, LookAtGroups
from jobs.upkeep import Forget
from storage.unit import Unit

UPKEEP: tuple[tuple[str, Job], ...] = (
    ("17 3 * * *", Forget()),
    ("*/5 * * * *", PlanHandoffs()),
    ("* * * * *", LookAtGroups()),
    ("11 * * * *", SendCanaries()),
    ("7 * * * *", GuardCoverage()),
    ("*/15 * * * *", ReadCalendars()),
)


@dataclass(frozen=True)
class Beat:
    """Something done every so many seconds; ``cycle`` says whether it came to its end.

    A cycle that raises is logged and tried again at the next beat; its pulse grows old.
    """

    duty: str
    every_s: float
    cycle: Callable[[], Awaitable[bool]]


class Scheduler:
    """Runs beats, never two cycles of one at the same time, never one twice to catch up."""

    def __init__(self, beats: Iterable[Beat], pulses: Pulses) -> None:
        self._beats = tuple(beats)
        self._pulses = pulses
        self._clock = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    async def start(self) -> None:
        """Finish one cycle of every beat, then go on by the clock.

        Raises what the first cycles raise: a process that cannot do its duties does not start.
        """
        for beat in self._beats:
            self._pulses.finished(beat.duty)
            await beat.cycle()
        for beat in self._beats:
            self._clock.add_job(self._once, "interval", args=[beat], seconds=beat.every_s)
        self._clock.start()

    def stop(self) -> None:
        """Begin no further cycle."""
        if self._clock.running:
            self._clock.shutdown(wait=False)

    async def _once(self, beat: Beat) -> None:
        if await beat.cycle():
            self._pulses.finished(beat.duty)


async def owe_upkeep(unit: Unit) -> None:
    """Owe the next run of every piece of upkeep; its key makes it one however often this runs."""
    for expression, job in UPKEEP:
        due = next_run(expression, unit.now)
        await unit.jobs.add(job, due=due, key=f"{job.kind}:{due:%Y-%m-%dT%H:%M}")


def next_run(expression: str, after: datetime) -> datetime:
    """The first time, in UTC, that a cron expression means after ``after``."""
    found: datetime = next(CronSim(expression, after.astimezone(UTC)))
    return found
