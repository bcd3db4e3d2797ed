"""The rule writer: a draft from facts, gaps as questions, nothing that no fact carries."""

from domain.postmortem import Digest
from domain.skeleton import skeleton
from tests.fakes.digests import (
    DECLARED,
    after,
    alert,
    deployment,
    digest,
    everything,
    incident,
    line,
    paged,
)

FIELDS = {
    "incident", "status", "summary", "impact", "timeline", "contributing_factors", "detection",
    "resolution", "went_well", "went_wrong", "lucky", "action_items", "claims", "written_by",
}  # fmt: skip


def test_the_fields_are_the_contracts():
    """A postmortem has exactly the promised fields, as JSON too."""
    written = skeleton(digest()).model_dump(mode="json")
    assert written.keys() == FIELDS
    assert written["timeline"][0].keys() == {"at", "text", "fact"}
    assert written["claims"][0].keys() == {"sentence", "cites"}
    assert written["action_items"][0].keys() == {"id", "text", "owner", "due", "status"}
    assert (written["status"], written["written_by"]) == ("draft", "rules")


def test_a_draft_that_people_can_use():
    """Who, when, how long: in words, from facts."""
    draft = skeleton(digest(paged("bob", after(seconds=2)), alerts=(alert(),)))
    assert draft.summary == (
        "SEV2 on trino: “Trino queries failing”, declared 2026-11-21 02:06 UTC and resolved after"
        " 1 h 12 m. 1 alert came in, the first TrinoErrors at 02:06 UTC."
    )
    assert "Found by alertmanager: TrinoErrors fired at 02:06 UTC." in draft.detection
    assert "Paged: Bob at 02:06 UTC." in draft.detection
    assert "Acknowledged by Bob after 1 m 41 s." in draft.detection
    assert draft.resolution == (
        "Mitigated after 42 m. Resolved by Bob after 1 h 12 m as fixed: rolled back to v247."
    )
    assert "Bob acknowledged after 1 m 41 s." in draft.went_well
    assert [row.fact for row in draft.timeline] == [
        "incident_declared-0", "page_sent-2", "incident_acknowledged-101", "incident_resolved-4320",
    ]  # fmt: skip


def test_who_declared_it_found_it_and_a_rollback_ended_it():
    """Not the alert that fired first; what the pipeline said is in the resolution."""
    declared = line("incident_declared", after(), "SEV2 declared by Alice", by="alice")
    rolled = line(
        "rollback_ended", after(minutes=40), "…",
        service="trino", environment="prod", good="v247", state="done", deployment="DEP-14",
    )  # fmt: skip
    about = digest(rolled, alerts=(alert(),))
    by_hand = about.model_copy(update={"lines": (declared, *about.lines[1:])})
    draft = skeleton(by_hand)
    first = "Declared by Alice at 02:06 UTC; of its alerts TrinoErrors was the first, at 02:06 UTC."
    assert first in draft.detection
    assert "Rollback of trino prod to v247: done at 02:46 UTC." in draft.resolution


def test_gaps_are_questions():
    """What no fact says is asked, and is no claim."""
    draft = skeleton(digest())
    for question in (draft.impact, draft.lucky[-1], draft.contributing_factors[-1]):
        assert question.endswith("?") or question.endswith("checks.")
        assert question not in {claim.sentence for claim in draft.claims}
    assert "Set it with /incident times" in draft.detection


def test_described_impact_is_quoted():
    """What people wrote stands with their name and time."""
    said = line("impact_described", after(minutes=9), "…", by="alice", text="Reports are empty")
    about = incident(impact_started_at=after(minutes=-3))
    draft = skeleton(digest(said, about=about))
    assert draft.impact.startswith("Alice, 02:15 UTC: Reports are empty. From the start of")
    assert "took 45 m." in draft.impact
    assert "Time to detect: 3 m." in draft.detection


