"""Sources are found, and none of them breaks on anybody's body."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Parsed
from domain.errors import Invalid
from integrations.alerts.discovery import Source, sources
from tests.fakes.signals import NOON

DATA = Path(__file__).parents[4] / "shared" / "data"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["alerts", "labels", "annotations", "startsAt", "endsAt", "status", "fingerprint", "groupKey",
     "truncatedAlerts", "generatorURL", "values", "ruleId", "state", "tags", "evalMatches", "event",
     "data", "id", "messages", "incident", "name", "service", "starts_at", "severity", "url",
     "deployment", "deployment_status", "workflow_run", "release", "repository", "full_name",
     "sha", "ref", "created_at", "payload", "object_kind", "object_attributes", "builds",
     "environment", "project", "app", "phase", "started_at", "build", "timestamp", "context",
     "subject", "content", "artifactId", "deploy", "version", "action"]
)  # fmt: skip
shaped = st.recursive(
    json_values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)
NAMES = sorted(sources())


def bodies() -> Iterator[tuple[str, Any]]:
    """Every shared body with the sender it came from."""
    for path in sorted(DATA.glob("webhooks/*/*.json")):
        yield path.parent.name, json.loads(path.read_text())


def read(source: Source, body: Any) -> Parsed | Invalid:
    """Parse, where being refused by name is an answer as well."""
    try:
        return source.parse(body, "x", NOON)
    except Invalid as refused:
        assert refused.field
        return refused


def test_every_source_is_found():
    """A module with a SOURCE is a source; those that sign can be verified."""
    assert NAMES == [
        "alertmanager", "argocd", "cdevents", "generic", "github", "gitlab", "grafana",
        "jenkins", "pagerduty", "pagerduty-changes",
    ]  # fmt: skip
    signs = [name for name in NAMES if sources()[name].verify]
    assert signs == ["github", "gitlab", "grafana", "pagerduty"]


def test_every_shared_body_is_answered_by_its_own_source_and_by_generic():
    """Nobody's webhook raises anything but a refusal, and what is known is understood."""
    told = list(bodies())
    if not told:
        pytest.skip("no shared webhooks here")
    answers = Counter(
        (name, type(read(sources()[name], body)).__name__)
        for sender, body in told
        for name in {sender, "generic"} & set(NAMES)
    )
    assert answers["generic", "Parsed"] == len(told)
    assert {kind for name, kind in answers if name != "generic"} == {"Parsed"}


@pytest.mark.parametrize("name", NAMES)
@given(body=json_values | shaped)
def test_any_json_is_read_or_refused_by_name(name: str, body: Any):
    """Whatever arrives, the answer is signals, "not understood", or a field that is wrong."""
    read(sources()[name], body)


def test_hostile_strings_in_every_field():
    """Hostile texts pass through unharmed but for NUL and half surrogates, and never crash."""
    path = DATA / "hostile" / "hostile_strings.jsonl"
    if not path.exists():
        pytest.skip("no hostile strings here")
    for line in path.read_text().splitlines():
        text = json.loads(line)["s"]
        labels = {"alertname": text, "service": text, text: text}
        alert = {"labels": labels, "annotations": {"summary": text}, "generatorURL": text}
        parsed = read(sources()["alertmanager"], {"alerts": [alert], "groupKey": text})
        assert isinstance(parsed, Parsed)
        (signal,) = parsed.signals
        signal.model_dump_json()
        if text and len(text) <= 1024 and "\x00" not in text:
            assert signal.name == text
