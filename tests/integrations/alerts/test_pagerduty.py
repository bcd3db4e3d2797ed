"""PagerDuty: versions 3, 2 and 1, and the signature of version 3."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from domain.alert import Signal, apply
from domain.errors import Invalid
from integrations.alerts.pagerduty import parse, verify
from integrations.alerts.signature import Request
from tests.fakes.signals import NOON, at

DATA = Path(__file__).parents[4] / "shared" / "data" / "webhooks" / "pagerduty"


def event(kind: str, minute: int = 0, **changes: Any) -> dict[str, Any]:
    """A version 3 body: an incident created at noon, and what happened to it."""
    incident = {
        "id": "PGR0VU2",
        "type": "incident",
        "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
        "status": kind.removeprefix("incident."),
        "title": "A bump in the road",
        "created_at": "2026-11-21T12:00:00Z",
        "service": {"id": "P1", "summary": "API Service", "type": "service_reference"},
        "escalation_policy": {"id": "P2", "summary": "Default"},
        "priority": None,
        "urgency": "high",
    }
    return {
        "event": {
            "id": f"e{minute}",
            "event_type": kind,
            "resource_type": "incident",
            "occurred_at": at(minute).isoformat(),
            "data": incident | changes,
        }
    }


def message(kind: str, **changes: Any) -> dict[str, Any]:
    """A version 2 body."""
    incident = {
        "id": "PRORDTY",
        "status": "triggered",
        "title": "My new incident",
        "created_at": "2026-11-21T12:00:00Z",
        "last_status_change_at": "2026-11-21T12:03:00Z",
        "service": {"id": "P1", "name": "Production"},
        "urgency": "low",
    }
    return {"messages": [{"event": kind, "incident": incident | changes}]}


def one(told: Any) -> Signal:
    """The only signal of a body."""
    (signal,) = parse(told, "pd", at(60)).signals
    return signal


def test_a_triggered_incident_fires():
    """One PagerDuty incident is one alert."""
    assert one(event("incident.triggered")) == Signal(
        source="pagerduty",
        integration="pd",
        fingerprint="PGR0VU2",
        status="firing",
        name="A bump in the road",
        summary="A bump in the road",
        severity="high",
        service="API Service",
        labels={"service": "API Service", "escalation_policy": "Default", "urgency": "high"},
        annotations={"event": "incident.triggered"},
        starts_at=NOON,
        url="https://acme.pagerduty.com/incidents/PGR0VU2",
        at=NOON,
        ordered_by="event",
    )


def test_a_priority_says_more_than_the_urgency():
    """P1 to P5 where the account uses priorities."""
    assert one(event("incident.triggered", priority={"summary": "P1"})).severity == "P1"


def test_the_life_of_an_incident():
    """Acknowledged still fires, resolved ends, reopened is a new episode."""
    alert, kinds = None, []
    for told in (
        event("incident.triggered", 0),
        event("incident.acknowledged", 2),
        event("incident.resolved", 5),
        event("incident.reopened", 9, status="triggered"),
    ):
        change = apply(alert, one(told))
        alert = change.alert
        kinds.append(change.kind)
    assert kinds == ["opened", "updated", "resolved", "refired"]


def test_events_out_of_order_end_resolved():
    """PagerDuty does not promise an order; its events carry their own time."""
    late = apply(None, one(event("incident.resolved", 5))).alert
    change = apply(late, one(event("incident.triggered", 0)))
    assert (change.kind, change.alert.status) == ("stale", "resolved")


def test_version_2_messages():
    """The incident is beside the event's name."""
    signal = one(message("incident.trigger"))
    assert (signal.fingerprint, signal.name, signal.service) == (
        "PRORDTY", "My new incident", "Production",
    )  # fmt: skip
    assert (signal.severity, signal.at) == ("low", at(3))


def test_version_2_without_any_time_is_ordered_by_arrival():
    """What is not said is not invented."""
    signal = one(message("incident.trigger", last_status_change_at=None, created_at=None))
    assert (signal.at, signal.starts_at) == (at(60), at(60))


def test_version_1_messages():
    """The incident is inside ``data``, the title is what triggered it."""
    incident = {"id": "P9", "status": "resolved", "trigger_summary_data": {"subject": "45645"}}
    created = "2026-11-21T12:01:00Z"
    sent = {"type": "incident.resolve", "created_on": created, "data": {"incident": incident}}
    signal = one({"messages": [sent]})
    assert (signal.name, signal.status, signal.ends_at) == ("45645", "resolved", at(1))


