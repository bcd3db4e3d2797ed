"""What several pages show. Instants are aware and in UTC; templates escape every text."""

from datetime import datetime

from domain.base import Frozen
from domain.message import Input, Option, Spans, Style


class Person(Frozen):
    """Somebody named on a page; ``role`` is their right, or what they do in the incident."""

    id: str
    name: str
    role: str = ""


class Action(Frozen):
    """A button that is a command call; ``button`` is as `domain.buttons` makes it.

    ``inputs`` open beneath it and are sent as ``values.<name>``. ``key`` presses it.
    """

    label: str
    button: str
    icon: str = ""
    key: str = ""
    style: Style = "default"
    confirm: str = ""
    inputs: tuple[Input, ...] = ()


class IncidentRow(Frozen):
    """An incident in a list; ``waiting`` says what happens next by itself."""

    id: str
    title: str
    severity: str
    status: str
    stage: str
    phase: str
    service: str | None
    commander: Person | None
    declared_at: datetime
    resolved_at: datetime | None
    alerts: int
    private: bool
    drill: bool
    waiting: Spans = ()
    actions: tuple[Action, ...] = ()


class AlertRow(Frozen):
    """An alert; ``verdict`` is what was done with it, "" until that is decided."""

    id: str
    name: str
    summary: str
    status: str
    severity: str
    service: str | None
    source: str
    starts_at: datetime
    ends_at: datetime | None
    count: int
    incident: str | None
    verdict: str
    reason: str
    labels: tuple[tuple[str, str], ...]
    url: str | None
    actions: tuple[Action, ...] = ()


class ActionItemRow(Frozen):
    """Follow-up work; one that is only suggested has no number yet."""

    id: str
    text: str
    owner: Person | None
    due: datetime | None
    status: str
    overdue: bool
    actions: tuple[Action, ...] = ()


class OnCallNow(Frozen):
    """Who answers for a schedule now; nobody among ``people`` is a gap."""

    schedule: str
    people: tuple[Person, ...]
    until: datetime | None
    next: Person | None


class Facet(Frozen):
    """A choice of a filter in the query string; ``value`` is what is chosen."""

    name: str
    label: str
    value: str
    options: tuple[Option, ...]
