"""Nudges: what has changed, told after the commit to whoever is looking. Only a hint."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

BACKLOG = 1000


class Live:
    """Topics of this process's commits, fanned out to readers. A slow reader is told to re-read."""

    def __init__(self) -> None:
        self._readers: set[asyncio.Queue[frozenset[str]]] = set()

    def publish(self, topics: set[str]) -> None:
        """Tell every reader; a full queue keeps only the word that everything changed."""
        told = frozenset(topics)
        for reader in self._readers:
            if reader.full():
                _drain(reader)
                told = frozenset({"*"})
            reader.put_nowait(told)

    @contextmanager
    def reading(self) -> Iterator["Reader"]:
        """Hear everything published from now on."""
        queue: asyncio.Queue[frozenset[str]] = asyncio.Queue(BACKLOG)
        self._readers.add(queue)
        try:
            yield Reader(queue)
        finally:
            self._readers.discard(queue)


class Reader:
    """One listener's view of the nudges."""

    def __init__(self, queue: asyncio.Queue[frozenset[str]]) -> None:
        self._queue = queue

    async def next(self, patience_s: float) -> frozenset[str]:
        """The topics since last asked, gathered; empty after ``patience_s`` of quiet."""
        try:
            async with asyncio.timeout(patience_s):
                topics = await self._queue.get()
        except TimeoutError:
            return frozenset()
        while not self._queue.empty():
            topics |= self._queue.get_nowait()
        return topics


def _drain(queue: asyncio.Queue[frozenset[str]]) -> None:
    while not queue.empty():
        queue.get_nowait()
