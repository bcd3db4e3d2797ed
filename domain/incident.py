"""The incident: its states, and what moves it between them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from domain.base import Frozen
from domain.errors import NotFound, Stale
from domain.place import Place
from domain.relay import Relay
from domain.severity import Severity

Stage = Literal["triage", "active"]
Phase = Literal["investigating", "identified", "fixing", "monitoring"]
Resolution = Literal[
    "fixed", "self_healed", "false_alarm", "duplicate", "merged", "cancelled", "drill"
]
PHASES: tuple[Phase, ...] = ("investigating", "identified", "fixing", "monitoring")
ROLES = ("commander", "deputy", "scribe", "comms", "liaison", "ops")
CADENCE = {Severity.SEV1: timedelta(minutes=30), Severity.SEV2: timedelta(minutes=60)}


class Status(StrEnum):
    """How far an incident has come."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"


OPEN = (Status.TRIGGERED, Status.ACKNOWLEDGED, Status.MITIGATED)


class Incident(Frozen):
    """One incident. Times are UTC; people are Tocsin ids; ``version`` guards each save."""

    id: str
    number: int
    title: str
    stage: Stage
    status: Status = Status.TRIGGERED
    phase: Phase = "investigating"
    resolution: Resolution | None = None
    severity: Severity
    floor: Severity | None = None
    proposed: Severity | None = None
    urgency: Literal["high", "low", "none"] = "high"
    service: str | None = None
    team: str | None = None
    policy: str | None = None
    category: str | None = None
    symptoms: tuple[str, ...] = ()
    classified_by: str = "rules"
    impact: str = ""
    private: bool = False
    source: str
    correlation_id: str
    labels: dict[str, str] = {}
    roles: dict[str, str] = {}
    responders: tuple[str, ...] = ()
    detected_at: datetime
    impact_started_at: datetime | None = None
    declared_at: datetime
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    next_update_at: datetime | None = None
    home_platform: str | None = None
    home_room: str | None = None
    home_name: str | None = None
    alert_room: str | None = None
    call_url: str | None = None
    merged_into: str | None = None
    drill: bool = False
    bridged: bool = False
    version: int = 1

    @property
    def commander(self) -> str | None:
        """Who leads, if anybody does."""
        return self.roles.get("commander")

    @property
    def draft_owner(self) -> str | None:
        """To whom its postmortem is left: who led it, else who took it first."""
        return self.commander or next(iter(self.responders), None)

    @property
    def open(self) -> bool:
        """Whether anybody still has to do something about it."""
        return self.status in OPEN

    @property
    def subject(self) -> str:
        """How facts and jobs name it."""
        return f"incident:{self.id}"

    @property
    def people(self) -> frozenset[str]:
        """Everybody who responds to it or holds a role in it."""
        return frozenset((*self.responders, *self.roles.values()))

    @property
    def home(self) -> Place | None:
        """Its own room, where it has one."""
        if self.home_room is None:
            return None
        return Place(platform=self.home_platform or "console", room=self.home_room)

    @property
    def relay(self) -> Relay:
        """What is said in one of its rooms and read in the others."""
        return Relay(incident=self.id, everything=self.bridged, people=self.people)

    @property
    def may_heal(self) -> bool:
        """Whether its alerts alone keep it: while none of them fires, nobody is rung for it."""
        return self.stage == "triage" and self.status is Status.TRIGGERED

    @property
    def wants_room(self) -> bool:
        """Rooms are for active incidents of SEV1–SEV2 (rules.md 5)."""
        return self.stage == "active" and self.severity.major and self.home_room is None


def acknowledge(incident: Incident, user: str, now: datetime) -> Incident:
    """Take the incident; the first acknowledgement keeps its time."""
    _need_open(incident)
    responders = _with(incident.responders, user)
    if incident.status is not Status.TRIGGERED:
        return incident.model_copy(update={"responders": responders})
    changes = {
        "status": Status.ACKNOWLEDGED,
        "acknowledged_at": incident.acknowledged_at or now,
        "responders": responders,
    }
    return incident.model_copy(update=changes)


