"""Duties that one process of an installation has at a time, whichever process that is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from storage.duties import Duties
from storage.store import Act, Store
from storage.unit import Unit

SEALER: Final = "sealer"
SCHEDULER: Final = "scheduler"
WORKER: Final = "worker"
PROBES: Final = "probes"
COUNTER: Final = "metrics"
REST = timedelta(seconds=5)

Work = Callable[[Unit], Awaitable[None]]
Waiting = Callable[[Unit], Awaitable[bool]]


@dataclass(frozen=True)
class DutyHolder:
    """This process as one that may hold duties; ``name`` tells it from every other."""

    store: Store
    name: str

    async def cycle(self, duty: str, waiting: Waiting, work: Work) -> bool:
        """Do the work of ``duty`` if it falls to this process and something is waiting.

        The work, the lease and the note that a cycle finished are one commit; with nothing
        waiting, that happens only now and then. False while another process has the duty.
        """
        async with self.store.read() as unit:
            duties = Duties(unit.scope)
            held, now = await duties.get(duty), await duties.now()
            leased = held is not None and held.leased_until > now
            if held and leased and held.holder != self.name:
                return False
            if held and leased and now - held.finished_at < REST and not await waiting(unit):
                return True
        return await self._do(duty, work)

    async def give_back(self) -> None:
        """Let another process take over at once."""
        async with self.store.write(Act("tocsin", "job")) as unit:
            await Duties(unit.scope).give_back(self.name)

    async def _do(self, duty: str, work: Work) -> bool:
        async with self.store.write(Act("tocsin", "job")) as unit:
            duties = Duties(unit.scope)
            held = await duties.take(duty, self.name)
            if held is None:
                return False
            await work(unit)
            return await duties.finish(held)


async def nothing_waits(_unit: Unit) -> bool:
    """For duties that are done at their own pace."""
    return False


async def ages(store: Store) -> dict[str, float]:
    """Seconds since any process last finished each duty, by the database's clock."""
    async with store.read() as unit:
        duties = Duties(unit.scope)
        now = await duties.now()
        return {
            duty.name: max(0.0, (now - duty.finished_at).total_seconds())
            for duty in await duties.everything()
        }
