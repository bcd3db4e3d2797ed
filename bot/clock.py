"""Clocks: the system's, and one that can be moved forward for the demo and for stories."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.worker import Worker
from storage.store import Act, Store

OFFSET = "clock_offset_s"
PATIENCE_S = 25.0


@dataclass(frozen=True)
class SystemClock:
    """The time that ``read`` gives, in UTC."""

    read: Callable[[], datetime]

    def now(self) -> datetime:
        """The present instant."""
        return self.read()


class MovableClock(Protocol):
    """A clock that somebody may move forward."""

    def now(self) -> datetime:
        """The present instant in UTC."""

    def forward(self, to: datetime) -> None:
        """Make it ``to``; a time that has passed changes nothing."""


@dataclass
class OffsetClock:
    """The system's time plus an offset that only grows."""

    read: Callable[[], datetime]
    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present instant, moved."""
        return self.read() + self.offset

    def forward(self, to: datetime) -> None:
        """Make it ``to``; a time that has passed changes nothing."""
        self.offset = max(self.offset, to - self.read())


async def restore(store: Store, clock: OffsetClock) -> None:
    """Put the clock where the last run left it."""
    async with store.read() as unit:
        clock.offset = timedelta(seconds=await unit.settings.get(OFFSET) or 0)


async def keep(store: Store, clock: OffsetClock) -> None:
    """Remember where the clock stands."""
    async with store.write(Act("tocsin", "job")) as unit:
        await unit.settings.put(OFFSET, clock.offset.total_seconds())


async def advance(
    store: Store,
    worker: Worker,
    clock: MovableClock,
    by: timedelta,
    patience_s: float = PATIENCE_S,
) -> bool:
    """Move the clock forward by ``by``; everything due until then happens in order, and is done.

    False where that took longer than ``patience_s``: the clock then stands where the work has
    come to, and the worker goes on with it.
    """
    loop = asyncio.get_running_loop()
    end, deadline = clock.now() + by, loop.time() + patience_s
    await worker.drain()
    while (due := await _next_due(store, clock.now())) and due <= end:
        if loop.time() > deadline:
            return False
        clock.forward(due)
        await worker.drain()
    clock.forward(end)
    await worker.drain()
    return True


async def _next_due(store: Store, after: datetime) -> datetime | None:
    async with store.read() as unit:
        return await unit.jobs.next_due(after)
