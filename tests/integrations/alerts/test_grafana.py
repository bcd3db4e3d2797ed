"""Grafana: unified alerting, legacy alerts, its signature."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from domain.alert import Signal
from domain.errors import Invalid
from integrations.alerts.grafana import parse, verify
from integrations.alerts.signature import Request
from tests.fakes.signals import NOON, at

DATA = Path(__file__).parents[4] / "shared" / "data" / "webhooks" / "grafana"
SECRET = "not-a-secret"


def unified(**changes: Any) -> dict[str, Any]:
    """A body of one firing alert."""
    alert = {
        "status": "firing",
        "labels": {"alertname": "High memory", "grafana_folder": "Data", "service": "spark"},
        "annotations": {"summary": "Memory is high"},
        "startsAt": "2026-11-21T12:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://grafana.example/alerting/1/edit",
        "fingerprint": "c6ea",
        "silenceURL": "https://grafana.example/alerting/silence/new",
        "dashboardURL": "https://grafana.example/d/x",
        "panelURL": "",
        "values": {"B": 44.2, "C": 1, "D": None},
    }
    return {"orgId": 1, "version": "1", "groupKey": "{}", "alerts": [alert | changes]}


def legacy(**changes: Any) -> dict[str, Any]:
    """A body of Grafana 6 to 10 with legacy alerting."""
    usual = {
        "ruleId": 58,
        "ruleName": "Battery voltage",
        "ruleUrl": "https://grafana.example/d/y",
        "state": "alerting",
        "message": "Below 23.7 V",
        "tags": {"severity": "warning", "service": "power"},
        "evalMatches": [{"metric": "mV", "value": 23644.5, "tags": None}],
    }
    return usual | changes


def one(told: Any) -> Signal:
    """The only signal of a body."""
    (signal,) = parse(told, "gf", at(1)).signals
    return signal


def test_unified_alerts_keep_links_and_values_as_annotations():
    """What stands beside an alert is shown with it; empty links are left out."""
    signal = one(unified())
    assert (signal.source, signal.fingerprint, signal.service) == ("grafana", "c6ea", "spark")
    assert signal.annotations == {
        "summary": "Memory is high",
        "silence_url": "https://grafana.example/alerting/silence/new",
        "dashboard_url": "https://grafana.example/d/x",
        "values": "B=44.2, C=1, D=",
    }


def test_value_string_stands_in_for_values():
    """Grafana 8 and 9 send a text."""
    assert one(unified(values=None, valueString="[ value=3 ]")).annotations["values"] == (
        "[ value=3 ]"
    )


def test_without_values_nothing_is_added():
    """An alert without a query, such as a missing data source, has none."""
    assert "values" not in one(unified(values=None)).annotations


def test_a_legacy_alert_is_one_rule():
    """Its identity is organisation and rule; it says nothing about when it began."""
    signal = one(legacy())
    assert (signal.fingerprint, signal.name, signal.status) == (
        "rule-1-58", "Battery voltage", "firing",
    )  # fmt: skip
    assert (signal.severity, signal.service, signal.ordered_by) == ("warning", "power", "event")
    assert signal.annotations == {"description": "Below 23.7 V", "values": "mV=23644.5"}
    assert signal.starts_at == at(1)


@pytest.mark.parametrize(
    ("state", "status"),
    [("alerting", "firing"), ("no_data", "firing"), ("ok", "resolved"), ("paused", "resolved")],
)
def test_legacy_states(state: str, status: str):
    """No data is a failure until somebody says otherwise."""
    assert one(legacy(state=state)).status == status


def test_a_legacy_alert_without_name():
    """The title stands in, then a word that says so."""
    assert one(legacy(ruleName=None, title="[Alerting] x")).name == "[Alerting] x"
    assert one(legacy(ruleName=None)).name == "Alert without a name"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (unified(values=[]), "alerts[0].values"),
        (unified(silenceURL=5), "alerts[0].silenceURL"),
        (unified(labels=None), "alerts[0].labels"),
        ({"alerts": [7]}, "alerts[0]"),
        ({"alerts": "x"}, "alerts"),
        (legacy(state="weird"), "state"),
        (legacy(state=7), "state"),
        (legacy(ruleId="x"), "ruleId"),
        (legacy(orgId=None), "orgId"),
        (legacy(tags=["a"]), "tags"),
        (legacy(evalMatches=[5]), "evalMatches[0]"),
        (legacy(evalMatches={"a": 1}), "evalMatches"),
    ],
)
def test_a_wrong_shape_names_its_field(told: Any, field: str):
    """422 with the path of what is wrong."""
    with pytest.raises(Invalid) as refused:
        parse(told, "gf", NOON)
    assert refused.value.field == field


def test_another_shape_is_not_understood():
    """A valid body of an unknown shape is kept raw."""
    assert not parse({"state": "ok"}, "gf", NOON).understood


def signed(body: bytes, stamp: str | None = None, secret: str = SECRET) -> Request:
    """A request signed as Grafana 12 does."""
    before = b"" if stamp is None else stamp.encode() + b":"
    digest = hmac.new(secret.encode(), before + body, hashlib.sha256).hexdigest()
    headers = {"x-grafana-alerting-signature": digest}
    if stamp is not None:
        headers["x-grafana-alerting-signature-timestamp"] = stamp
    return Request(body, headers, NOON)


@pytest.mark.parametrize("stamp", [None, str(int(NOON.timestamp()) - 299)])
def test_a_signed_body_is_verified(stamp: str | None):
    """With and without a timestamp, under any of several secrets."""
    assert verify(signed(b"{}", stamp), ("older", SECRET)) == "verified"


@pytest.mark.parametrize(
    "stamp", [str(int(NOON.timestamp()) + shift) for shift in (-301, 301)] + ["nan", "9" * 5000, ""]
)
def test_an_old_or_odd_timestamp_is_expired(stamp: str):
    """A replayed request is told apart from a forged one; neither is let in."""
    assert verify(signed(b"{}", stamp), (SECRET,)) == "expired"


@pytest.mark.parametrize(
    ("request_", "proof"),
    [
        (Request(b"{}", {}, NOON), "missing"),
        (Request(b"{}", {"x-grafana-alerting-signature": ""}, NOON), "missing"),
        (Request(b"{}", {"x-grafana-alerting-signature": "ü" * 9}, NOON), "wrong"),
        (signed(b"{}", secret="another"), "wrong"),
    ],
)
def test_unsigned_and_forged_requests(request_: Request, proof: str):
    """Anything but the right digest is refused without an exception."""
    assert verify(request_, (SECRET,)) == proof


def test_an_empty_secret_verifies_nothing():
    """A forgotten setting is no open door."""
    assert verify(signed(b"{}", secret=""), ("",)) == "wrong"


def test_bodies_of_other_projects_are_understood():
    """Legacy bodies as other projects keep them for their tests."""
    if not DATA.exists():
        pytest.skip("no shared webhooks here")
    parsed = [parse(json.loads(path.read_text()), "gf", NOON) for path in DATA.glob("*.json")]
    assert all(one.understood and one.signals for one in parsed)
