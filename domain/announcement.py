"""New messages in an incident's room: only what people must not miss."""

from collections.abc import Mapping

from domain.buttons import button
from domain.facts import Entry
from domain.incident import Incident
from domain.incident_card import ICONS
from domain.message import Actions, Header, Message, Node, Text, Tone, spans
from domain.timeline import sentence

TITLES: dict[str, tuple[str, Tone]] = {
    "update_posted": ("Update", "info"),
    "escalation_stepped": ("⏫ No answer in time", "warning"),
    "escalation_exhausted": ("🔴 Nobody has answered", "danger"),
    "severity_changed": ("Severity changed", "warning"),
    "incident_resolved": ("Resolved", "good"),
    "incident_reopened": ("Reopened", "warning"),
    "update_overdue": ("An update is due", "warning"),
    "incident_merged": ("Merged", "neutral"),
}


def announcement(incident: Incident, entry: Entry, names: Mapping[str, str]) -> Message:
    """``entry`` as a message of its own."""
    title, tone = TITLES.get(entry.kind, ("", "neutral"))
    head = f"{ICONS[incident.severity]} {incident.id} · {title}" if title else incident.id
    nodes: list[Node] = [
        Header(text=head, tone=tone),
        Text(spans=spans(sentence(entry, names))),
    ]
    if moves := _moves(incident, entry):
        nodes.append(moves)
    return Message(nodes=tuple(nodes))


def _moves(incident: Incident, entry: Entry) -> Actions | None:
    if not incident.open:
        return None
    if entry.kind in ("escalation_stepped", "escalation_exhausted"):
        return Actions(buttons=(button("incident ack", incident.id, "I've got it", "primary"),))
    if entry.kind == "update_overdue":
        return Actions(buttons=(button("incident update", incident.id, "Update…", "primary"),))
    return None
