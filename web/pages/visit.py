"""One look at a page: who looks, at what address, within which transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import ValidationError

from domain.actor import Actor
from domain.base import Frozen
from domain.call import Call, Origin, Reply
from domain.command import Registry
from domain.derive import errors
from domain.errors import Invalid
from domain.ports import Dispatch
from storage.scope import Scope
from web.pages.offers import Offers

Wanted = TypeVar("Wanted", bound=Frozen)


@dataclass(frozen=True)
class Visit:
    """What a page is given. ``path`` and ``query`` are the address's own parts."""

    scope: Scope
    actor: Actor
    registry: Registry
    dispatch: Dispatch
    csrf: str
    address: str
    path: Mapping[str, Any]
    query: Mapping[str, str]

    @property
    def viewer(self) -> str | None:
        """Whose eyes every view is given."""
        return self.actor.user

    @property
    def now(self) -> datetime:
        """When, in UTC."""
        return self.scope.now

    @property
    def here(self) -> str:
        """The address with its query, to come back to."""
        return _joined(self.address, self.query)

    def wanted(self, model: type[Wanted]) -> Wanted:
        """The query as ``model``; what is empty or unknown to it is left out.

        Raises `Invalid`, naming the field.
        """
        known = {name: value for name, value in self.query.items() if name in model.model_fields}
        try:
            return model.model_validate({name: value for name, value in known.items() if value})
        except ValidationError as error:
            field, told = next(iter(errors(error).items()))
            raise Invalid(f"The address asks for something else: {told}.", field=field) from None

    def elsewhere(self, **changes: str) -> str:
        """This address with another query."""
        return _joined(self.address, {**self.query, **changes})

    async def answer(self, command: str, args: Mapping[str, str]) -> Reply:
        """What a command that only reads says to the reader, as it would everywhere."""
        if self.registry.commands[command].writes:
            raise ValueError(f"to look at a page does not {command}")
        here = Origin(surface="web")
        return await self.dispatch(
            Call(command=command, args=dict(args), actor=self.actor, origin=here)
        )

    def offers(self, team: str | None = None) -> Offers:
        """What the reader may do about the things of ``team``."""
        return Offers(self.actor, self.registry, team)


def _joined(address: str, query: Mapping[str, str]) -> str:
    kept = {name: value for name, value in query.items() if value}
    return f"{address}?{urlencode(kept)}" if kept else address
