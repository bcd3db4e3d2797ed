"""Facts are told in their class's sentence, filled by name and never read as a template."""

from typing import Any

import pytest

from domain.facts import Entry
from domain.timeline import kinds, name_of, sentence, told
from tests.fakes.signals import NOON

NAMES = {"bob": "Bob", "carol": "Carol"}


def entry(kind: str, by: str = "bob", **more: Any) -> Entry:
    usual: dict[str, Any] = {
        "id": "f1",
        "subject": "incident:INC-1",
        "at": NOON,
        "version": 1,
        "payload": {},
    }
    return Entry(kind=kind, by=by, **(usual | more))


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (entry("note_added", text="look at {person}"), "Note by Bob: look at {person}"),
        (entry("severity_changed", payload={"old": "SEV3", "new": "SEV1"}),
         "Severity SEV3 → SEV1, set by Bob"),
        (entry("role_assigned", payload={"role": "scribe", "person": "carol"}),
         "Carol is scribe, set by Bob"),
        (entry("update_overdue", by="tocsin", payload={"due": "2026-11-21T13:30:00+02:00"}),
         "Update due at 2026-11-21 11:30 UTC is overdue"),
        (entry("incident_declared", text="Trino", payload={"severity": "SEV2", "source": "bob"}),
         "SEV2 declared by Bob: Trino"),
        (entry("incident_reopened"), "Reopened by Bob"),
        (entry("incident_declared", by="tocsin", payload={"severity": "SEV2", "source": "grafana"}),
         "SEV2 declared by grafana"),
        (entry("role_assigned", payload={"role": "scribe", "person": None}),
         "is scribe, set by Bob"),
        (entry("of_another_version", text="words", payload={"new": "field"}),
         "of another version words"),
    ],
)  # fmt: skip
def test_a_fact_is_told_in_its_sentence(fact: Entry, words: str):
    """Names stand for people, UTC for instants; what is unknown is shown by its kind."""
    assert sentence(fact, NAMES) == words


def test_redacted_words_give_way_to_the_reason():
    """The entry stays, with who and when."""
    shown = told(entry("note_added", text=None, redacted="a customer's name"), NAMES)
    assert shown.text == "Note by Bob: [redacted: a customer's name]"
    assert (shown.by_name, shown.redacted) == ("Bob", "a customer's name")


def test_everybody_has_a_name():
    """People, Tocsin itself, and accounts that are linked to nobody."""
    called = [name_of(by, NAMES) for by in ("bob", "tocsin", "account:Zoe", "gone")]
    assert called == ["Bob", "Tocsin", "Zoe", "gone"]


def test_every_template_names_only_what_its_fact_holds():
    """A name that nothing fills would silently be left out."""
    for fact in kinds().values():
        held = {*fact.model_fields, "by", "text"}
        named = {part.split("}")[0] for part in fact.template.split("{")[1:]}
        assert named <= held, fact.kind


@pytest.mark.parametrize("by", ["account:Erin (x) (slack:T1:U1)", "account:Erin (x)"])
def test_an_account_is_called_by_its_own_name(by):
    """Its platform's id stays in the audit trail."""
    assert name_of(by, NAMES) == "Erin (x)"
