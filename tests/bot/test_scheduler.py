"""The scheduler is a clock: it wakes, it owes, and it holds no truth."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from bot.pulses import Pulses
from bot.scheduler import Beat, Scheduler, next_run, owe_upkeep
from storage.store import Store
from storage.tables.ledger import jobs
from tests.fakes.stores import SYSTEM, clock_of

PATIENCE_S = 10.0


class Counter:
    """A cycle that says whether it finished, and tells a waiting test of each."""

    def __init__(self, finishes: bool = True) -> None:
        self.finishes = finishes
        self.count = 0
        self.begun = asyncio.Event()

    async def cycle(self) -> bool:
        self.count += 1
        self.begun.set()
        return self.finishes

    async def again(self) -> None:
        self.begun.clear()
        async with asyncio.timeout(PATIENCE_S):
            await self.begun.wait()


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-11-21T12:00", "2026-11-22T03:17"),
        ("2026-11-22T03:16", "2026-11-22T03:17"),
        ("2026-11-22T03:17", "2026-11-23T03:17"),
        ("2026-10-25T00:00", "2026-10-25T03:17"),  # clocks are set back that night elsewhere
    ],
)
def test_the_next_run_is_strictly_later_and_in_utc(after: str, due: str) -> None:
    """A daily job has one time a day, also on the days of the year when clocks change."""
    instant = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert next_run("17 3 * * *", instant) == datetime.fromisoformat(due).replace(tzinfo=UTC)


async def test_upkeep_is_owed_once_a_day_however_often_one_looks(store: Store) -> None:
    """Its key names the time, so that replicas owe the same row."""

    async def owed() -> int:
        async with store.write(SYSTEM) as unit:
            await owe_upkeep(unit)
            nightly = select(func.count()).select_from(jobs).where(jobs.c.kind == "forget")
            found = await unit.scope.connection.execute(nightly)
            return int(found.scalar_one())

    assert [await owed(), await owed()] == [1, 1]
    clock_of(store).move(days=1)
    assert await owed() == 2


async def test_every_beat_has_finished_once_before_the_start_is_over() -> None:
    """A process is not ready before it has done its duties for the first time."""
    counter, pulses = Counter(), Pulses(time.monotonic)
    scheduler = Scheduler([Beat("worker", 3600, counter.cycle)], pulses)
    await scheduler.start()
    scheduler.stop()
    assert counter.count == 1
    assert pulses.ages()["worker"] < PATIENCE_S


async def test_a_beat_that_cannot_begin_stops_the_start() -> None:
    """Better no process than one that only seems to work."""

    async def broken() -> bool:
        raise ZeroDivisionError

    scheduler = Scheduler([Beat("worker", 3600, broken)], Pulses(time.monotonic))
    with pytest.raises(ZeroDivisionError):
        await scheduler.start()
    scheduler.stop()


async def test_beats_go_on_and_only_finished_cycles_count() -> None:
    """A cycle that says it did not finish leaves its pulse to grow old."""
    seconds = [0.0]
    good, bad, pulses = Counter(), Counter(finishes=False), Pulses(lambda: seconds[0])
    beats = [Beat("good", 0.01, good.cycle), Beat("bad", 0.01, bad.cycle)]
    scheduler = Scheduler(beats, pulses)
    await scheduler.start()
    seconds[0] = 100.0
    for _ in range(3):
        await good.again()
        await bad.again()
    scheduler.stop()
    assert pulses.ages() == {"bad": 100.0, "good": 0.0}


async def test_a_cycle_that_raises_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, its pulse grows old, and the other beats do not notice."""
    seconds = [0.0]
    pulses, failing, again = Pulses(lambda: seconds[0]), [False], asyncio.Event()

    async def cycle() -> bool:
        if failing[0]:
            failing.append(True)
            if len(failing) > 3:
                again.set()
            raise ConnectionError("the database is away")
        return True

    scheduler = Scheduler([Beat("worker", 0.01, cycle)], pulses)
    await scheduler.start()
    failing[0], seconds[0] = True, 100.0
    async with asyncio.timeout(PATIENCE_S):
        await again.wait()
    scheduler.stop()
    assert pulses.stale() == ("worker",)
    assert "the database is away" in caplog.text
