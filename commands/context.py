"""What a command is given besides its arguments."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from domain.actor import Actor
from domain.authorize import authorize
from domain.call import Call, Reply
from domain.command import Registry
from domain.errors import NotAllowed
from storage.unit import Unit


@dataclass(frozen=True)
class Context:
    """One call being carried out: the unit it writes in, who asks, and from where.

    ``run`` carries out another call in the same unit, through the same gate. ``teams`` are those
    the call turned out to be about: a role held for one team only counts where that was asked.
    """

    unit: Unit
    call: Call
    registry: Registry
    run: Callable[[Call], Awaitable[Reply]]
    teams: list[str | None] = field(default_factory=list)

    def about(self, team: str | None) -> None:
        """Pass the gate for ``team``; raises `NotAllowed`. Roles of other teams do not count."""
        decision = authorize(self.actor, self.registry.commands[self.call.command], team)
        if not decision.allowed:
            raise NotAllowed(decision.reason)
        self.teams.append(team)

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.call.actor

    @property
    def person(self) -> str:
        """The Tocsin person who asks; raises `NotAllowed` for an account linked to nobody."""
        if self.actor.user is None:
            raise NotAllowed("Link this account to a person first: type /me link.")
        return self.actor.user

    @property
    def now(self) -> datetime:
        """When, in UTC."""
        return self.unit.now
