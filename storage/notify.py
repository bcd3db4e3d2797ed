"""What one process commits, told to the others over PostgreSQL's LISTEN and NOTIFY.

Sent after the commit and gathered, because inside the transaction it halves the throughput. It
is a hint: whoever misses it looks for itself within half a second.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psycopg
import structlog
from psycopg import AsyncConnection
from sqlalchemy.engine import make_url

log = structlog.get_logger()

CHANNEL = "tocsin"
LONGEST = 7000
AGAIN_S = 1.0


@dataclass(frozen=True)
class Nudge:
    """What was committed elsewhere: topics for readers, and whether jobs were added."""

    topics: frozenset[str]
    jobs: bool


class Notifier:
    """Tells other processes of this one's commits, and this one of theirs.

    ``sender`` names this process, so that it does not hear itself.
    """

    def __init__(self, url: str, sender: str, heard: Callable[[Nudge], None]) -> None:
        parsed = make_url(url).set(drivername="postgresql")
        self._address = parsed.render_as_string(hide_password=False)
        self._sender = sender
        self._heard = heard
        self._topics: set[str] = set()
        self._jobs = False
        self._pending = asyncio.Event()

    def committed(self, topics: set[str], *, jobs: bool) -> None:
        """A unit of this process has committed."""
        if topics or jobs:
            self._topics |= topics
            self._jobs = self._jobs or jobs
            self._pending.set()

    async def run(self) -> None:
        """Tell and hear until cancelled, over connections that are renewed when they break."""
        await asyncio.gather(self._renewed(self._tell), self._renewed(self._hear))

    async def _renewed(self, use: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(self._address, autocommit=True) as one:
                    await use(one)
            except psycopg.Error as error:
                log.warning("notifications interrupted", error=str(error))
                await asyncio.sleep(AGAIN_S)

    async def _tell(self, connection: AsyncConnection) -> None:
        while True:
            await self._pending.wait()
            self._pending.clear()
            said = self._gathered()
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, said))

    async def _hear(self, connection: AsyncConnection) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        async for notice in connection.notifies():
            said = json.loads(notice.payload)
            if said["by"] != self._sender:
                self._heard(Nudge(topics=frozenset(said["topics"]), jobs=said["jobs"]))

    def _gathered(self) -> str:
        """Everything committed since the last time; too much of it becomes ``*``."""
        topics, jobs = sorted(self._topics), self._jobs
        self._topics, self._jobs = set(), False
        said = json.dumps({"by": self._sender, "topics": topics, "jobs": jobs})
        if len(said) <= LONGEST:
            return said
        return json.dumps({"by": self._sender, "topics": ["*"], "jobs": jobs})
