"""Grafana's webhook contact point: unified alerting, and the legacy alerts of Grafana up to 10.

Unified alerting sends Alertmanager's shape with Grafana's links and values beside each alert.
Legacy bodies tell of one rule, without times: they are ordered as they arrive.
"""

import re
from datetime import datetime, timedelta

from pydantic import JsonValue

from domain.alert import AlertStatus, Parsed, Signal
from integrations.alerts.alertmanager import Parsing, read
from integrations.alerts.shape import (
    ANNOTATION,
    SUMMARY,
    Table,
    body_of,
    cut,
    digits,
    link,
    rows,
    scalar,
    table,
    word,
    words,
    wrong,
)
from integrations.alerts.signature import Proof, Request, proven

SOURCE = "grafana"
SIGNATURE = "x-grafana-alerting-signature"
TIMESTAMP = "x-grafana-alerting-signature-timestamp"
FRESH = timedelta(minutes=5)
SECONDS = re.compile(r"[0-9]{1,11}")

# Links beside an alert, and the annotation under which each is kept.
LINKS = {
    "silenceURL": "silence_url",
    "dashboardURL": "dashboard_url",
    "panelURL": "panel_url",
    "imageURL": "image_url",
}
STATES: dict[str, AlertStatus] = {
    "alerting": "firing",
    "no_data": "firing",
    "ok": "resolved",
    "paused": "resolved",
}


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:
    """Read one delivery of either kind; anything else is not understood."""
    told = body_of(body)
    if "alerts" in told:
        sent = [
            _enriched(one, f"alerts[{n}]") for n, one in enumerate(rows(told["alerts"], "alerts"))
        ]
        return read(told | {"alerts": sent}, Parsing(SOURCE, integration, received))
    if "ruleId" in told and "state" in told:
        return _legacy(told, integration, received)
    return Parsed(understood=False)


def verify(request: Request, secrets: tuple[str, ...]) -> Proof:
    """Grafana 12's HMAC over the body, or over ``timestamp:body`` where it sends `TIMESTAMP`."""
    given = request.headers.get(SIGNATURE)
    stamp = request.headers.get(TIMESTAMP)
    if not given:
        return "missing"
    before = b"" if stamp is None else stamp.encode("utf-8", "replace") + b":"
    if not proven(before + request.body, [given], secrets):
        return "wrong"
    return "verified" if stamp is None or _is_fresh(stamp, request.received) else "expired"


def _is_fresh(stamp: str, now: datetime) -> bool:
    """Only a signed stamp gets here, so its shape is the sender's; yet it may be anything."""
    if not SECONDS.fullmatch(stamp):
        return False
    return abs(now.timestamp() - int(stamp)) <= FRESH.total_seconds()


def _enriched(sent: JsonValue, path: str) -> JsonValue:
    """The alert with Grafana's links and values among its annotations."""
    if not isinstance(sent, dict):
        return sent
    links = {ours: link(sent.get(theirs), f"{path}.{theirs}") for theirs, ours in LINKS.items()}
    found = {name: url for name, url in links.items() if url}
    if values := _values(sent, path):
        found["values"] = values
    notes = table(sent.get("annotations"), f"{path}.annotations")
    return sent | {"annotations": {**notes, **found}}


def _values(sent: Table, path: str) -> str:
    values = table(sent.get("values"), f"{path}.values")
    if values:
        return cut(", ".join(f"{name}={scalar(value)}" for name, value in values.items()), SUMMARY)
    return word(sent.get("valueString"), f"{path}.valueString", SUMMARY)


def _legacy(told: Table, integration: str, received: datetime) -> Parsed:
    status = _state(told["state"])
    organisation = digits(told.get("orgId", 1), "orgId")
    name = word(told.get("ruleName"), "ruleName") or word(told.get("title"), "title")
    labels = words(told.get("tags"), "tags")
    message = word(told.get("message"), "message", ANNOTATION)
    signal = Signal(
        source=SOURCE,
        integration=integration,
        fingerprint=f"rule-{organisation}-{digits(told['ruleId'], 'ruleId')}",
        status=status,
        name=name or "Alert without a name",
        summary=cut(message or name, SUMMARY),
        severity=labels.get("severity", ""),
        service=labels.get("service"),
        labels=labels,
        annotations={"description": message, "values": _matches(told)},
        starts_at=received,
        ends_at=received if status == "resolved" else None,
        url=link(told.get("ruleUrl"), "ruleUrl"),
        at=received,
        ordered_by="event",
    )
    return Parsed(signals=(signal,))


def _state(value: JsonValue) -> AlertStatus:
    found = STATES.get(word(value, "state"))
    if found is None:
        raise wrong("state", "one of " + ", ".join(STATES))
    return found


def _matches(told: Table) -> str:
    found = rows(told.get("evalMatches") or [], "evalMatches")
    matches = [table(one, f"evalMatches[{number}]") for number, one in enumerate(found)]
    return cut(
        ", ".join(f"{scalar(one.get('metric'))}={scalar(one.get('value'))}" for one in matches),
        SUMMARY,
    )
