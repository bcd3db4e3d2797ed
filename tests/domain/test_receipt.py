"""Receipts: the word on cards, and which ways a ring has lost."""

import pytest

from domain.receipt import outcome, ring_of, ways_lost


@pytest.mark.parametrize(
    ("told", "answered", "word"),
    [
        ("delivered", False, "delivered"),
        ("undelivered", False, "undelivered"),
        ("busy", False, "busy"),
        ("no answer", True, "no answer"),
        ("over", True, "answered"),
        ("over", False, "no key"),
    ],
)
def test_the_word_on_cards(told, answered, word):
    """A call that came to its end was answered only by a key (rules.md 3)."""
    assert outcome(told, answered=answered) == word


def test_a_ring_says_what_it_was_due_by_and_what_made_it():
    """Of a page by itself, and of one in a list."""
    assert ring_of("ring:01p:2:sms:01c") == ("sms", "01c")
    assert ring_of("ring:01p:01b:0:chat:01c") == ("chat", "01c")


def test_the_ways_that_a_ring_has_lost():
    """Each once and in their order; what was due by something else is another ring."""
    keys = ("ring:p:2:sms:a", "ring:p:2:sms:b", "ring:p:2:voice:c", "ring:p:2:sms:a")
    assert ways_lost(keys, "sms") == ("a", "b")
