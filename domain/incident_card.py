"""The incident's living card: what broke, how bad, who has it, what to do next."""

import re

from domain.account import called
from domain.base import Frozen
from domain.buttons import button
from domain.deployment import Deployment
from domain.incident import Incident, Status
from domain.message import (
    Actions,
    Button,
    Context,
    FieldPair,
    Fields,
    Header,
    Message,
    Node,
    Span,
    Spans,
    Text,
    Tone,
    code,
    link,
    moment,
    spans,
)
from domain.page_card import TONES, counted
from domain.runbook_suggestion import Suggestion
from domain.safe_mode import ON_CARDS
from domain.severity import Severity
from domain.suspects import Suspect

# What fits into a button.
PRESSABLE = re.compile(r"[A-Za-z0-9._/-]{1,80}")
ICONS = {
    Severity.SEV1: "🔴",
    Severity.SEV2: "🟠",
    Severity.SEV3: "🟡",
    Severity.SEV4: "🔵",
    Severity.SEV5: "⚪",
}
MARKS = {
    Status.TRIGGERED: "●",
    Status.ACKNOWLEDGED: "◐",
    Status.MITIGATED: "◐",
    Status.RESOLVED: "○",
    Status.CLOSED: "○",
}


class IncidentView(Frozen):
    """Everything the card shows; ``names`` gives display names of people by id.

    ``here`` is the platform it is shown on; ``leads`` the one where people meet while that of the
    home room is down. In ``safe_mode`` it says so.
    """

    incident: Incident
    names: dict[str, str]
    alerts: int = 0
    firing: int = 0
    suspect: Suspect | None = None
    runbook: Suggestion | None = None
    execution: bool = False
    url: str
    here: str = "console"
    leads: str = ""
    safe_mode: bool = False

    @property
    def change(self) -> Deployment | None:
        """What changed so shortly before that its rollback stands first (rules.md 16)."""
        return self.suspect.deployment if self.suspect and self.suspect.near else None

    @property
    def elsewhere(self) -> bool:
        """Whether people talk about it on another platform than this card's."""
        home = self.incident.home
        return home is not None and not self.leads and home.platform != self.here


def incident_card(view: IncidentView) -> Message:
    """The card as the incident stands now; edited in place under its update key."""
    incident = view.incident
    nodes: list[Node] = [
        Header(text=_headline(incident), tone=_tone(incident)),
        Fields(fields=tuple(_fields(view))),
        *([_changed(view.suspect)] if view.suspect else []),
        *([_proposal(incident)] if incident.proposed and incident.open else []),
        _moves(view),
        Context(spans=_context(view)),
    ]
    return Message(nodes=tuple(nodes), update_key=update_key(incident.id))


def update_key(incident: str) -> str:
    """One card per incident and room."""
    return f"incident:{incident}"


def _headline(incident: Incident) -> str:
    stage = "triage · " if incident.stage == "triage" and incident.open else ""
    status = f"{MARKS[incident.status]} {stage}{incident.status.value}"
    named = f"{ICONS[incident.severity]} {incident.severity} · {incident.id}"
    return f"{named} · {incident.title}  {status}"


def _tone(incident: Incident) -> Tone:
    return TONES[incident.severity] if incident.open else "good"


def _fields(view: IncidentView) -> list[FieldPair]:
    incident = view.incident
    rows: list[tuple[str, Spans]] = [
        ("Impact", spans(incident.impact or "not described yet")),
        ("Since", spans(moment(incident.impact_started_at or incident.detected_at))),
        ("Service", spans(incident.service or "unknown")),
        ("Lead", spans(_person(view, incident.commander) or "nobody yet")),
        ("Responders", spans(", ".join(_people(view)) or "nobody yet")),
    ]
    if incident.open:
        rows.append(("Phase", spans(incident.phase)))
    if incident.next_update_at:
        rows.append(("Next update due", spans(moment(incident.next_update_at))))
    if incident.resolution:
        rows.append(("Resolution", spans(incident.resolution.replace("_", " "))))
    return [FieldPair(label=label, value=value) for label, value in rows]


def _changed(suspect: Suspect) -> Text:
    head = "Changed just before: " if suspect.near else "Changed before: "
    return Text(spans=spans(Span(text=head, kind="bold"), suspect.line))