def assign(incident: Incident, role: str, user: str) -> Incident:
    """Give ``role`` to ``user``, who becomes a responder."""
    changes = {
        "roles": incident.roles | {role: user},
        "responders": _with(incident.responders, user),
    }
    return incident.model_copy(update=changes)


def let_go(incident: Incident, user: str) -> Incident:
    """Without ``user``; nobody has it any more where nobody else had."""
    changes = {
        "responders": tuple(one for one in incident.responders if one != user),
        "roles": {role: one for role, one in incident.roles.items() if one != user},
    }
    left = incident.model_copy(update=changes)
    return left if left.people else left.model_copy(update={"status": Status.TRIGGERED})


def activate(incident: Incident, now: datetime) -> Incident:
    """Leave triage: the cadence of updates starts now."""
    if incident.stage == "active":
        return incident
    return paced(incident.model_copy(update={"stage": "active"}), now)


def call_address(template: str | None, incident: Incident) -> str | None:
    """Where people meet about it; a private one has no call that others could enter."""
    if template is None or incident.private:
        return None
    return template.replace("{id}", incident.id.lower())


def with_call(incident: Incident, template: str | None) -> Incident:
    """An active incident has a call from the start, where one can be made."""
    if incident.stage != "active" or incident.call_url:
        return incident
    return incident.model_copy(update={"call_url": call_address(template, incident)})


def paced(incident: Incident, now: datetime, every: timedelta | None = None) -> Incident:
    """Set when the next update is due: ``every``, or the severity's cadence, or never."""
    every = every or CADENCE.get(incident.severity)
    due = now + every if every and incident.stage == "active" else None
    return incident.model_copy(update={"next_update_at": due})


def set_severity(incident: Incident, severity: Severity, now: datetime) -> Incident:
    """Set the severity; SEV1–SEV2 makes a triage incident active (rules.md 5)."""
    _need_open(incident)
    changed = incident.model_copy(update={"severity": severity})
    return activate(changed, now) if severity.major else changed


def mitigate(incident: Incident, now: datetime) -> Incident:
    """Users no longer notice it; the cause may remain."""
    _need_open(incident)
    changes = {
        "status": Status.MITIGATED,
        "phase": "monitoring",
        "mitigated_at": incident.mitigated_at or now,
        "acknowledged_at": incident.acknowledged_at or now,
    }
    return incident.model_copy(update=changes)


def resolve(incident: Incident, resolution: Resolution, now: datetime) -> Incident:
    """End it. ``mitigated_at`` falls to the same instant where nobody said so before."""
    _need_open(incident)
    changes = {
        "status": Status.RESOLVED,
        "resolution": "drill" if incident.drill and resolution == "fixed" else resolution,
        "resolved_at": now,
        "mitigated_at": incident.mitigated_at or now,
        "next_update_at": None,
    }
    return incident.model_copy(update=changes)


def missing(incident: str) -> NotFound:
    """What is said of one that is not there, and of one that is others' and private: the same."""
    return NotFound(f"There is no incident {incident}: see /incident list all.")


def reopen(incident: Incident, now: datetime) -> Incident:
    """Go on with a resolved incident; it starts unacknowledged, so that somebody is paged."""
    if incident.open:
        raise Stale(f"{incident.id} is open already. Nothing to do.")
    changes = {
        "status": Status.TRIGGERED,
        "phase": "investigating",
        "resolution": None,
        "resolved_at": None,
        "mitigated_at": None,
        "merged_into": None,
    }
    return paced(incident.model_copy(update=changes), now)


def _need_open(incident: Incident) -> None:
    if not incident.open:
        raise Stale(
            f"{incident.id} is {incident.status.value} already."
            f" Type /incident reopen {incident.id} to go on with it."
        )


def _with(people: tuple[str, ...], user: str) -> tuple[str, ...]:
    return people if user in people else (*people, user)
