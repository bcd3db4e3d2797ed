"""Lengths of time: from when to when, and in words."""

from datetime import timedelta

import pytest

from domain.postmortem import Durations, Took, durations
from domain.when import in_words
from tests.fakes.digests import after, incident


@pytest.mark.parametrize(
    ("length", "words"),
    [
        ({}, "0 s"),
        ({"seconds": 41}, "41 s"),
        ({"seconds": 101}, "1 m 41 s"),
        ({"seconds": 120}, "2 m"),
        ({"hours": 2, "minutes": 3, "seconds": 59}, "2 h 3 m"),
        ({"hours": 1, "seconds": 5}, "1 h"),
        ({"days": 3, "hours": 4}, "3 d 4 h"),
        ({"seconds": -5}, "0 s"),
    ],
)
def test_lengths_in_words(length, words):
    """The two largest units, none of them zero."""
    assert in_words(timedelta(**length)) == words


def test_durations_count_from_the_declaration():
    """Detection counts from the impact, the others from the declaration."""
    took = durations(incident(impact_started_at=after(minutes=-4)))
    assert took == Durations(
        detect=Took(seconds=240, words="4 m"),
        acknowledge=Took(seconds=101, words="1 m 41 s"),
        mitigate=Took(seconds=2520, words="42 m"),
        resolve=Took(seconds=4320, words="1 h 12 m"),
    )


@pytest.mark.parametrize(
    "changes", [{"acknowledged_at": None}, {"acknowledged_at": after(seconds=-1)}]
)
def test_a_missing_or_impossible_time_has_no_length(changes):
    """A figure without both ends is None, never zero."""
    assert durations(incident(**changes)).acknowledge is None
