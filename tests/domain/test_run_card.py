"""What a run's card says at each point, and what can be pressed on it."""

from typing import Any

import pytest

from domain.message import buttons
from domain.plain import plain
from domain.run import Run
from domain.run_card import run_card
from domain.runbook import Action
from tests.domain.test_run import AT, run

UNDO = {"undo": Action(manual="put it back")}
DONE = {"status": "succeeded", "attempt": 1, "finished_at": AT}


def shown(made: Run) -> tuple[str, list[str]]:
    """The words of its card, and its buttons."""
    card = run_card(made, {"bob": "Bob"})
    return plain(card), [one.label for one in buttons(card)]


def stands(
    status: Any, first: dict[str, Any], *, undoing: bool = False, closed: bool = False
) -> Run:
    """A run of two steps of which the first is so, and can be undone."""
    made = run({"action": Action(manual="look there")} | UNDO, {}).having(1, **first)
    return made.being(status, "why", undoing=undoing, closed=closed)


@pytest.mark.parametrize(
    ("made", "head", "words", "labels"),
    [
        (stands("running", {}), "▶ Running · R", "", ["Pause", "Stop"]),
        (stands("running", {"status": "asks"}), "▶ Running", "look there",
         ["Done", "Pause", "Stop"]),
        (stands("running", {"status": "asks", "undoing": True}, undoing=True), "↩ Undoing",
         "put it back", ["Done", "Pause", "Stop"]),
        (stands("running", {"status": "running", "output_tail": "half"}), "▶ Running",
         "Step 1 says so far:", ["Pause", "Stop"]),
        (stands("running", DONE | {"output_tail": "all of it"}), "▶ Running", "all of it",
         ["Pause", "Stop"]),
        (stands("paused", DONE), "⏸ Paused", "Paused: why.", ["Go on", "Stop", "Undo…"]),
        (stands("failed", DONE | {"status": "failed", "detail": "ended with 1"}), "✖ Failed",
         "ended with 1", ["Do it again", "Skip it", "Undo…", "Stop"]),
        (stands("unknown", DONE | {"status": "unknown"}), "❓ Nobody knows", "nobody knows",
         ["It was done", "Do it again", "Skip it", "Undo…", "Stop"]),
        (stands("failed", {"status": "skipped"}, closed=True), "■ Stopped", "Why.", []),
        (stands("succeeded", DONE, closed=True), "✅ Done", "", ["Undo…"]),
        (stands("undone", {"status": "undone"}, closed=True), "↩ Undone", "undone", []),
    ],
)  # fmt: skip
def test_what_the_card_says_and_offers(made: Run, head: str, words: str, labels: list[str]):
    """At each point what a person can do now, and nothing else."""
    told, found = shown(made)
    assert told.startswith(head)
    assert words in told
    assert found == labels


def test_a_long_run_shows_where_it_is():
    """Fifteen steps of it, with the one at work; of long output the end, and how much is not
    shown."""
    made = run(*({} for _ in range(40)), approval="APR-1")
    for number in range(1, 30):
        made = made.having(number, **DONE)
    said = "\n".join(f"line {n}" for n in range(30))
    told, _ = shown(made.having(29, output_tail=said).having(30, status="running", attempt=2))
    assert "30. s30 · try 2" in told
    assert "1. s1\n" not in told
    assert "[18 lines before]" in told
    assert "agreed to by APR-1" in told
