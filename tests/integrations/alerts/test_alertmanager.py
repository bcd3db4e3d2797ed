"""Alertmanager: recorded bodies, old versions, and what is wrong with a body."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alert import Signal
from domain.errors import Invalid
from integrations.alerts.alertmanager import parse
from integrations.alerts.shape import fingerprint
from tests.fakes.signals import NOON, at

LIVE = Path(__file__).parents[2] / "payloads" / "webhooks_live"
DATA = Path(__file__).parents[4] / "shared" / "data" / "webhooks" / "alertmanager"


def body(**changes: Any) -> dict[str, Any]:
    """A body of one firing alert."""
    alert = {
        "status": "firing",
        "labels": {"alertname": "DiskFull", "severity": "critical", "service": "minio"},
        "annotations": {"summary": "Disk is full", "runbook_url": "https://rb.example/disk"},
        "startsAt": "2026-11-21T12:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.example/graph",
        "fingerprint": "a1",
    }
    top = {"version": "4", "groupKey": "{}:{}", "status": "firing", "truncatedAlerts": 0}
    known = {name: value for name, value in changes.items() if name in alert}
    return top | {"alerts": [alert | known]} | {k: v for k, v in changes.items() if k not in known}


def one(told: Any) -> Signal:
    """The only signal of a body."""
    (signal,) = parse(told, "am", at(1)).signals
    return signal


def test_a_firing_alert():
    """Every field of a signal has its place in the body."""
    assert one(body()) == Signal(
        source="alertmanager",
        integration="am",
        fingerprint="a1",
        status="firing",
        name="DiskFull",
        summary="Disk is full",
        severity="critical",
        service="minio",
        labels={"alertname": "DiskFull", "severity": "critical", "service": "minio"},
        annotations={"summary": "Disk is full", "runbook_url": "https://rb.example/disk"},
        starts_at=NOON,
        ends_at=None,
        group_key="{}:{}",
        url="https://prometheus.example/graph",
        at=at(1),
    )


def test_firing_and_resolved_mix_in_one_body():
    """Each alert has its own status; the body's is for those that have none."""
    sent = body()["alerts"][0]
    over = sent | {"status": "resolved", "endsAt": "2026-11-21T12:05:00Z"}
    bare = {name: value for name, value in sent.items() if name != "status"}
    parsed = parse(body(alerts=[sent, over, bare]), "am", at(9))
    assert [signal.status for signal in parsed.signals] == ["firing", "resolved", "firing"]
    assert [signal.ends_at for signal in parsed.signals] == [None, at(5), None]


def test_a_resolve_without_its_end_ended_when_it_arrived():
    """Some relays drop endsAt."""
    assert one(body(status="resolved", endsAt=None)).ends_at == at(1)


def test_truncated_alerts_are_counted():
    """Alertmanager says how many it left out."""
    assert parse(body(truncatedAlerts=30), "am", NOON).truncated == 30


def test_group_keys_of_every_version():
    """Version 4 sends a text with quotes and angle brackets, version 3 a number."""
    strange = '{}/{route=~"^(?:a|b)$"}:{le="<0.5>"}'
    assert one(body(groupKey=strange)).group_key == strange
    assert one(body(groupKey=5615590933959184469)).group_key == "5615590933959184469"
    assert one(body(groupKey="")).group_key is None
    assert len(one(body(groupKey="k" * 9000)).group_key or "") == 64


def test_a_missing_fingerprint_is_the_one_alertmanager_would_send():
    """An upgrade of the sender does not double its alerts: checked on every recorded alert."""
    alerts = [
        alert
        for path in LIVE.glob("deliveries/*.json")
        for alert in json.loads(path.read_text())["body"]["alerts"]
    ]
    assert len(alerts) == 74
    assert all(fingerprint(alert["labels"]) == alert["fingerprint"] for alert in alerts)
    assert one(body(fingerprint=None)).fingerprint == fingerprint(one(body()).labels)


def test_an_alert_without_a_start_is_ordered_by_arrival():
    """What the sender does not say is not invented."""
    signal = one(body(startsAt=None))
    assert (signal.starts_at, signal.ordered_by) == (at(1), "event")


def test_an_alert_without_name_or_annotations():
    """Labels are all that Alertmanager promises."""
    signal = one(body(labels={"job": "x"}, annotations=None, fingerprint=None))
    assert (signal.name, signal.summary, signal.severity) == ("Alert without a name", "", "")


def test_the_summary_is_the_first_annotation_that_tells():
    """Summary, else description, else message, else the name."""
    assert one(body(annotations={"description": "why"})).summary == "why"
    assert one(body(annotations={"message": "what"})).summary == "what"
    assert one(body(annotations={})).summary == "DiskFull"


def test_a_link_that_is_no_web_address_is_left_out():
    """A crafted rule cannot put a script behind a link."""
    assert one(body(generatorURL="javascript:alert(1)")).url is None


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ([], "body"),
        ("x", "body"),
        (None, "body"),
        ({"alerts": {}}, "alerts"),
        ({"alerts": ["x"]}, "alerts[0]"),
        ({"alerts": [None]}, "alerts[0]"),
        ({"alerts": [{}]}, "alerts[0].labels"),
        (body(labels=["x"]), "alerts[0].labels"),
        (body(labels={"a": 5}), "alerts[0].labels.a"),
        (body(annotations="x"), "alerts[0].annotations"),
        (body(startsAt="soon"), "alerts[0].startsAt"),
        (body(startsAt=""), "alerts[0].startsAt"),
        (body(endsAt=5), "alerts[0].endsAt"),
        (body(fingerprint=5), "alerts[0].fingerprint"),
        (body(generatorURL={}), "alerts[0].generatorURL"),
        (body(truncatedAlerts="3"), "truncatedAlerts"),
        (body(groupKey=[]), "groupKey"),
        ({"alerts": [{"labels": {}, "status": "gone"}]}, "alerts[0].status"),
        ({"alerts": [], "status": 5}, "status"),
    ],
)
def test_a_wrong_shape_names_its_field(told: Any, field: str):
    """422 with the path of what is wrong."""
    with pytest.raises(Invalid) as refused:
        parse(told, "am", NOON)
    assert refused.value.field == field


def test_another_shape_is_not_understood():
    """A valid body of an unknown shape is kept raw, not refused."""
    assert not parse({"foo": 1}, "am", NOON).understood


def test_long_texts_are_cut():
    """1 KiB for a label, 2 KiB for the summary."""
    signal = one(body(labels={"alertname": "x" * 5000}, annotations={"summary": "y" * 5000}))
    assert (len(signal.name), len(signal.summary), signal.name[-1]) == (1024, 2048, "…")


@pytest.mark.parametrize("name", ["firing", "resolved"])
def test_every_recorded_delivery_is_understood(name: str):
    """The whole session parses, and both states occur."""
    told = [json.loads(path.read_text()) for path in sorted(LIVE.glob("deliveries/*.json"))]
    parsed = [parse(one["body"], "am", NOON + timedelta(seconds=one["t_rel_s"])) for one in told]
    assert all(one.understood for one in parsed)
    assert sum(one.truncated for one in parsed) == 60
    assert any(signal.status == name for one in parsed for signal in one.signals)


def test_bodies_of_other_projects_are_understood():
    """Old versions and relays, as other projects keep them for their tests."""
    if not DATA.exists():
        pytest.skip("no shared webhooks here")
    parsed = [parse(json.loads(path.read_text()), "am", NOON) for path in DATA.glob("*.json")]
    assert all(one.understood and one.signals for one in parsed)
