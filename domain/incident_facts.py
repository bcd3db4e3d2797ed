"""What can happen to an incident, as its timeline says it."""

from datetime import datetime
from typing import ClassVar

from domain.facts import Fact
from domain.incident import Phase, Resolution, Status
from domain.severity import Severity


class IncidentDeclared(Fact):
    """Somebody, or an alert, started an incident; the title is the text."""

    kind: ClassVar[str] = "incident_declared"
    template: ClassVar[str] = "{severity} declared by {source}: {text}"
    severity: Severity
    service: str | None
    source: str


class IncidentAcknowledged(Fact):
    """Somebody took the page; escalation stops."""

    kind: ClassVar[str] = "incident_acknowledged"
    template: ClassVar[str] = "Acknowledged by {by}; escalation stopped"
    was_paged: bool


class StageActivated(Fact):
    """A triage incident became active."""

    kind: ClassVar[str] = "stage_activated"
    template: ClassVar[str] = "Became an active incident: {reason}"
    reason: str


class SeverityChanged(Fact):
    """The severity was set by a person."""

    kind: ClassVar[str] = "severity_changed"
    template: ClassVar[str] = "Severity {old} → {new}, set by {by}"
    old: Severity
    new: Severity


class RoleAssigned(Fact):
    """A person took or was given a role."""

    kind: ClassVar[str] = "role_assigned"
    template: ClassVar[str] = "{person} is {role}, set by {by}"
    role: str
    person: str


class UpdatePosted(Fact):
    """A status update; the words are the text."""

    kind: ClassVar[str] = "update_posted"
    template: ClassVar[str] = "Update by {by} ({phase}): {text}"
    phase: Phase
    status: Status


class NoteAdded(Fact):
    """A remark for the timeline; the words are the text."""

    kind: ClassVar[str] = "note_added"
    template: ClassVar[str] = "Note by {by}: {text}"


class RoomTold(Fact):
    """Somebody spoke to the people in the room from elsewhere; their words are the text.

    ``overheard`` says that they stand already in a room of the platform they came from.
    """

    kind: ClassVar[str] = "room_told"
    template: ClassVar[str] = "{by}, from {surface}: {text}"
    surface: str
    overheard: bool = False


class RoomsBridged(Fact):
    """What is said in one room is relayed to the others, or is not any more."""

    kind: ClassVar[str] = "rooms_bridged"
    template: ClassVar[str] = "Relaying between the rooms turned {to} by {by}"
    to: str


class CallSet(Fact):
    """Where people meet to talk; the address is the text."""

    kind: ClassVar[str] = "call_set"
    template: ClassVar[str] = "Call set by {by}: {text}"


class ImpactDescribed(Fact):
    """What users notice; the words are the text."""

    kind: ClassVar[str] = "impact_described"
    template: ClassVar[str] = "Impact, by {by}: {text}"


class TimesCorrected(Fact):
    """A time of the incident was set by hand."""

    kind: ClassVar[str] = "times_corrected"
    template: ClassVar[str] = "{what} set to {at} by {by}"
    what: str
    at: datetime


class IncidentLinked(Fact):
    """Something else was tied to the incident."""

    kind: ClassVar[str] = "incident_linked"
    template: ClassVar[str] = "Linked to {other} by {by}"
    other: str


class SymptomJoined(Fact):
    """The first alert of a service joined the incident of one that it depends on."""

    kind: ClassVar[str] = "symptom_joined"
    template: ClassVar[str] = "{service} joined as a symptom: it depends on {of}"
    service: str
    of: str


class ServiceSplit(Fact):
    """The alerts of a service were no symptom: they get an incident of their own."""

    kind: ClassVar[str] = "service_split"
    template: ClassVar[str] = "{service} is not the same, says {by}: it goes on by itself"
    service: str


class IncidentMerged(Fact):
    """This incident went on as another."""

    kind: ClassVar[str] = "incident_merged"
    template: ClassVar[str] = "Merged into {into} by {by}"
    into: str


class IncidentResolved(Fact):
    """The incident ended; a closing remark is the text."""

    kind: ClassVar[str] = "incident_resolved"
    template: ClassVar[str] = "Resolved by {by} ({resolution}): {text}"
    resolution: Resolution


class IncidentReopened(Fact):
    """A resolved incident goes on; the reason is the text."""

    kind: ClassVar[str] = "incident_reopened"
    template: ClassVar[str] = "Reopened by {by}: {text}"


class MemberAdded(Fact):
    """Somebody can read and work on the incident; a private one shows why as text."""

    kind: ClassVar[str] = "member_added"
    template: ClassVar[str] = "{person} joined, added by {by}: {text}"
    person: str


class Reclassified(Fact):
    """A model refined labels; it changes no severity and wakes nobody."""

    kind: ClassVar[str] = "reclassified"
    template: ClassVar[str] = "{model} reads this as {category}; proposal: {proposal}"
    model: str
    category: str
    proposal: str


class EntryRedacted(Fact):
    """Words were removed from an entry; the reason is kept, the words are not."""

    kind: ClassVar[str] = "entry_redacted"
    template: ClassVar[str] = "Entry {entry} redacted by {by}: {why}"
    entry: str
    why: str


class UpdateOverdue(Fact):
    """The promised update did not come in time."""

    kind: ClassVar[str] = "update_overdue"
    template: ClassVar[str] = "Update due at {due} is overdue"
    due: datetime


class PostmortemDrafted(Fact):
    """A first draft was written."""

    kind: ClassVar[str] = "postmortem_drafted"
    template: ClassVar[str] = "Postmortem drafted by {written_by}"
    written_by: str


class PostmortemEdited(Fact):
    """A person changed a section; the new words are the text."""

    kind: ClassVar[str] = "postmortem_edited"
    template: ClassVar[str] = "{by} edited the postmortem's {section}"
    section: str


class PostmortemPublished(Fact):
    """The postmortem was published."""

    kind: ClassVar[str] = "postmortem_published"
    template: ClassVar[str] = "Postmortem published by {by}"


class ActionItemAdded(Fact):
    """Follow-up work was written down; the words are the text."""

    kind: ClassVar[str] = "action_item_added"
    template: ClassVar[str] = "{item} added by {by} for {owner}: {text}"
    item: str
    owner: str


class ActionItemDone(Fact):
    """Follow-up work was finished."""

    kind: ClassVar[str] = "action_item_done"
    template: ClassVar[str] = "{item} done, says {by}"
    item: str
