"""Classification by rules: the answer and its reasons."""

import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.classify import (
    Subject,
    apart,
    category_of,
    classify,
    severity_of,
    subject_of,
    symptoms_of,
)
from domain.lexicon import CATEGORIES, SYMPTOMS
from domain.severity import Severity
from tests.fakes.signals import a_signal

DATA = Path(__file__).parents[3] / "shared" / "data"


def rows(name: str) -> list[dict[str, Any]]:
    """A labelled set; skipped where it is not there."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {name} here")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_field_has_a_reason():
    """A person can ask why for each part of the answer."""
    found = classify(subject_of(a_signal(service="trino")))
    assert found.model_dump() == {
        "severity": Severity.SEV2,
        "urgency": "high",
        "service": "trino",
        "category": "analytics",
        "symptoms": ("ERROR",),
        "reasons": {
            "severity": "the sender says critical",
            "urgency": "the sender says critical",
            "service": "the sender names it",
            "category": "the service says 'trino'",
            "symptoms": "named: Failures",
        },
        "by": "rules",
    }


@pytest.mark.parametrize(
    ("service", "title", "text", "category"),
    [
        ("postgresql", "Anything", "", "database"),
        ("kafka", "", "", "analytics"),
        (None, "Keycloak login failing", "", "security"),
        (None, "NodeFilesystemSpaceFillingUp", "", "compute"),
        (None, "Something", "the S3 bucket is gone", "storage"),
        (None, "Nothing to see", "", "others"),
    ],
)
def test_category_by_service_then_title_then_text(
    service: str | None, title: str, text: str, category: str
):
    """The most telling place that names a kind of service decides."""
    assert category_of(Subject(title=apart(title), text=text, service=service))[0] == category


@pytest.mark.parametrize(
    ("text", "symptoms"),
    [
        ("38 % of queries fail", ("ERROR",)),
        ("p99 latency is high", ("DELAY",)),
        ("target is down", ("UNAVIL",)),
        ("packet loss between zones", ("DEPERF",)),
        ("requests fail and time out", ("ERROR", "DELAY")),
        ("a thing happened", ("OTHERS",)),
        ("Customers may see errors. We apologize for the delay.", ("ERROR",)),
        ("Users experienced timeouts. The cause was a failed disk.", ("DELAY",)),
    ],
)
def test_symptoms_come_from_what_was_felt(text: str, symptoms: tuple[str, ...]):
    """Sentences that tell what people felt count before those that explain or console."""
    assert symptoms_of(Subject(title="x", text=text))[0] == symptoms


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("etcd has no leader", Severity.SEV2),
        ("Instance is down", Severity.SEV2),
        ("Update available", Severity.SEV5),
        ("Memory is at 81 %", Severity.SEV4),
    ],
)
def test_severity_by_words(title: str, severity: Severity):
    """Words give a severity where the sender gives none."""
    assert severity_of(Subject(title=title))[0] is severity


@pytest.mark.parametrize(
    ("title", "severity"),
    [("Disk at 81 %", Severity.SEV3), ("Database is down", Severity.SEV2)],
)
def test_an_unknown_severity_is_at_least_sev3_and_urgent(title: str, severity: Severity):
    """Words may raise an unknown severity, never lower it, and somebody is told."""
    found = classify(Subject(title=title, severity="weird"))
    assert (found.severity, found.urgency) == (severity, "high")
    assert found.reasons["severity"].startswith("the sender's severity 'weird' is unknown")


def test_words_never_change_a_severity_the_sender_gave():
    """The sender's word is the floor and the ceiling of the rules."""
    assert classify(Subject(title="Everything is down", severity="info")).urgency == "none"


def test_a_signal_gives_its_service_by_label():
    """Where the sender names no service, app and component labels do."""
    assert subject_of(a_signal(labels={"app": "trino"})).service == "trino"
    assert subject_of(a_signal(labels={})).service is None


@given(st.text(), st.text(), st.text())
def test_any_text_gets_an_answer(title: str, text: str, severity: str):
    """Whatever a sender writes, the answer is one of the known words."""
    found = classify(Subject(title=title, text=text, severity=severity))
    assert found.category in CATEGORIES
    assert set(found.symptoms) <= {*SYMPTOMS, "OTHERS"}


def test_it_is_fast_on_the_longest_text():
    """A text of 20,000 characters that nearly matches everywhere takes well under a second."""
    hostile = Subject(title="x", text="not be not be no cloud monitorin " * 20_000)
    started = perf_counter()
    classify(hostile)
    assert perf_counter() - started < 1


def test_categories_of_real_incidents():
    """On the handed-out half the rules name the category of at least 85 % (n = 225)."""
    told = [one for one in rows("incidents_cloud/incidents.jsonl") if one["label_service_category"]]
    hits = [
        category_of(Subject(title=one["title"], text=one["first_update"]))[0]
        == one["label_service_category"]
        for one in told
    ]
    assert sum(hits) / len(hits) >= 0.85


def test_symptoms_of_real_incidents():
    """On the handed-out half the mean F1 of the rules is at least 0.75 (n = 208)."""
    told = [one for one in rows("incidents_cloud/incidents.jsonl") if one["label_symptoms"]]
    scores = [f1(set(one["label_symptoms"]), set(symptoms_of(told_of(one))[0])) for one in told]
    assert sum(scores) / len(scores) >= 0.75


def told_of(one: dict[str, Any]) -> Subject:
    """An incident with all of its updates."""
    return Subject(title=one["title"], text=one["text"])


def f1(expected: set[str], found: set[str]) -> float:
    """How well two sets agree."""
    return 2 * len(expected & found) / (len(expected) + len(found))
