"""For which incidents nobody is rung now: their alerts are resolved, for the time being."""

from collections.abc import Mapping

from domain.incident import Incident
from storage.unit import Unit


async def quiet(unit: Unit, about: Mapping[str, Incident]) -> frozenset[str]:
    """Those of ``about`` that their alerts alone keep and of which none fires."""
    healing = frozenset(name for name, incident in about.items() if incident.may_heal)
    return healing - await unit.alerts.firing_among(healing)
