"""Deploy pipelines of stories: they answer as they are told, and remember what they were asked."""

from dataclasses import dataclass, field
from datetime import timedelta

from domain.deployer import Asked, RollbackOrder, Seen
from tests.fakes.stores import StillClock

TOOK = timedelta(seconds=98)


@dataclass
class Pipeline:
    """Ends well at once, or fails with ``trouble``, or works on and says ``looks`` one after the
    other; the last it says again and again."""

    trouble: Exception | None = None
    looks: list[Seen | Exception] = field(default_factory=list)
    orders: list[RollbackOrder] = field(default_factory=list)
    name: str = "Argo CD"

    async def ask(self, order: RollbackOrder) -> Seen:
        self.orders.append(order)
        if self.trouble:
            raise self.trouble
        return Seen(asked=Asked(said="it begins")) if self.looks else Seen(took=TOOK)

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        assert order == self.orders[-1]
        assert asked.said
        said = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(said, Exception):
            raise said
        return said


@dataclass(frozen=True)
class Quick:
    """Needs so many seconds by the story's clock, which nobody waits for."""

    clock: StillClock
    seconds: float
    name: str = "the simulated pipeline"

    async def ask(self, order: RollbackOrder) -> Seen:
        self.clock.move(seconds=self.seconds)
        return Seen(took=timedelta(seconds=self.seconds))

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        raise AssertionError(f"{order.key} has ended: {asked}")
