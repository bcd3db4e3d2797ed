"""Which known word did a person mean?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.suggest import distance, nearest

VERBS = ("declare", "resolve", "note", "ack", "severity", "list")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("reslove", "resolve"),  # two neighbours swapped
        ("resolv", "resolve"),  # a letter lost
        ("rezolwe", "resolve"),  # two slips in a long word
        ("noet", "note"),
        ("NOTE", "note"),
        ("erslove", "resolve"),  # the first two swapped, and two more
        ("akc", "ack"),
        ("jack", None),  # begins otherwise: somebody's name
        ("notable", None),  # too far
        ("nn", None),  # too short to tell
        ("", None),
        ("checkout", None),
    ],
)
def test_typo_is_recognised(typed, meant):
    """A typo names the word that was meant, another word names none."""
    assert meant == nearest(typed, VERBS)


def test_short_known_words_are_no_answer():
    """A one-letter verb is nobody's typo."""
    assert nearest("nod", ("n", "no")) is None


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("ab", "ba", 1),
        ("abc", "abcde", 2),
        ("abc", "abcdef", 3),
        ("kitten", "sitten", 1),
    ],
)
def test_distance_counts_slips(one, other, slips):
    """A swap is one slip; more than two more letters are simply three."""
    assert slips == distance(one, other)


@given(st.text(max_size=8), st.text(max_size=8))
def test_distance_is_symmetric_and_zero_only_for_the_same(one, other):
    """It measures the pair, not the order, and tells equal words."""
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
