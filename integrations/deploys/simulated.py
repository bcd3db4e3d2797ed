"""The demo's pipeline: it takes a moment, as a small one would, and changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.deployer import Asked, RollbackOrder, Seen
from domain.ports import Clock

TAKES = timedelta(seconds=3)


@dataclass(frozen=True)
class SimulatedDeploys:
    """Pretends for as long as it ``takes``."""

    clock: Clock
    takes: timedelta = TAKES
    name: str = "the simulated pipeline"

    async def ask(self, order: RollbackOrder) -> Seen:  # noqa: ARG002 - nothing is done
        """Begin."""
        note = {"since": self.clock.now().isoformat()}
        return Seen(asked=Asked(note=note, said="it begins"))

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:  # noqa: ARG002
        """It ends well when its time has come."""
        gone = self.clock.now() - datetime.fromisoformat(asked.note["since"])
        if gone >= self.takes:
            return Seen(asked=asked, took=self.takes)
        return Seen(asked=asked.model_copy(update={"said": "it works"}))
