"""What can be declared, and under which name it stands in a file."""

from typing import ClassVar

from domain.base import Frozen
from domain.escalation import EscalationPolicy
from domain.facts import Fact
from domain.group import Group
from domain.guard import Guard
from domain.routing import Route
from domain.runbook import Runbook
from domain.schedule import Schedule
from domain.server import Server
from domain.service import Service
from domain.team import Team

Item = Team | Group | Service | Schedule | EscalationPolicy | Route | Guard | Server | Runbook

# In the order in which they are made: what is referred to comes first.
KINDS: dict[str, type[Item]] = {
    "teams": Team,
    "groups": Group,
    "schedules": Schedule,
    "policies": EscalationPolicy,
    "services": Service,
    "routes": Route,
    "guards": Guard,
    "servers": Server,
    "runbooks": Runbook,
}
NOUNS = {
    "teams": "team",
    "groups": "group",
    "schedules": "schedule",
    "policies": "policy",
    "services": "service",
    "routes": "route",
    "guards": "guard",
    "servers": "server",
    "runbooks": "runbook",
}


class Declared(Frozen):
    """One item of a file. ``origin`` is ``file:line``; ``file`` is what manages it from then on.

    ``lines`` are those of what is in it, by places like ``steps.2.call``.
    """

    kind: str
    value: Item
    file: str
    origin: str
    lines: dict[str, int] = {}

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.kind, self.value.id

    def at(self, place: str) -> str:
        """Where ``place`` stands, or where the item begins."""
        line = self.lines.get(place)
        return self.origin if line is None else f"{self.file}:{line}"


class Problem(Frozen):
    """What is wrong at a place of a file; a ``warning`` does not stand in the way."""

    origin: str
    text: str
    warning: bool = False

    def __str__(self) -> str:
        """``services.yaml:12: …``."""
        return f"{self.origin}: {self.text}"


class ConfigurationChanged(Fact):
    """Somebody applied a file that says something else than before."""

    kind: ClassVar[str] = "configuration_changed"
    template: ClassVar[str] = "{by}: {action} {noun} {name} {fields} from {file}"
    action: str
    noun: str
    name: str
    fields: str
    file: str