@pytest.mark.parametrize(
    "data", [{"type": "incident_note"}, {"type": "ping", "message": "Hello"}, None]
)
def test_events_about_something_else_give_no_signal(data: Any):
    """Notes, pings and service changes are understood and change nothing."""
    parsed = parse({"event": {"event_type": "x", "data": data}}, "pd", NOON)
    assert (parsed.signals, parsed.understood) == ((), True)


def test_an_incident_without_title():
    """There is always something to call it."""
    assert one(event("incident.triggered", title=None)).name == "PagerDuty incident"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ([], "body"),
        ({"event": None}, "event"),
        ({"event": {"data": []}}, "event.data"),
        (event("incident.triggered", id=None), "event.data.id"),
        (event("incident.triggered", id=5), "event.data.id"),
        (event("incident.triggered", status="gone"), "event.data.status"),
        (event("incident.triggered", title=5), "event.data.title"),
        (event("incident.triggered", service="x"), "event.data.service"),
        (event("incident.triggered", created_at="x"), "event.data.created_at"),
        ({"messages": {}}, "messages"),
        ({"messages": [5]}, "messages[0]"),
        ({"messages": [{"event": "x"}]}, "messages[0].data.incident"),
        ({"messages": [{"event": "x", "incident": 5}]}, "messages[0].incident"),
        ({"messages": [{"type": "x", "data": 5}]}, "messages[0].data"),
    ],
)
def test_a_wrong_shape_names_its_field(told: Any, field: str):
    """422 with the path of what is wrong."""
    with pytest.raises(Invalid) as refused:
        parse(told, "pd", NOON)
    assert refused.value.field == field


def test_another_shape_is_not_understood():
    """A valid body of an unknown shape is kept raw."""
    assert not parse({"foo": 1}, "pd", NOON).understood


def test_pagerdutys_own_signature_vectors():
    """The official SDK's vectors: the valid one passes, every other is refused."""
    path = DATA / "_signature_vectors.json"
    if not path.exists():
        pytest.skip("no shared webhooks here")
    vectors = json.loads(path.read_text())
    signatures = {one["name"]: one["signature"] for one in vectors["cases"]}
    body = vectors["raw_body"].encode()

    def proof(name: str, sent: bytes) -> str:
        headers = {vectors["header"].lower(): signatures[name]}
        return verify(Request(sent, headers, NOON), (vectors["secret"],))

    assert proof("valid", body) == "verified"
    assert proof("mismatch", body) == "wrong"
    assert proof("malformed_header", body) == "missing"
    assert proof("malformed_body", body + b" ") == "wrong"


KNOWN = "v1=88b0a2ff9a8b1ba4b8a5dd0e94cd0e5a7b3a5e0c2f5a3a3d6a8c5f0a0f5e8a11"


@pytest.mark.parametrize(
    ("header", "proof"),
    [(None, "missing"), ("", "missing"), ("v0=abc", "missing"), ("v1=", "wrong"),
     ("v1=ü", "wrong"), (KNOWN, "wrong"), ("v1=" + "a" * 5000, "wrong")],
)  # fmt: skip
def test_odd_signatures_are_refused_without_an_exception(header: str | None, proof: str):
    """Missing, truncated, non-ASCII and long headers are answers, not crashes."""
    headers = {} if header is None else {"x-pagerduty-signature": header}
    assert verify(Request(b"{}", headers, NOON), ("s",)) == proof


def test_any_of_several_signatures_is_enough():
    """While a secret is changed PagerDuty signs with both."""
    digest = hmac.new(b"new", b"{}", hashlib.sha256).hexdigest()
    headers = {"x-pagerduty-signature": f"v1={'0' * 64}, v1={digest}"}
    assert verify(Request(b"{}", headers, NOON), ("old", "new")) == "verified"


def test_bodies_of_other_projects_are_understood():
    """Versions 1, 2 and 3 as other projects keep them for their tests."""
    if not DATA.exists():
        pytest.skip("no shared webhooks here")
    paths = [path for path in DATA.glob("*.json") if not path.name.startswith("_")]
    parsed = [parse(json.loads(path.read_text()), "pd", NOON) for path in paths]
    assert all(one.understood and one.signals for one in parsed)
