"""What a command is given besides its arguments."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from domain.actor import Actor
from domain.call import Call, Reply
from domain.command import Registry
from storage.unit import Unit


@dataclass(frozen=True)
class Context:
    """One call being carried out: the unit it writes in, who asks, and from where.

    ``run`` carries out another call in the same unit, through the same gate.
    """

    unit: Unit
    call: Call
    registry: Registry
    run: Callable[[Call], Awaitable[Reply]]

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.call.actor

    @property
    def now(self) -> datetime:
        """When, in UTC."""
        return self.unit.now
