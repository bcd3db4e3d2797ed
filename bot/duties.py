"""Duties that one process of an installation has at a time, whichever process that is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from storage.duties import Duties
from storage.unit import Act, Store, Unit

SEALER: Final = "sealer"
SCHEDULER: Final = "scheduler"
WORKER: Final = "worker"
REST = timedelta(seconds=5)

Work = Callable[[Unit], Awaitable[None]]
Waiting = Callable[[Unit], Awaitable[bool]]


@dataclass(frozen=True)
class DutyHolder:
    """This process as one that may hold duties; ``name`` tells it from every other."""

    store: Store
    name: str

    async def cycle(self, duty: str, waiting: Waiting, work: Work) -> None:
        """Do the work of ``duty`` if it falls to this process and something is waiting.

        The work, the lease and the note that a cycle finished are one commit. With nothing
        waiting, the lease is renewed only now and then.
        """
        async with self.store.read() as unit:
            if not await self._called_for(unit, duty, waiting):
                return
        async with self.store.write(Act("tocsin", "job")) as unit:
            duties = Duties(unit.scope)
            held = await duties.take(duty, self.name)
            if held is not None:
                await work(unit)
                await duties.finish(held)

    async def give_back(self) -> None:
        """Let another process take over at once."""
        async with self.store.write(Act("tocsin", "job")) as unit:
            await Duties(unit.scope).give_back(self.name)

    async def _called_for(self, unit: Unit, duty: str, waiting: Waiting) -> bool:
        duties = Duties(unit.scope)
        held, now = await duties.get(duty), await duties.now()
        if held is None or held.leased_until <= now:
            return True
        if held.holder != self.name:
            return False
        return now - held.finished_at >= REST or await waiting(unit)


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
