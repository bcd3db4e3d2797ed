"""The linter finds blame and guesses, and leaves plain reports alone."""

import pytest

from domain.blameless import blameless


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Bob should have checked the dashboard.", "should have checked"),
        ("It was human error.", "human error"),
        ("That was Carol's mistake.", "Carol's mistake"),
        ("The operator forgot the flag.", "forgot"),
        ("A careless change.", "careless"),
        ("Obviously the disk was full.", "Obviously"),
        ("They ignored the warning.", "ignored"),
        ("Dave is to blame.", "to blame"),
    ],
)
def test_blame_is_found_with_advice(text, phrase):
    """The phrase, its place and what to write instead."""
    (finding,) = [one for one in blameless(text) if one.phrase == phrase]
    assert finding.kind == "blame"
    assert text[finding.start :].startswith(phrase)
    assert finding.advice.endswith(".")


@pytest.mark.parametrize("text", ["The deploy was likely the cause.", "The root cause was trino."])
def test_guesses_are_found(text):
    """A guess that reads like a fact is named."""
    assert [one.kind for one in blameless(text)] == ["guess"]


@pytest.mark.parametrize(
    "text",
    [
        "Acknowledged by Bob after 1 m 41 s.",
        "The coordinator failed over to trino-2 and 38 % of queries failed.",
        "Nobody was on call at step 1 of 3.",
        "Changed just before: trino v248, 6 min, same service (DEP-5).",
        "",
    ],
)
def test_plain_reports_pass(text):
    """What happened, and who did what, is no blame."""
    assert blameless(text) == ()


def test_findings_come_in_reading_order():
    """From left to right, whatever rule found them."""
    found = blameless("Probably human error, obviously.")
    assert [one.start for one in found] == sorted(one.start for one in found)
    assert len(found) == 3
