"""The card in a person's direct room: what, how bad, why you, who is next, and how to answer."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.base import Frozen
from domain.buttons import button
from domain.deployment import Deployment
from domain.incident import Incident
from domain.message import (
    Actions,
    Button,
    Context,
    Header,
    Message,
    Node,
    Span,
    Text,
    Tone,
    code,
    link,
    spans,
)
from domain.paging import Page
from domain.severity import Severity

TONES: dict[Severity, Tone] = {
    Severity.SEV1: "danger",
    Severity.SEV2: "danger",
    Severity.SEV3: "warning",
    Severity.SEV4: "info",
    Severity.SEV5: "neutral",
}


class PageView(Frozen):
    """Everything the card shows; ``zone`` is the reader's."""

    page: Page
    incident: Incident
    zone: str
    alerts: int
    services: int = 0
    change: Deployment | None = None
    runbook: str | None = None
    execution: bool = False
    ended_by: str | None = None
    rung_again_at: datetime | None = None
    snoozed_until: datetime | None = None


def page_card(view: PageView) -> Message:
    """The card as the page stands now."""
    if view.page.state == "sent" and view.incident.open:
        return _ringing(view)
    return _ended(view)


def page_letter(view: PageView, answer: str, read: str) -> Message:
    """The page where nothing can be pressed: what to know, and the addresses that act and tell.

    Of a private incident it tells only that there is one (rules.md 2).
    """
    page, incident = view.page, view.incident
    told = [] if incident.private else [f"You are {page.why}."]
    if page.next and not incident.private:
        told.append(_next(view))
    lines = [" ".join(told), _matter(view)]
    acting: list[str | Span] = [
        link("Answer this page", answer),
        "  ·  ",
        link("read the incident", read),
    ]
    if call := _call(incident):
        acting += ["  ·  ", call]
    nodes = [Text(spans=spans(line)) for line in lines if line]
    header = Header(text=headline(incident), tone=TONES[incident.severity])
    return Message(nodes=(header, *nodes, Text(spans=spans(*acting))), urgency="page")


def headline(incident: Incident) -> str:
    """The lock screen's line; nothing of a private incident but its number (rules.md 2)."""
    if incident.private:
        return f"Private {incident.severity} incident {incident.id}, open to read"
    return f"{incident.severity} {incident.title} · {incident.id}"


def counted(number: int, noun: str) -> str:
    """``1 alert``, ``14 alerts``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def awake() -> Button:
    """Further pages by direct message only: whoever presses it looks there (rules.md 6)."""
    return button("me awake", "60m", "I'm awake 60 min")


def _ringing(view: PageView) -> Message:
    page, incident = view.page, view.incident
    number = str(incident.number)
    nodes: list[Node] = [
        Header(text=headline(incident), tone=TONES[incident.severity]),
        Text(spans=spans(f"You are {page.why}.", f" {_next(view)}" if page.next else "")),
    ]
    if matter := _matter(view):
        nodes.append(Text(spans=spans(matter)))
    if call := _call(incident):
        nodes.append(Text(spans=spans(call)))
    nodes.append(
        Actions(
            buttons=(
                button("page ack", page.id, "Ack", "primary"),
                button("page notours", page.id, "Not ours…"),
                button("page pass", page.id, _cannot(page)),
            ),
            more=(
                awake(),
                button("incident show", incident.id, "Open"),
                button("page why", page.id, "Why me"),
            ),
        )
    )
    late = f" · late by {_minutes(page.late_s)}" if page.late_s >= 60 else ""
    answer = spans("reply: ", code(f"ack {number}"), " · ", code(f"pass {number}"), late)
    return Message(nodes=(*nodes, Context(spans=answer)), urgency="page")


def _call(incident: Incident) -> Span | None:
    """Where people meet; never of a private incident (rules.md 19)."""
    if incident.call_url is None or incident.private:
        return None
    return link("join the call", incident.call_url)


def _ended(view: PageView) -> Message:
    page, incident = view.page, view.incident
    header = Header(text=headline(incident), tone="neutral")
    nodes: list[Node] = [header, Text(spans=spans(_outcome(view)))]
    if page.state == "acked" and page.ended_by == page.user and incident.open:
        nodes.append(_next_moves(view))
    return Message(nodes=tuple(nodes), urgency="quiet")


def _next_moves(view: PageView) -> Actions:
    incident = view.incident
    return Actions(
        buttons=(
            *_lead(incident),
            *_roll_back(view),
            button("incident update", incident.id, "Update…"),
            button("incident escalate", incident.id, "Page someone…"),
        ),
        more=(
            button("page snooze", f"{view.page.id},30m", "Ring me again in 30 min"),
            button("page back", view.page.id, "Hand back"),
            button("page notours", view.page.id, "Not ours…"),
            button("incident resolve", incident.id, "Resolve…"),
        ),
    )


def _lead(incident: Incident) -> tuple[Button, ...]:
    """While nobody has it."""
    if incident.commander:
        return ()
    label = "Take lead" if incident.home_room else "Take lead & open room"
    return (button("incident lead", f"{incident.id},me,true", label, "primary"),)


def _roll_back(view: PageView) -> tuple[Button, ...]:
    """Only beside evidence: the same service changed half an hour before (rules.md 16)."""
    change = view.change
    if not view.execution or change is None or change.status != "success":
        return ()
    target = f"{change.service},{change.environment}"
    return (button("rollback start", target, f"Roll back {change.version}…"[:75]),)


def _outcome(view: PageView) -> str:
    page, incident = view.page, view.incident
    who = view.ended_by or "somebody"
    if not incident.open:
        return f"○ {incident.id} is {incident.status.value}. Nothing to do."
    if page.state == "acked" and page.ended_by == page.user:
        return f"◐ Yours, {who}. Escalation stopped.{_again(view)}"
    if page.state == "acked":
        return f"◐ Taken by {who}. Nothing to do."
    if page.state == "passed":
        return "You passed this on." + (f" {page.next} is paged." if page.next else "")
    return "This page has ended: a newer one stands below, or somebody else has it."


def _again(view: PageView) -> str:
    """When the reader is rung again; by a snooze, or by silence, whichever comes first."""
    snoozed, silent = view.snoozed_until, view.rung_again_at
    if snoozed and (silent is None or snoozed <= silent):
        return f" Rung again at {_clock(snoozed, view.zone)}, as you asked."
    return f" Rung again at {_clock(silent, view.zone)} if nothing happens." if silent else ""


def _next(view: PageView) -> str:
    at = view.page.next_at
    when = f" at {_clock(at, view.zone)}" if at else ""
    verb = "are" if view.page.next and "," in view.page.next else "is"
    return f"{view.page.next} {verb} paged{when} unless you ack."


def _matter(view: PageView) -> str:
    """Second line of the card; nothing of a private incident."""
    if view.incident.private:
        return ""
    many = f", {view.services} services" if view.services > 1 else ""
    parts = [counted(view.alerts, "alert") + many] if view.alerts else []
    parts += [view.incident.service] if view.incident.service else []
    parts += [_changed(view)] if view.change else []
    parts += [f"runbook: {view.runbook}"] if view.runbook else []
    return " · ".join(parts)


def _changed(view: PageView) -> str:
    change, since = view.change, view.incident.impact_started_at
    if change is None or change.finished_at is None or since is None:
        return ""
    minutes = (since - change.finished_at) // timedelta(minutes=1)
    return f"changed {minutes} min before: {change.service} {change.version}"


def _cannot(page: Page) -> str:
    return f"Can't: page {page.next} now"[:75] if page.next else "Can't"


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min"
