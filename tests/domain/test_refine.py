"""A model's reading changes labels; it wakes nobody and lowers nothing."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import CATEGORIES, SYMPTOMS, ClassifyAnswer
from domain.refine import Labels, in_force, merge
from domain.severity import Severity

RULES = Labels(severity=Severity.SEV3, service=None, category="others", symptoms=("OTHERS",))
SERVICES = {"trino", "kafka"}


def read(**changes):
    """An answer, as valid as the schema demands."""
    answer = {
        "severity": "SEV3",
        "service": None,
        "category": "others",
        "symptoms": ["OTHERS"],
        "summary": "",
    }
    return ClassifyAnswer.model_validate(answer | changes)


def test_a_raise_is_a_proposal():
    """Worse than the rules: a button for a person; the severity in force stays."""
    refined = merge(RULES, read(severity="SEV1"), SERVICES)
    assert refined.proposed_severity is Severity.SEV1
    assert refined.labels.severity is Severity.SEV3
    assert refined.reason.startswith("proposes SEV1, rules say SEV3")


@pytest.mark.parametrize("said", ["SEV4", "SEV5"])
def test_it_never_lowers(said):
    """Better than the rules: nothing is proposed, and the reason says so."""
    refined = merge(RULES, read(severity=said), SERVICES)
    assert refined.proposed_severity is None
    assert refined.labels.severity is Severity.SEV3
    assert "never lowers" in refined.reason


@pytest.mark.parametrize(
    ("found", "said", "result", "reason"),
    [
        (None, "trino", "trino", "service trino"),
        (None, "nosuch", None, "not known"),
        (None, None, None, "no service named"),
        ("kafka", "trino", "kafka", "stays kafka"),
        ("kafka", None, "kafka", "stays kafka"),
        ("kafka", "kafka", "kafka", "service kafka"),
    ],
)
def test_a_service_fills_a_gap_only(found, said, result, reason):
    """A known service is filled in where the rules found none; the rules' own stays."""
    rules = RULES.model_copy(update={"service": found})
    refined = merge(rules, read(service=said), SERVICES)
    assert refined.labels.service == result
    assert reason in refined.reason


def test_labels_follow_the_model_and_changes_are_named():
    """Category and symptoms are the model's, each symptom once."""
    refined = merge(RULES, read(category="database", symptoms=["ERROR", "ERROR"]), SERVICES)
    assert refined.labels.category == "database"
    assert refined.labels.symptoms == ("ERROR",)
    assert refined.changed == ("category", "symptoms")


def test_agreement_changes_nothing():
    """The same reading is no change."""
    refined = merge(RULES, read(), SERVICES)
    assert refined.changed == ()
    assert refined.reason == "agrees on SEV3; no service named"


@pytest.mark.parametrize(
    ("proposed", "may_wake", "result"),
    [
        ("SEV1", False, "SEV3"),
        ("SEV1", True, "SEV2"),
        ("SEV2", True, "SEV2"),
        ("SEV4", True, "SEV3"),
        (None, True, "SEV3"),
    ],
)
def test_waking_needs_the_setting_and_goes_one_step(proposed, may_wake, result):
    """Only with llm.may_wake a proposal counts, and then one step at most."""
    severity = Severity(proposed) if proposed else None
    assert in_force(Severity.SEV3, severity, may_wake=may_wake) == Severity(result)


texts = st.text(max_size=40)
answers = st.builds(
    read,
    severity=st.sampled_from([one.value for one in Severity]),
    service=st.one_of(st.none(), texts, st.sampled_from(sorted(SERVICES))),
    category=st.sampled_from(CATEGORIES),
    symptoms=st.lists(st.sampled_from(SYMPTOMS)),
    summary=texts,
)


@given(answers, st.sampled_from(list(Severity)), st.sampled_from([None, "kafka"]))
def test_no_answer_does_more(answer, severity, service):
    """For every answer: the floor holds, services are known ones, proposals only raise."""
    rules = Labels(severity=severity, service=service)
    refined = merge(rules, answer, SERVICES)
    assert refined.labels.severity == severity
    assert refined.labels.service in {service, *SERVICES}
    assert refined.proposed_severity is None or refined.proposed_severity.worse_than(severity)


UNDECIDED = {"UNKNOWN", "NAN"}
RECORDED = Path("../shared/data/incidents_cloud/recorded_llm_answers")


@pytest.mark.skipif(not RECORDED.exists(), reason="no recorded model answers here")
def test_recorded_answers_of_real_models_fit():
    """Nearly every answer of real models that made a choice made one of ours."""
    lines = [line for path in RECORDED.glob("*.jsonl") for line in path.read_text().splitlines()]
    chosen = [
        one
        for one in map(json.loads, lines)
        if not UNDECIDED & {one["label"].upper(), *(one["labels"] or [])}
    ]
    fitting = [
        one
        for one in chosen
        if one["label"] in CATEGORIES and set(one["labels"] or []) <= set(SYMPTOMS)
    ]
    assert len(fitting) > 0.98 * len(chosen) > 2000
    for one in fitting:
        answer = read(category=one["label"], symptoms=one["labels"] or [])
        assert merge(RULES, answer, SERVICES).labels.category == one["label"]
