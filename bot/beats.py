"""What a process does every so many seconds, by the kind of process it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import httpx2
import structlog

from bot.auditing import AUDIT_S, AUDITOR, Auditing, is_clean
from bot.duties import COUNTER, PROBES, SCHEDULER, SEALER, WORKER, DutyHolder, ages, nothing_waits
from bot.metrics import Metrics
from bot.pulses import Pulses
from bot.scheduler import Beat, owe_upkeep
from bot.wiring import Parts
from bot.worker import Worker
from domain.outage import PROBE_EVERY
from domain.outage_jobs import ProbeChat
from storage.store import Store
from storage.tally import Tallies
from storage.unit import Unit

log = structlog.get_logger()

WAKE_S, SEAL_S, SCHEDULE_S, COUNT_S, WATCH_S, HEARTBEAT_S = 0.5, 1.0, 10.0, 10.0, 5.0, 20.0
SETTLED = timedelta(seconds=2)


def working(parts: Parts) -> tuple[Beat, ...]:
    """A process with a worker: it wakes it, and has its turn at the duties."""
    sealer = Sealer(parts.holder, parts.core.keys.audit)
    return (
        Beat(WORKER, WAKE_S, Waking(parts.worker, parts.holder).cycle),
        Beat(SEALER, SEAL_S, sealer.cycle),
        Beat(SCHEDULER, SCHEDULE_S, Upkeep(parts.holder).cycle),
        Beat(AUDITOR, AUDIT_S, Auditing(parts.holder).cycle),
        *_probes(parts),
        *_heart(parts),
    )


def watching(parts: Parts) -> tuple[Beat, ...]:
    """A process without a worker: it tells of the duties that others do."""
    return (Beat("watch", WATCH_S, Watch(parts.store, parts.pulses).cycle),)


def counting(parts: Parts) -> tuple[Beat, ...]:
    """A process that can be scraped: one of them counts."""
    sampler = Sampler(parts.store, parts.metrics, parts.holder)
    return (Beat(COUNTER, COUNT_S, sampler.cycle),)


def _probes(parts: Parts) -> tuple[Beat, ...]:
    """Asking outside chats for a sign of life, where there are any."""
    if not parts.store.installation.outside:
        return ()
    return (Beat(PROBES, PROBE_EVERY.total_seconds(), Probing(parts.holder).cycle),)


def _heart(parts: Parts) -> tuple[Beat, ...]:
    url = parts.settings.heartbeat_url
    if url is None or parts.store.installation.demo:
        return ()
    heart = Heart(url.get_secret_value(), parts.pulses, partial(is_clean, parts.store))
    return (Beat("heartbeat", HEARTBEAT_S, heart.cycle),)


@dataclass
class Waking:
    """Wakes the worker; its cycle has finished when the worker has looked for jobs again."""

    worker: Worker
    holder: DutyHolder
    seen: int = -1

    async def cycle(self) -> bool:
        """Wake it, and note for other processes that it works."""
        self.worker.wake()
        looked = self.worker.cycles > self.seen
        self.seen = self.worker.cycles
        if looked:
            await self.holder.cycle(WORKER, nothing_waits, _no_more)
        return looked


@dataclass(frozen=True)
class Sealer:
    """Chains audit rows within a second of their commit."""

    holder: DutyHolder
    key: bytes

    async def cycle(self) -> bool:
        """Seal what waits, if the duty is ours."""
        await self.holder.cycle(SEALER, _unsealed, self._seal)
        return True

    async def _seal(self, unit: Unit) -> None:
        await unit.audit.seal(self.key)


@dataclass(frozen=True)
class Upkeep:
    """The scheduler's duty: owe cron-like work."""

    holder: DutyHolder

    async def cycle(self) -> bool:
        """Owe what is next, if the duty is ours."""
        await self.holder.cycle(SCHEDULER, nothing_waits, owe_upkeep)
        return True


@dataclass(frozen=True)
class Probing:
    """Owes a sign of life of every outside chat."""

    holder: DutyHolder

    async def cycle(self) -> bool:
        """Owe them, if the duty is ours; one that is not done yet is not owed twice."""
        await self.holder.cycle(PROBES, nothing_waits, owe_probes)
        return True


async def owe_probes(unit: Unit) -> None:
    """One for each platform."""
    for platform in unit.installation.outside:
        await unit.jobs.add(ProbeChat(platform=platform), key=f"~probe:{platform}")


@dataclass
class Sampler:
    """Counts for the metrics what was committed since it last looked.

    It stays two seconds behind, so that what commits late is not passed over.
    """

    store: Store
    metrics: Metrics
    holder: DutyHolder
    since: datetime | None = None

    async def cycle(self) -> bool:
        """Count, if the duty is ours: two that count would make it twice as much."""
        if await self.holder.cycle(COUNTER, nothing_waits, _no_more):
            await self.sample()
        else:
            self.since = None
        return True

    async def sample(self) -> None:
        """Count once more."""
        async with self.store.read() as unit:
            tallies, until = Tallies(unit.scope), unit.now - SETTLED
            if self.since is not None:
                self.metrics.happened(await tallies.between(self.since, until))
            self.metrics.stand(await tallies.levels())
        self.since = until


@dataclass(frozen=True)
class Watch:
    """Reads how long ago any process finished each duty."""

    store: Store
    pulses: Pulses

    async def cycle(self) -> bool:
        """Look once more; a duty that nobody ever did is not known yet."""
        for duty, age in (await ages(self.store)).items():
            self.pulses.finished(duty, ago_s=age)
        return True


@dataclass(frozen=True)
class Heart:
    """Calls an outside address while every duty is done and the auditor finds nothing: whoever
    misses it raises the alarm."""

    url: str
    pulses: Pulses
    clean: Callable[[], Awaitable[bool]]

    async def cycle(self) -> bool:
        """One call, unless a duty is late or something would not ring."""
        if self.pulses.stale() or not await self.clean():
            return True
        try:
            async with httpx2.AsyncClient(timeout=10) as client:
                (await client.get(self.url)).raise_for_status()
        except httpx2.HTTPError as error:
            log.warning("the heartbeat was not taken", error=type(error).__name__)
        return True


async def _unsealed(unit: Unit) -> bool:
    return await unit.audit.waits()


async def _no_more(_unit: Unit) -> None:
    """The note that a cycle finished is all there is to write."""
