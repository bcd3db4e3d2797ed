"""What facts show becomes a lesson, and something to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blameless import blameless
from domain.lessons import lessons
from domain.skeleton import skeleton
from tests.fakes.digests import after, alert, digest, everything, line, paged

STEPPED = line("escalation_stepped", after(minutes=5), "…", escalation="e", policy="p", step="2")
SEEN = [
    ((STEPPED,), "the escalation went on once", "first page had no answer"),
    (
        (STEPPED, line("escalation_exhausted", after(minutes=10), "…", escalation="e")),
        "went on 2 times",
        "first page had no answer",
    ),
    (
        (line("nobody_to_page", after(), "…", step="step 1 of 2", reason="gap"),),
        "Nobody was on call at step 1 of 2.",
        "gap in the schedule",
    ),
    ((paged("bob", after(minutes=1), late_s=75),), "1 m 15 s after it was due", "page was late"),
    (
        (line("not_ours", after(minutes=2), "…", old="web", new="data"),),
        "paged to web and handed to data",
        "next one goes to data",
    ),
    (
        (line("page_passed", after(minutes=2), "…", person="bob", page="p"),),
        "A page was passed on.",
        "load of the people",
    ),
    (
        (line("severity_changed", after(minutes=34), "…", by="alice", old="SEV3", new="SEV1"),),
        "raised to SEV1 34 m after",
        "severity rule that would have said so",
    ),
    (
        (
            line("reclassified", after(minutes=1), "…", model="m", category="c", proposal="SEV1"),
        ),
        "A proposal of SEV1 was neither taken nor refused.",
        "Decide whether SEV1 was right",
    ),
    (
        (line("update_overdue", after(minutes=30), "…", due="2026"),),
        "An update was overdue.",
        "role comms",
    ),
    (
        (line("incident_reopened", after(minutes=60), "…", by="bob"),),
        "It was reopened",
        "called resolved",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "saw", "do"), SEEN)
def test_what_facts_show_becomes_a_lesson_with_an_action(facts, saw, do):
    """Each is told once, with something to do, both tied to the facts."""
    draft = skeleton(digest(*facts, alerts=(alert(),), runbooks=("Trino 5xx",)))
    (wrong,) = draft.went_wrong
    (action,) = draft.action_items
    assert saw in wrong
    assert do in action.text
    assert (action.id, action.status, action.owner) == ("draft-1", "suggested", None)
    cites = {claim.sentence: set(claim.cites) for claim in draft.claims}
    assert cites[wrong] == cites[action.text] == {one.entry.id for one in facts}


def test_a_flapping_alert_is_a_lesson():
    """An alert that fired often wants another threshold."""
    found = lessons(digest(alerts=(alert(count=7),), runbooks=("r",)))
    assert [one.saw for one in found] == ["TrinoErrors fired 7 times."]


def test_a_quiet_incident_has_few_lessons():
    """With an alert, a runbook and a quick answer there is nothing to do but to ask."""
    draft = skeleton(digest(alerts=(alert(),), runbooks=("Trino 5xx",)))
    assert draft.action_items == ()
    assert draft.went_wrong[0].startswith("What made it harder")
    assert "Monitoring found it (TrinoErrors), and the runbook Trino 5xx was linked." in (
        draft.went_well
    )


@pytest.mark.parametrize("facts", [facts for facts, _, _ in SEEN])
def test_the_rule_writer_blames_nobody(facts):
    """Its own words pass its own linter."""
    assert blameless(everything(skeleton(digest(*facts)))) == ()


EVERY_FACT = [fact for facts, _, _ in SEEN for fact in facts]


@given(st.lists(st.sampled_from(EVERY_FACT), unique_by=lambda one: one.entry.id), st.booleans())
def test_every_claim_is_carried(facts, alerts):
    """Whatever happened, each claim cites facts of the timeline, and what is no claim asks."""
    known = digest(*facts, alerts=(alert(count=9),) * alerts)
    draft = skeleton(known)
    assert all(claim.cites and set(claim.cites) <= known.facts for claim in draft.claims)
    claimed = {claim.sentence for claim in draft.claims}
    for text in (*draft.went_well, *draft.went_wrong, *draft.contributing_factors, *draft.lucky):
        assert text in claimed or "?" in text
