"""A swap: who may answer it, what becomes of it, and what each of them reads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import NotAllowed, Refused, Stale
from domain.plain import plain
from domain.schedule import FinalShift
from domain.swap import Swap, Window, accepted, declined, withdrawn
from domain.swap_card import SwapView, swap_card, swap_ended

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHIFT = FinalShift("bob", "weekly", None, "", NOON, NOON + 9 * HOUR)
SWAP = Swap(
    id="SWP-1",
    schedule="web",
    asker="bob",
    time=Window(starts=NOON + HOUR, ends=NOON + 3 * HOUR),
    offered=("carol", "dave"),
)
NAMES = {"bob": "Bob", "carol": "Carol", "dave": "Dave"}


def accept(swap: Swap, user: str) -> Swap:
    """While it is Bob's to give."""
    return accepted(swap, user, (SHIFT,), NOON)


@pytest.mark.parametrize(
    ("answer", "swap", "user", "error", "told"),
    [
        (accept, SWAP, "alice", NotAllowed, "was not offered to you"),
        (declined, SWAP, "alice", NotAllowed, "was not offered to you"),
        (accept, declined(SWAP, "carol"), "carol", Stale, "You have declined SWP-1"),
        (declined, declined(SWAP, "carol"), "carol", Stale, "You have declined SWP-1"),
        (withdrawn, SWAP, "carol", NotAllowed, "Only whoever offered it"),
        (accept, withdrawn(SWAP, "bob"), "carol", Stale, "SWP-1 was withdrawn"),
        (declined, accept(SWAP, "carol"), "dave", Stale, "SWP-1 has been accepted"),
    ],
)
def test_who_cannot_answer_is_told_why(
    answer: Callable[[Swap, str], Swap], swap: Swap, user: str, error: type[Refused], told: str
) -> None:
    """And the swap stays as it is."""
    with pytest.raises(error, match=told):
        answer(swap, user)


def test_what_is_no_longer_theirs_to_give_is_not_taken() -> None:
    """The schedule changed meanwhile, or the time has begun."""
    with pytest.raises(Stale, match="fits the schedule no more"):
        accepted(SWAP, "carol", (), NOON)
    with pytest.raises(Stale, match="fits the schedule no more"):
        accepted(SWAP, "carol", (SHIFT,), NOON + HOUR)
    assert accept(SWAP, "carol").taken_by == "carol"


def test_a_time_ends_after_it_begins() -> None:
    """An empty one neither."""
    for ends in (NOON, NOON - HOUR):
        with pytest.raises(ValueError, match="it ends before it starts"):
            Window(starts=NOON, ends=ends)


def card(swap: Swap, reader: str) -> str:
    """As that person reads it."""
    return plain(swap_card(SwapView(swap=swap, schedule="Web", names=NAMES), reader))


def test_who_declined_reads_that_it_still_waits_for_others() -> None:
    """With nothing to press any more; who has not answered may."""
    swap = declined(SWAP, "carol")
    assert "You declined. Bob stays on call unless somebody else accepts." in card(swap, "carol")
    assert "[Accept]" not in card(swap, "carol")
    assert "[Accept]" in card(swap, "dave")
    everybody = declined(swap, "dave")
    assert "Nobody could accept SWP-1. Bob stays on call." in card(everybody, "carol")
    told = plain(swap_ended(SwapView(swap=everybody, schedule="Web", names=NAMES), "bob"))
    assert told.startswith("Nobody could accept SWP-1. You stay on call. Web: ")
