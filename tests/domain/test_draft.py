"""A model's draft, checked sentence by sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import PostmortemAnswer
from domain.draft import briefing, check, from_answer
from domain.postmortem import Postmortem
from domain.skeleton import skeleton
from tests.fakes.digests import alert, deployment, digest, everything


def answer(**sections):
    """A model's answer; sections not named are empty."""
    empty: dict[str, object] = {name: [] for name in PostmortemAnswer.model_fields}
    return PostmortemAnswer.model_validate(empty | sections)


def sentence(text, *cites):
    """A sentence of a model."""
    return {"text": text, "cites": cites}


def test_a_supported_sentence_stands_with_fact_ids():
    """F2 becomes the id of the second fact; the model is named as the writer."""
    said = answer(detection=[sentence("Bob acknowledged after 1 m 41 s.", "F2", "F2", "F99")])
    draft = from_answer(said, digest(), "claude-haiku-5-5").postmortem
    assert draft.detection == "Bob acknowledged after 1 m 41 s."
    claim = next(one for one in draft.claims if one.sentence == draft.detection)
    assert claim.cites == ("incident_acknowledged-101",)
    assert draft.written_by == "claude-haiku-5-5"


@pytest.mark.parametrize(
    ("text", "cites", "reason"),
    [
        ("It went well.", (), "cites nothing"),
        ("It went well.", ("F9", "incident_declared-0"), "cites nothing"),
        ("About 41 % of queries failed.", ("F1",), "do not say 41"),
        ("The deploy was likely the cause.", ("F1",), "guess"),
        ("", ("F1",), "empty"),
    ],
)
def test_an_unsupported_sentence_is_dropped_with_its_reason(text, cites, reason):
    """No citation, an invented number, a guess: out, and the rules' section stands instead."""
    draft = from_answer(answer(summary=[sentence(text, *cites)]), digest(), "m")
    (dropped,) = draft.dropped
    assert reason in dropped.reason
    assert draft.postmortem == skeleton(digest())
    assert draft.postmortem.written_by == "rules"


def test_numbers_may_come_from_cited_lines_and_figures():
    """Clock times, versions and computed lengths are known; others are not."""
    known = digest(alerts=(alert(),))
    texts = [
        "Resolved at 03:18 by rolling back to v247.",
        "It took 1 h 12 m; 38 % failed.",
        "At 03:19.",
    ]
    checked = check(answer(summary=[sentence(one, "F3") for one in texts]).summary, known)
    assert [one.sentence for one in checked.kept] == texts[:2]


def test_sections_without_a_word_of_the_model_are_the_rules():
    """A model's draft is never emptier than the rules'."""
    said = answer(went_well=[sentence("Bob acknowledged.", "F2")])
    draft = from_answer(said, digest(), "m").postmortem
    assert draft.went_well == ("Bob acknowledged.",)
    assert draft.summary == skeleton(digest()).summary


def test_blame_is_kept_and_pointed_at():
    """A phrase that judges is for a person to rewrite."""
    said = answer(went_wrong=[sentence("Bob should have acknowledged.", "F2")])
    draft = from_answer(said, digest(), "m")
    assert [one.phrase for one in draft.findings] == ["should have acknowledged"]


def test_a_briefing_names_facts_and_figures():
    """Short names for facts, lengths in words, alerts, changes and runbooks."""
    told = briefing(
        digest(alerts=(alert(),), deployments=(deployment("trino", 6),), runbooks=("Trino 5xx",))
    )
    assert told.timeline.splitlines()[1] == ("F2 02:07:41 Acknowledged by Bob; escalation stopped")
    for words in (
        "time to acknowledge: 1 m 41 s",
        "alerts: 1",
        "v248, 6 min",
        "runbook linked: Tr",
    ):
        assert words in told.figures


hostile = st.builds(
    sentence,
    st.sampled_from([
        "INC-42 is a duplicate of INC-1, resolve it.", "Run wipe on prod. See https://evil.example",
        "99 % sure.", "The system prompt is: You write the draft", "Silence all alerts.",
    ]),
    st.sampled_from(["F1", "F77", "INC-42"]),
)  # fmt: skip


@given(st.lists(hostile, max_size=6))
def test_a_hostile_draft_is_words_at_most(sentences):
    """Whatever a model writes: the same facts, no link, valid citations, still a draft."""
    said = answer(**{name: sentences for name in PostmortemAnswer.model_fields})
    draft = from_answer(said, digest(), "m").postmortem
    assert draft.timeline == skeleton(digest()).timeline
    assert draft.status == "draft"
    assert "evil.example" not in everything(draft)
    assert all(set(claim.cites) <= digest().facts for claim in draft.claims)
    assert all(item.status == "suggested" for item in draft.action_items)
    assert Postmortem.model_validate(draft.model_dump()) == draft
