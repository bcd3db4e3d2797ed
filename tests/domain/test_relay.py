"""What of a room's talk is for the other rooms of its incident."""

import pytest

from domain.relay import Relay, is_direct_question

PEOPLE = frozenset({"bob", "anna.k"})


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("@bob please restart the coordinator", True),
        ("thanks @Bob.", True),
        ("can you look, @anna.k", True),
        ("can you look? @dora", True),
        ("who has the pager, @dora?", True),
        ("@dora thanks", False),
        ("who has the pager?", False),
        ("anybody? @here", False),
        ("@tocsin who is on call?", False),
        ("see https://example.com/?q=@dora", False),
        ("mail bob@example.com?", False),
        ("", False),
    ],
)
def test_a_direct_question_names_who_works_on_it_or_asks_somebody_by_name(text, asked):
    """A group, Tocsin itself, an e-mail address and a link are nobody."""
    assert is_direct_question(text, PEOPLE) is asked


def test_on_a_bridge_everything_goes_on():
    """Without one, what is asked of somebody does."""
    assert Relay(incident="INC-1", everything=True).takes("lunch")
    assert not Relay(incident="INC-1", people=PEOPLE).takes("lunch")
