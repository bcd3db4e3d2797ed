"""The intake: whatever waits is committed together, with the jobs that it owes.

Under load a commit takes as long as the disk needs, and all that came meanwhile shares the next
one. The queue is bounded: beyond that the sender keeps its delivery and comes again.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.alert_jobs import Triage
from domain.deploy_event import TakeDeployments
from domain.errors import Retry
from domain.job import Job
from domain.lasting import AnswerAlarm
from storage.alerts import Delivery
from storage.store import Act, Store
from web.ports import Arrived

log = structlog.get_logger()

BATCH = 500
AT_ONCE = 50
ROOM = 2000
PATIENCE_S = 8.0
SOON = timedelta(seconds=1)
LATER = timedelta(seconds=5)
FAILED = "The delivery could not be stored."
SLOW = "The database does not answer in time."


@dataclass
class _Waiting:
    """A delivery and the request that waits for it to be on disk."""

    delivery: Delivery
    stored: asyncio.Future[None]


class Intake:
    """Takes deliveries in; ``room`` is how many may wait."""

    def __init__(self, store: Store, room: int = ROOM, patience_s: float = PATIENCE_S) -> None:
        self._store = store
        self._room = room
        self._patience_s = patience_s
        self._waiting: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def accept(self, arrived: Arrived) -> str:
        """Store a delivery; returns its id once it is on disk.

        Raises `Retry` where there is no room, the commit failed, or nobody knows yet.
        """
        if self._closed:
            raise Retry("This process is stopping.", SOON)
        if len(self._waiting) >= self._room:
            raise Retry("More arrives than can be stored.", SOON)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(self._delivery(arrived), loop.create_future())
        self._waiting.append(waiting)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._drain(), name="intake")
        patience = loop.call_later(self._patience_s, _settle, [waiting], SLOW)
        try:
            await waiting.stored
        finally:
            patience.cancel()
        return waiting.delivery.id

    async def close(self) -> None:
        """Take nothing more and bring what waits to disk."""
        self._closed = True
        if self._task is not None:
            await self._task

    async def _drain(self) -> None:
        """Commit batch after batch until nothing waits; whatever happens, nobody hangs."""
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch = self._next()
                await self._commit(batch)
        finally:
            _settle([*batch, *self._waiting], FAILED)

    def _next(self) -> list[_Waiting]:
        """The next batch, without those whose request has given up."""
        count = min(BATCH, len(self._waiting))
        taken = [self._waiting.popleft() for _ in range(count)]
        return [one for one in taken if not one.stored.done()]

    async def _commit(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        found = [one.delivery for one in batch]
        try:
            async with self._store.write(Act("intake", "api")) as unit:
                await unit.deliveries.add_all(found)
                for job in _owed(found):
                    await unit.jobs.add(job)
        except (SQLAlchemyError, OSError) as error:
            # the whole text would repeat the bodies
            cause = getattr(error, "orig", None) or type(error).__name__
            log.error("deliveries not stored", count=len(batch), error=str(cause))
            _settle(batch, FAILED)
        else:
            _settle(batch)

    def _delivery(self, arrived: Arrived) -> Delivery:
        return Delivery(
            id=self._store.ids.new(),
            source=arrived.source,
            integration=arrived.integration,
            received_at=arrived.received_at,
            body=arrived.body,
            parsed=arrived.parsed,
        )


def _owed(found: list[Delivery]) -> Iterator[Job]:
    """What these deliveries are worked on by: alerts, words about deployments, answers."""
    for few in _divided([one.id for one in found if not one.parsed.deployments]):
        yield Triage(deliveries=few)
    for one in found:
        if one.parsed.deployments:
            yield TakeDeployments(events=one.parsed.deployments)
        for alarm in one.parsed.answers:
            yield AnswerAlarm(alarm=alarm, at=one.received_at)


def _divided(ids: list[str]) -> Iterator[tuple[str, ...]]:
    """So few at once that nobody waits long for the one writer while they are triaged."""
    return (tuple(ids[first : first + AT_ONCE]) for first in range(0, len(ids), AT_ONCE))


def _settle(batch: list[_Waiting], failure: str = "") -> None:
    for one in batch:
        if one.stored.done():
            continue
        if failure:
            one.stored.set_exception(Retry(failure, LATER))
        else:
            one.stored.set_result(None)
