"""Services: what is owned, by whom, and how alerts name it."""

from collections.abc import Iterable, Mapping
from typing import Literal

from domain.base import Frozen


class Service(Frozen):
    """A thing somebody is on call for.

    ``team``, ``policy`` and ``depends_on`` are ids; ``aliases`` are further names that labels
    and alert names use; ``tier`` 1 matters most. ``alert_room`` is where its team's alerts are
    posted. ``llm: never`` keeps its alerts from every model (rules.md 12).
    """

    id: str
    name: str = ""
    team: str | None = None
    policy: str | None = None
    tier: int = 3
    depends_on: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    llm: Literal["ok", "never"] = "ok"


class Catalogue:
    """The services, found by any of their names; build it once and pass it around."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services: Mapping[str, Service] = {one.id: one for one in services}
        named = [(one.aliases, (one.name,), (one.id,)) for one in self.services.values()]
        # weakest first: one service's alias never hides another's own name
        self._named = {
            name.casefold(): one
            for names in zip(*named, strict=True)
            for one, called in zip(self.services.values(), names, strict=True)
            for name in called
            if name
        }

    def named(self, name: str) -> Service | None:
        """The service that is called ``name``, in any case."""
        return self._named.get(name.casefold())
