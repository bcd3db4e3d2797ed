"""Any JSON: the defaults, a mapping of one's own, and what is refused."""

from typing import Any

import pytest

from domain.alert import Signal, apply
from domain.errors import Invalid
from integrations.alerts.generic import Mapping, dig, parse
from tests.fakes.signals import NOON, at


def one(told: Any, mapping: Mapping | None = None) -> Signal:
    """The only signal of a body."""
    parsed = parse(told, "x", at(1), mapping) if mapping else parse(told, "x", at(1))
    (signal,) = parsed.signals
    return signal


def test_a_name_and_a_status_are_enough():
    """The smallest body anybody would type."""
    signal = one({"name": "Disk full", "status": "firing"})
    assert (signal.name, signal.summary, signal.status) == ("Disk full", "Disk full", "firing")
    assert (signal.starts_at, signal.ordered_by, signal.severity) == (at(1), "event", "")


def test_the_same_body_resolved_ends_it():
    """Without a key of its own, name, service and labels make an alert the same alert."""
    alert = apply(None, one({"name": "Disk full", "status": "firing"})).alert
    over = parse({"name": "Disk full", "status": "Resolved"}, "x", at(5)).signals[0]
    assert apply(alert, over).kind == "resolved"
    other = one({"name": "Disk full", "status": "resolved", "labels": {"host": "b"}})
    assert other.fingerprint != alert.fingerprint


def test_every_field_by_its_usual_name():
    """A body that says everything needs no mapping."""
    signal = one(
        {
            "name": "Disk full",
            "message": "97 % used",
            "severity": "critical",
            "service": "minio",
            "status": "ok",
            "dedup_key": "k1",
            "group_key": "g1",
            "starts_at": "2026-11-21T12:00:00Z",
            "ends_at": int(at(3).timestamp()),
            "url": "https://x.example",
            "labels": {"env": "prod", "disk": 7, "root": True, "none": None, "deep": {}},
            "tags": ["team:storage", "vip"],
            "annotations": {"note": "n"},
        }
    )
    assert signal == Signal(
        source="generic",
        integration="x",
        fingerprint="k1",
        status="resolved",
        name="Disk full",
        summary="97 % used",
        severity="critical",
        service="minio",
        labels={"env": "prod", "disk": "7", "root": "true", "team": "storage", "vip": "true"},
        annotations={"note": "n"},
        starts_at=NOON,
        ends_at=at(3),
        group_key="g1",
        url="https://x.example",
        at=at(1),
    )


@pytest.mark.parametrize(
    ("status", "read"),
    [("OK", "resolved"), ("up", "resolved"), (1, "resolved"), ("down", "firing"), (0, "firing"),
     ("something else", "firing"), (None, "firing")],
)  # fmt: skip
def test_only_a_known_word_resolves(status: Any, read: str):
    """When in doubt it fires: a missed page is worse than one too many."""
    assert one({"name": "x", "status": status}).status == read


def test_a_mapping_of_ones_own():
    """Dotted paths, list positions, a list of alerts inside, words of one's own."""
    mapping = Mapping.model_validate(
        {
            "alerts": "data.items",
            "name": "check.title",
            "service": "hosts.0",
            "status": "check.code",
            "over": ["0"],
            "labels": "check",
        }
    )
    told = {"data": {"items": [{"check": {"title": "Ping", "code": 0}, "hosts": ["web-1"]}]}}
    signal = one(told, mapping)
    assert (signal.name, signal.service, signal.status) == ("Ping", "web-1", "resolved")
    assert signal.labels == {"title": "Ping", "code": "0"}


@pytest.mark.parametrize(
    "told",
    [
        [{"name": "a"}, {"name": "b"}],
        {"alerts": [{"name": "a"}, {"name": "b"}]},
    ],
)
def test_lists_of_alerts(told: Any):
    """The body may be a list, or hold one under ``alerts``."""
    assert [signal.name for signal in parse(told, "x", NOON).signals] == ["a", "b"]


def test_a_summary_alone_names_the_alert():
    """Some senders only send a sentence."""
    assert one({"text": "It burns"}).name == "It burns"


@pytest.mark.parametrize("told", [{}, {"foo": 1}, [{"foo": 1}], {"name": ""}])
def test_a_body_without_a_name_is_not_understood(told: Any):
    """It is kept raw and shown, so that somebody can write a mapping."""
    assert not parse(told, "x", NOON).understood


def test_an_empty_list_is_understood():
    """Nothing to say is not a mistake."""
    assert parse([], "x", NOON).understood


def test_a_list_that_is_nowhere_is_no_alert():
    """A mapping whose path leads nowhere reads nothing."""
    parsed = parse({"a": 1}, "x", NOON, Mapping.model_validate({"alerts": "b"}))
    assert parsed.signals == ()


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ("x", "body"),
        (5, "body"),
        (None, "body"),
        ({"name": {"a": 1}}, "name"),
        ({"name": "x", "status": []}, "status"),
        ({"name": "x", "labels": "y"}, "labels"),
        ({"name": "x", "starts_at": "soon"}, "starts_at"),
        ({"name": "x", "starts_at": {"a": 1}}, "starts_at"),
        ({"name": "x", "status": "ok", "ends_at": "soon"}, "ends_at"),
        ([5], "[0]"),
        ({"alerts": ["x"]}, "alerts[0]"),
        ([{"name": "a"}, {"foo": 1}], "[1].name"),
        ({"alerts": [{"name": "x", "severity": {}}]}, "alerts[0].severity"),
    ],
)
def test_a_wrong_shape_names_its_field(told: Any, field: str):
    """422 with the path of what is wrong."""
    with pytest.raises(Invalid) as refused:
        parse(told, "x", NOON)
    assert refused.value.field == field


def test_a_fallback_of_another_type_is_passed_over():
    """Only the first path of a field must lead to a text."""
    assert one({"name": "x", "message": {"deep": 1}, "text": "said"}).summary == "said"
    assert one({"name": "x", "service": {"name": "db"}}).service == "db"


@pytest.mark.parametrize("url", ["javascript:x", 5, None, {}])
def test_only_web_addresses_are_links(url: Any):
    """What is no address is left out."""
    assert one({"name": "x", "url": url}).url is None


@pytest.mark.parametrize(
    ("path", "found"),
    [("", {"a": [{"b": 5}]}), ("a.0.b", 5), ("a.1", None), ("a.x", None), ("a.0.b.c", None)],
)
def test_dotted_paths(path: str, found: Any):
    """A path that leads nowhere finds nothing."""
    assert dig({"a": [{"b": 5}]}, path) == found
