"""How the process is doing: what probes, scrapers and readiness are told."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bot.metrics import Metrics
from bot.pulses import STALE_S, Pulses
from storage.store import Store
from storage.tally import Tallies
from storage.unit import Unit
from storage.views import outages
from web.ports import Check

PATIENCE_S = 5.0
LAGGING_S = 60.0


@dataclass(frozen=True)
class ProcessVitals:
    """`web.ports.Vitals` of this process."""

    store: Store
    pulses: Pulses
    counted: Metrics

    def ages(self) -> Mapping[str, float]:
        """Seconds since each duty last finished a cycle."""
        return self.pulses.ages()

    async def checks(self) -> tuple[Check, ...]:
        """Database, queue, duties, and chats that cannot be used, looked at now."""
        stale = self.pulses.stale()
        told = f"no cycle for {STALE_S:.0f} s: {', '.join(stale)}" if stale else ""
        return (*await self._database(), Check(name="duties", ok=not stale, detail=told))

    def metrics(self) -> bytes:
        """The metrics in Prometheus' text format."""
        self.counted.aged(self.pulses.ages())
        return self.counted.text()

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self.counted.answered(route, status, seconds)

    async def _database(self) -> tuple[Check, ...]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(PATIENCE_S), self.store.read() as unit:
                lag = await Tallies(unit.scope).lag_s()
                told = await _chats(unit)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return (Check(name="database", ok=False, detail=type(error).__name__),)
        took = f"{(loop.time() - began) * 1000:.1f} ms"
        queue = Check(name="queue", ok=lag < LAGGING_S, detail=f"oldest due job is {lag:.0f} s old")
        chats = Check(name="chats", ok=True, detail="; ".join(told))
        return (Check(name="database", ok=True, detail=took), queue, *([chats] if told else []))


async def _chats(unit: Unit) -> list[str]:
    """Outside chats that cannot be used now; requests are welcome all the same."""
    down = await outages.down(unit.scope)
    busy = await outages.busy(unit.scope)
    return [f"{one.platform} is down since {one.since:%F %H:%M} UTC" for one in down] + [
        f"{one.platform} wants to be left alone until {one.until:%F %H:%M} UTC" for one in busy
    ]
