"""What each card of a rollback says, and what can be pressed on it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.message import buttons
from domain.plain import plain
from domain.rollback_card import RollbackView, lasted, rollback_card, update_key
from tests.domain.test_rollback import rolling
from tests.fakes.conditions import MINUTE
from tests.fakes.stores import NOON

WATCHED: dict[str, Any] = {"since": NOON, "until": NOON + 10 * MINUTE, "fired": 2}
DONE: dict[str, Any] = {
    "state": "done", "ended_at": NOON + 101 * MINUTE / 60, "took": timedelta(seconds=98),
    "pipeline": "Argo CD", "undo": "c_1",
}  # fmt: skip


def shown(part: Any, since: str = "approval", **told: Any) -> tuple[str, list[str]] | None:
    """The words of a card, and its buttons; None where there is none."""
    now = told.pop("now", NOON + MINUTE)
    names = {"bob": "Bob"}
    view = RollbackView(
        rollback=rolling(**told), now=now, since=since, names=names,
        meanwhile=told.get("meanwhile", ()),
    )  # fmt: skip
    card = rollback_card(view, part)
    return (plain(card), [one.label for one in buttons(card)]) if card else None


PROGRESS = [
    ({}, "⏳ Rolling back · trino prod", "v248 → v247."),
    ({"state": "running", "began_at": NOON}, "⏳ Rolling back", "1 m 0 s, at most 2 m 0 s usually"),
    (
        {"state": "running", "began_at": NOON, "now": NOON + 3 * MINUTE},
        "⏳ Still running, longer than usual · trino prod", "3 m 0 s",
    ),
    (
        {"state": "running", "asked": {"said": "run 31 is queued", "url": "https://h/31"}},
        "⏳ Rolling back", "v248 → v247: run 31 is queued. see it there",
    ),
    (
        {"state": "running", "asked": {"said": "odd", "url": "javascript:alert(1)"}},
        "⏳ Rolling back", "v248 → v247: odd.\n",
    ),
    ({"state": "failed", "approval": "APR-1"}, "Rollback · trino prod", "did nothing."),
    ({"state": "unknown", "began_at": NOON}, "Rollback · trino prod", "nobody saw how it ended."),
    (DONE, "Rollback · trino prod", "it went well."),
]  # fmt: skip


@pytest.mark.parametrize(("told", "head", "words"), PROGRESS)
def test_while_it_works(told: dict[str, Any], head: str, words: str) -> None:
    """For how long, and what the pipeline said last; never failed while it runs."""
    found = shown("progress", **told)
    assert found
    assert found[0].startswith(head)
    assert words in found[0]
    assert found[1] == []


ENDS = [
    (
        {"state": "failed", "detail": "no"},
        "trino prod was not rolled back, nothing was done: no.", [],
    ),
    (
        {"state": "unknown"}, "its answer was lost or no success. I will not ask again",
        ["It was rolled back", "It was not"],
    ),
    (
        DONE, "to v247: 1 m 41 s after approval (ours 3 s, Argo CD 1 m 38 s). DEP-14", ["Undo…"],
    ),
    ({"state": "done", "detail": "says Bob"}, "Rolled back trino prod to v247: says Bob.", []),
    (
        DONE | {"verification": WATCHED},
        "Alerts 2 → 2, watching until 2026-11-21 12:10 UTC. DEP-14", ["Keep", "Undo…"],
    ),
    (
        DONE | {"verification": WATCHED | {"fired": 0, "verdict": "kept", "by": "bob"}},
        ". Kept by Bob at", ["Undo…"],
    ),
    (
        DONE | {"verification": WATCHED | {"fired": 0, "verdict": "good", "why": "not seen"}},
        ": not seen. Nobody said keep: v247 stays.", ["Keep", "Undo…"],
    ),
    (
        DONE | {"verification": WATCHED | {"verdict": "undone", "why": "by DEP-15"}},
        "taken back by DEP-15.", [],
    ),
    (
        DONE | {"verification": WATCHED | {"verdict": "bad", "warned": True, "why": "x"}},
        "it is not well: x.", [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("told", "words", "labels"), ENDS)
def test_what_it_came_to(told: dict[str, Any], words: str, labels: list[str]) -> None:
    """With whose time it was, what was seen since, and what a person can decide."""
    found = shown("end", **told)
    assert found
    assert words in found[0]
    assert found[1] == labels


def test_a_card_is_there_where_there_is_a_reason() -> None:
    """No end before it ended; no warning unless it was bad once, which a decision does not take
    away."""
    assert shown("end") is None
    assert shown("alarm") is None
    assert shown("alarm", **DONE, verification=WATCHED) is None
    bad = WATCHED | {"verdict": "bad", "warned": True, "why": "x"}
    warning = shown("alarm", **DONE, verification=bad)
    assert warning
    assert warning[0].startswith("⚠ Not well after the rollback · trino prod")
    assert warning[1] == ["Keep", "Undo…"]
    over = shown("alarm", **DONE, verification=bad | {"verdict": "undone"})
    assert over
    assert over[1] == []
    assert (update_key("DEP-14"), update_key("DEP-14", "end")) == (
        "rollback:DEP-14", "rollback:DEP-14:end",
    )  # fmt: skip
    assert (lasted(timedelta(seconds=3)), lasted(timedelta(seconds=101))) == ("3 s", "1 m 41 s")


def test_what_others_do_meanwhile_is_said() -> None:
    """They are told apart from the rollback itself."""
    view = RollbackView(rollback=rolling(), now=NOON, meanwhile=("v249 (DEP-15, by github)",))
    card = rollback_card(view, "progress")
    assert card
    assert "Not this rollback, and on the same target: v249 (DEP-15, by github)." in plain(card)
