"""What one process commits is heard by the others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from storage.notify import LONGEST, Notifier, Nudge

pytestmark = pytest.mark.postgres
PATIENCE_S = 10.0


class Ear:
    """A process that only listens."""

    def __init__(self, url: str, name: str) -> None:
        self.nudges: asyncio.Queue[Nudge] = asyncio.Queue()
        self.notifier = Notifier(url, name, self.nudges.put_nowait)

    async def hears(self) -> Nudge:
        async with asyncio.timeout(PATIENCE_S):
            return await self.nudges.get()


@asynccontextmanager
async def running(*ears: Ear) -> AsyncIterator[None]:
    """Processes that talk, each connected: they have heard a first call."""
    tasks = [asyncio.create_task(ear.notifier.run()) for ear in ears]
    try:
        await _connected(*ears)
        yield
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _connected(first: Ear, second: Ear) -> None:
    """Call until each has heard the other, then let nothing of that be left over."""
    for caller, called in ((first, second), (second, first)):
        while called.nudges.empty():
            caller.notifier.committed({"hello"}, jobs=False)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await called.nudges.put(await called.nudges.get())
    await _silent(first, second)


async def _silent(first: Ear, second: Ear) -> None:
    for caller, called in ((first, second), (second, first)):
        caller.notifier.committed({"the end"}, jobs=False)
        while "the end" not in (await called.hears()).topics:
            pass


async def test_others_hear_what_was_committed_and_nobody_hears_himself(postgres_url: str) -> None:
    """Topics and the word that jobs were added arrive elsewhere, and only there."""
    one, two = Ear(postgres_url, "one"), Ear(postgres_url, "two")
    async with running(one, two):
        one.notifier.committed({"incident:INC-1"}, jobs=True)
        assert await two.hears() == Nudge(topics=frozenset({"incident:INC-1"}), jobs=True)
        two.notifier.committed({"alerts"}, jobs=False)
        assert await one.hears() == Nudge(topics=frozenset({"alerts"}), jobs=False)


async def test_what_is_committed_at_once_is_told_once(postgres_url: str) -> None:
    """A burst of commits is one notification with all topics."""
    one, two = Ear(postgres_url, "one"), Ear(postgres_url, "two")
    async with running(one, two):
        for n in range(20):
            one.notifier.committed({f"room:{n}"}, jobs=False)
        heard = await two.hears()
        assert len(heard.topics) == 20


async def test_too_much_to_tell_becomes_the_word_for_everything(postgres_url: str) -> None:
    """A notification has a largest size; readers are told to read anew."""
    one, two = Ear(postgres_url, "one"), Ear(postgres_url, "two")
    async with running(one, two):
        one.notifier.committed({f"room:{n}" for n in range(LONGEST)}, jobs=True)
        assert await two.hears() == Nudge(topics=frozenset({"*"}), jobs=True)