def test_a_change_is_named_and_never_called_the_cause():
    """Same service first, only what ended within half an hour before, with a question behind."""
    near = (deployment("kafka", 20, 6), deployment("trino", 6), deployment("trino", 45, 7))
    draft = skeleton(digest(deployments=near))
    assert draft.contributing_factors[:2] == (
        "Changed just before: trino v248, 6 min, same service (DEP-5).",
        "Changed just before: kafka v248, 20 min, another service (DEP-6).",
    )
    assert draft.contributing_factors[2].endswith("?")
    assert "likely" not in everything(draft)


def test_seconds_before_are_seconds():
    """Under a minute the gap is told in seconds."""
    draft = skeleton(digest(deployments=(deployment("trino", 0.5),)))
    assert "trino v248, 30 s, same service" in draft.contributing_factors[0]


def test_an_incident_without_alert_page_or_end():
    """A declaration alone makes a draft too."""
    about = incident(acknowledged_at=None, mitigated_at=None, resolved_at=None, service=None)
    draft = skeleton(Digest(incident=about, lines=(DECLARED,), names={}))
    assert "declared 2026-11-21 02:06 UTC and is not resolved" in draft.summary
    assert "Declared by Tocsin at 02:06 UTC; no alert is linked to it." in draft.detection
    assert "Nobody acknowledged it." in draft.detection
    assert "What ended it" in draft.resolution
    assert draft.went_well == ("What helped? Think of tools, people who joined, and what was"
                               " prepared before.",)  # fmt: skip
    assert "Write a runbook for this and link it: none was linked." in everything(draft)


def test_a_digest_without_facts_claims_nothing():
    """Nothing to cite, nothing claimed."""
    draft = skeleton(Digest(incident=incident(acknowledged_at=None), lines=()))
    assert draft.claims == ()
    assert "Declared by alertmanager" in draft.detection


def test_what_went_well():
    """Updates on time and a lead are worth a sentence; so is help nobody had to ask for."""
    updates = [
        line("update_posted", after(minutes=m), "…", by="alice", phase="fixing", text="on it")
        for m in (20, 40)
    ]
    lead = line("role_assigned", after(minutes=3), "…", role="commander", person="alice")
    scribe = line("role_assigned", after(minutes=4), "…", role="scribe", person="carol")
    helped = line("incident_acknowledged", after(seconds=90), "…", by="carol", was_paged=False)
    draft = skeleton(digest(*updates, lead, scribe, helped))
    assert "2 updates were posted, none overdue." in draft.went_well
    assert "Alice led it, 3 m after the declaration." in draft.went_well
    assert draft.lucky[0] == "Carol took it without having been paged."
    assert "Alice, 02:26 UTC: on it." in draft.resolution


def test_a_slow_answer_did_not_go_well():
    """After five minutes an acknowledgement is no longer quick."""
    late = incident(acknowledged_at=after(minutes=6))
    assert not any("acknowledged" in one for one in skeleton(digest(about=late)).went_well)


def test_severities_on_the_way():
    """Every step of the severity is in the summary; a lowering is no lesson."""
    steps = (
        line("severity_changed", after(minutes=3), "…", old="SEV3", new="SEV1"),
        line("severity_changed", after(minutes=50), "…", old="SEV1", new="SEV2"),
    )
    assert "Severity went SEV3 → SEV1 → SEV2." in skeleton(digest(*steps)).summary
    assert not any("raised" in one for one in skeleton(digest(steps[1])).went_wrong)


def test_people_paged_twice_are_named_once():
    """Rings again are not news; several steps are counted."""
    steps = [
        line("escalation_stepped", after(minutes=m), "…", escalation="e", policy="p", step="2")
        for m in (5, 10)
    ]
    pages = [paged("bob", after(seconds=s)) for s in (1, 400)]
    draft = skeleton(digest(*pages, paged("carol", after(minutes=5)), *steps))
    assert "Paged: Bob at 02:06 UTC, Carol at 02:11 UTC." in draft.detection
    assert "Without an answer, 2 further steps were rung." in draft.detection


def test_redacted_words_stay_away():
    """A redacted update is shown as such."""
    gone = line("update_posted", after(minutes=3), "…", by="alice", phase="fixing")
    assert "Alice, 02:09 UTC: (redacted)." in skeleton(digest(gone)).resolution
