"""The demo's pipeline: it takes a moment, as a small one would, and changes nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.ports import Clock, RollbackOrder, RolledBack

TAKES_S = 3.0


@dataclass(frozen=True)
class SimulatedDeploys:
    """Pretends; ``pause`` waits for a number of seconds."""

    clock: Clock
    pause: Callable[[float], Awaitable[None]]
    name: str = "the simulated pipeline"

    async def roll_back(self, order: RollbackOrder) -> RolledBack:  # noqa: ARG002 - nothing is
        """Wait, and say how long that was."""
        began = self.clock.now()
        await self.pause(TAKES_S)
        return RolledBack(took=self.clock.now() - began)