def _about(incident: str, suspect: Suspect) -> tuple[Button, ...]:
    """Why it is named, and that it was not it."""
    no = f"{incident},{suspect.deployment.id},no"
    return (
        button("incident suspects", incident, "Why this change?"),
        button("incident judge", no, f"Not {suspect.deployment.version}"[:75]),
    )


def _shown(runbook: Suggestion | None) -> tuple[Button, ...]:
    if runbook is None or not PRESSABLE.fullmatch(runbook.id):
        return ()
    return (button("runbook show", runbook.id, "Runbook"),)


def _proposal(incident: Incident) -> Text:
    told = (
        f"{incident.classified_by} proposes {incident.proposed}; the rules say {incident.severity}."
    )
    return Text(spans=spans(told))


def _moves(view: IncidentView) -> Actions:
    incident = view.incident
    if not incident.open:
        again = button("incident reopen", incident.id, "Reopen…")
        return Actions(buttons=(button("postmortem show", incident.id, "Postmortem"), again))
    first = _first_moves(view)
    there = (button("incident say", incident.id, "Say something there…"),)
    more = (
        *(there if view.elsewhere else ()),
        *(_roll_back(view) if view.change is None else ()),
        *(_about(incident.id, view.suspect) if view.suspect else ()),
        *_shown(view.runbook),
        button("incident severity", incident.id, "Severity…"),
        button("incident note", incident.id, "Note…"),
        button("incident merge", incident.id, "Duplicate of…"),
        button("incident catchup", incident.id, "Catch me up"),
        button("incident resolve", incident.id, "Resolve…"),
    )
    return Actions(buttons=first, more=more)


def _roll_back(view: IncidentView) -> tuple[Button, ...]:
    """First only beside evidence: the same service changed half an hour before (rules.md 16)."""
    change, service = view.change, view.incident.service
    if not view.execution or service is None or (change and change.status != "success"):
        return ()
    if change is None:
        return (button("rollback start", service, "Roll back…"),)
    target = f"{service},{change.environment}"
    return (button("rollback start", target, f"Roll back {change.version}…"[:75]),)


def _first_moves(view: IncidentView) -> tuple[Button, ...]:
    incident = view.incident
    made: list[Button] = []
    if incident.status is Status.TRIGGERED:
        made.append(button("incident ack", incident.id, "Ack", "primary"))
    if incident.commander is None:
        made.append(button("incident lead", incident.id, "Take lead"))
    if incident.proposed:
        target = f"{incident.id},{incident.proposed}"
        made.append(button("incident severity", target, f"Set {incident.proposed}"))
    made += _roll_back(view) if view.change else ()
    made.append(button("incident escalate", incident.id, "Page…"))
    made.append(button("incident update", incident.id, "Update…"))
    return tuple(made[:5])


def _context(view: IncidentView) -> Spans:
    incident = view.incident
    said: list[str | Span] = [ON_CARDS] if view.safe_mode else []
    if view.alerts:
        said.append(f"{counted(view.alerts, 'alert')}, {view.firing} firing · ")
    said.append(f"declared by {_person(view, incident.source) or incident.source} · ")
    if view.runbook:
        said += _runbook(view.runbook)
    said += _discussion(view)
    if incident.call_url and not incident.private:
        said += [link("call", incident.call_url), " · "]
    return spans(*said, link("timeline", view.url))


def _runbook(found: Suggestion) -> list[str | Span]:
    if found.url:
        return [link("runbook", found.url), " · "]
    return [f"runbook: {found.title} · "]


def _discussion(view: IncidentView) -> list[str | Span]:
    """Where people talk about it: in its home, or where it is led while that is silent."""
    incident, home = view.incident, view.incident.home
    if home is None:
        return []
    if view.leads:
        where = "" if view.leads == view.here else f" ({called(view.leads)})"
        return [f"{called(home.platform)} does not answer: go on in this card's thread{where} · "]
    where = f" ({called(home.platform)})" if view.elsewhere else ""
    return [
        "discussion is in ",
        code(f"#{incident.home_name or incident.home_room}"),
        f"{where} · ",
    ]


def _people(view: IncidentView) -> list[str]:
    return [view.names.get(person, person) for person in view.incident.responders]


def _person(view: IncidentView, person: str | None) -> str | None:
    return view.names.get(person, person) if person else None
