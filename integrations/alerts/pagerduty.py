"""PagerDuty's webhooks: version 3 (one event each), and version 2 and 1 (messages).

One PagerDuty incident is one alert; what happens to it are its events, which carry their own
time. So an incident that PagerDuty reopens fires again.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from domain.alert import AlertStatus, Parsed, Signal
from domain.lasting import OURS
from integrations.alerts.shape import (
    SUMMARY,
    Table,
    body_of,
    identity,
    instant,
    link,
    needed_table,
    rows,
    table,
    word,
    wrong,
)
from integrations.alerts.signature import Proof, Request, proven

SOURCE = "pagerduty"
SIGNATURE = "x-pagerduty-signature"
SCHEME = "v1="

SIGNED = "signed"
ANSWERS = ("incident.acknowledged", "incident.resolved")

STATUS: dict[str, AlertStatus] = {
    "triggered": "firing",
    "acknowledged": "firing",
    "resolved": "resolved",
}


class Event(NamedTuple):
    """One thing that happened to an incident, whatever version told it, and where it stood."""

    incident: Table
    path: str
    kind: str
    at: datetime


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:
    """Read one delivery. Events that change no incident (notes, pings) give no signals."""
    told = body_of(body)
    if "event" in told:
        events = tuple(_version_3(needed_table(told["event"], "event"), received))
    elif "messages" in told:
        events = tuple(_messages(rows(told["messages"], "messages"), received))
    else:
        return Parsed(understood=False)
    told_by_us = [one for one in events if _ours(one)]
    others = [one for one in events if not _ours(one)]
    return Parsed(
        signals=tuple(_signal(one, integration) for one in others),
        answers=tuple(_ours(one) for one in told_by_us if _answers(one, integration)),
    )


def _ours(event: Event) -> str:
    """What of ours rings there as this incident (`integrations.notify.pagerduty`), if any: that is
    no news, or each page would come back as another incident."""
    key = word(event.incident.get("incident_key"), f"{event.path}.incident_key")
    return key.removeprefix(OURS) if key.startswith(OURS) else ""


def _answers(event: Event, integration: str) -> bool:
    """Whether it ends a page: only where PagerDuty's own signature shows that it says so."""
    return integration == f"{SOURCE}/{SIGNED}" and event.kind in ANSWERS


def verify(request: Request, secrets: tuple[str, ...]) -> Proof:
    """``X-PagerDuty-Signature: v1=<hex>,v1=<hex>``: several while a secret is being changed.

    It has no timestamp: a repeated delivery is recognised by its event, not here.
    """
    offered = [one.strip() for one in request.headers.get(SIGNATURE, "").split(",")]
    signatures = [one.removeprefix(SCHEME) for one in offered if one.startswith(SCHEME)]
    if not signatures:
        return "missing"
    return "verified" if proven(request.body, signatures, secrets) else "wrong"


def _version_3(event: Table, received: datetime) -> Iterable[Event]:
    incident = table(event.get("data"), "event.data")
    if incident.get("type") == "incident":
        kind = word(event.get("event_type"), "event.event_type")
        at = instant(event.get("occurred_at"), "event.occurred_at") or received
        yield Event(incident, "event.data", kind, at)


def _messages(messages: list[JsonValue], received: datetime) -> Iterable[Event]:
    for number, sent in enumerate(messages):
        path = f"messages[{number}]"
        message = needed_table(sent, path)
        where = f"{path}.incident" if "incident" in message else f"{path}.data.incident"
        holder = message if "incident" in message else table(message.get("data"), f"{path}.data")
        incident = needed_table(holder.get("incident"), where)
        kind = word(message.get("event") or message.get("type"), f"{path}.event")
        yield Event(incident, where, kind, _told_at(message, incident, path) or received)


def _told_at(message: Table, incident: Table, path: str) -> datetime | None:
    """The message's own time where it has one, else the incident's last change."""
    return instant(message.get("created_on"), f"{path}.created_on") or instant(
        incident.get("last_status_change_at"), f"{path}.incident.last_status_change_at"
    )


def _signal(event: Event, integration: str) -> Signal:
    incident, path = event.incident, event.path
    status = _status(incident, path)
    title = _title(incident, path)
    labels = _labels(incident, path)
    return Signal(
        source=SOURCE,
        integration=integration,
        fingerprint=_id(incident, path),
        status=status,
        name=title,
        summary=title,
        severity=labels.get("priority") or labels.get("urgency", ""),
        service=labels.get("service"),
        labels=labels,
        annotations={"event": event.kind},
        starts_at=_started(event),
        ends_at=event.at if status == "resolved" else None,
        url=link(incident.get("html_url"), f"{path}.html_url"),
        at=event.at,
        ordered_by="event",
    )


def _id(incident: Table, path: str) -> str:
    found = identity(word(incident.get("id"), f"{path}.id", SUMMARY))
    if not found:
        raise wrong(f"{path}.id", "a text")
    return found


def _status(incident: Table, path: str) -> AlertStatus:
    found = STATUS.get(word(incident.get("status"), f"{path}.status"))
    if found is None:
        raise wrong(f"{path}.status", "one of " + ", ".join(STATUS))
    return found


def _started(event: Event) -> datetime:
    created = event.incident.get("created_at") or event.incident.get("created_on")
    return instant(created, f"{event.path}.created_at") or event.at


def _title(incident: Table, path: str) -> str:
    """Version 1 has no title but what triggered the incident."""
    cause = table(incident.get("trigger_summary_data"), f"{path}.trigger_summary_data")
    titles = (incident.get("title"), incident.get("summary"), cause.get("subject"))
    found = (word(one, f"{path}.title") for one in titles)
    return next(filter(None, found), "PagerDuty incident")


def _labels(incident: Table, path: str) -> dict[str, str]:
    labels = {
        "service": _named(incident.get("service"), f"{path}.service"),
        "escalation_policy": _named(incident.get("escalation_policy"), f"{path}.escalation_policy"),
        "priority": _named(incident.get("priority"), f"{path}.priority"),
        "urgency": word(incident.get("urgency"), f"{path}.urgency"),
    }
    return {name: text for name, text in labels.items() if text}


def _named(value: JsonValue, path: str) -> str:
    """How a reference is called: ``summary`` in version 3, ``name`` before."""
    thing = table(value, path)
    return word(thing.get("summary"), f"{path}.summary") or word(thing.get("name"), f"{path}.name")
