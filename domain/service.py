"""Services: what is owned, by whom, and how alerts name it."""

from collections.abc import Iterable, Mapping
from typing import Literal

from domain.base import Frozen
from domain.pipeline import Pipeline
from domain.probe import Probe


class Service(Frozen):
    """A thing somebody is on call for.

    ``team``, ``policy`` and ``depends_on`` are ids; ``aliases`` are further names that labels
    and alert names use; ``tier`` 1 matters most. ``alert_room`` is where its team's alerts are
    posted. ``llm: never`` keeps its alerts from every model (rules.md 12). ``pipelines`` are what
    deploys it, ``probes`` how it is seen from outside whether it is well.
    """

    id: str
    name: str = ""
    team: str | None = None
    policy: str | None = None
    tier: int = 3
    depends_on: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    llm: Literal["ok", "never"] = "ok"
    pipelines: tuple[Pipeline, ...] = ()
    probes: tuple[Probe, ...] = ()


class Catalogue:
    """The services, found by any of their names; build it once and pass it around."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services: Mapping[str, Service] = {one.id: one for one in services}
        known = self.services.values()
        aliases = {alias.casefold(): one for one in known for alias in one.aliases}
        names = {one.name.casefold(): one for one in known if one.name}
        ids = {one.id.casefold(): one for one in known}
        # an alias never hides another service's own name
        self._named = aliases | names | ids

    def beneath(self, service: str | None) -> tuple[str, ...]:
        """The services that ``service`` stands on, nearest first; it is not one of them."""
        found = dict.fromkeys([service or ""])
        waiting = list(found)
        for name in waiting:
            known = self.services.get(name)
            fresh = [one for one in known.depends_on if one not in found] if known else []
            found.update(dict.fromkeys(fresh))
            waiting += fresh
        return tuple(found)[1:]

    def named(self, name: str) -> Service | None:
        """The service that is called ``name``, in any case."""
        return self._named.get(name.casefold())
