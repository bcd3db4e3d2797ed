"""Which page waits for others, and which of them a message lists."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.bundle import Lately, held_until, is_held, rings_in
from domain.bundle_card import BundleRow, BundleView, bundle_card
from domain.paging import Page
from domain.plain import plain
from domain.severity import Severity
from tests.fakes.incidents import down

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PAGE = Page(
    id="p1",
    incident="INC-1",
    user="bob",
    escalation="e1",
    step=0,
    urgency="high",
    why="on call",
    bundle="s1",
    created_at=NOW,
)


@pytest.mark.parametrize(
    ("severity", "service", "lately", "held_for"),
    [
        ("SEV2", "trino", Lately(), None),
        ("SEV2", "trino", Lately(rung_at=NOW), 60),
        ("SEV2", "trino", Lately(rung_at=NOW - 59 * SECOND), 1),
        ("SEV2", "trino", Lately(rung_at=NOW - 60 * SECOND), None),
        ("SEV5", "trino", Lately(waiting=NOW + 7 * SECOND), 7),
        # whoever sends the list is late: it is sent with what came meanwhile
        ("SEV2", "trino", Lately(waiting=NOW - 7 * SECOND), -7),
        ("SEV1", "trino", Lately(waiting=NOW + 7 * SECOND), None),
        ("SEV1", "trino", Lately(rung_at=NOW, services=frozenset({"kafka"})), None),
        ("SEV1", "trino", Lately(rung_at=NOW, services=frozenset({"trino"})), 60),
        ("SEV1", None, Lately(rung_at=NOW, services=frozenset({"trino"})), None),
    ],
)
def test_how_long_a_page_waits(
    severity: str, service: str | None, lately: Lately, held_for: int | None
) -> None:
    """The first never, the worst of another service never; others until the minute is over."""
    until = held_until(Severity(severity), service, lately, NOW)
    assert until == (None if held_for is None else NOW + held_for * SECOND)


@pytest.mark.parametrize(
    ("change", "asked", "held"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"escalation": None}, True, False),
        ({"escalation": None}, False, False),
        ({"escalation": None, "urgency": "low"}, False, True),
    ],
)
def test_what_a_person_asked_for_rings_at_once(
    change: dict[str, object], asked: bool, held: bool
) -> None:
    """By name or by a policy: that is no bundle."""
    assert is_held(PAGE.model_copy(update=change), asked=asked) is held


@pytest.mark.parametrize(
    ("change", "first", "later"),
    [
        ({}, True, True),
        ({"next_at": NOW + SECOND}, True, True),
        ({"next_at": NOW}, True, False),
        ({"state": "acked"}, False, False),
        ({"state": "expired"}, False, False),
        ({"bundle": None}, False, False),
        ({"bundle": "s2"}, False, False),
    ],
)
def test_what_a_message_lists(change: dict[str, object], first: bool, later: bool) -> None:
    """What waits for an answer; again only until somebody else is rung."""
    page = PAGE.model_copy(update=change)
    assert (rings_in(page, "s1", 0, NOW), rings_in(page, "s1", 3, NOW)) == (first, later)


INCIDENT = down(NOW)


@pytest.mark.parametrize(
    ("page", "more", "head", "line"),
    [
        ({}, 0, "1 page still wait for you, the worst SEV2", "● SEV2 down · INC-1"),
        ({"state": "passed"}, 0, "nothing of this list waits", "○ INC-1: you passed this on"),
        ({"state": "passed"}, 1, "1 page not listed here wait for you", "you passed this on"),
        ({"state": "acked", "ended_by": "bob"}, 0, "nothing of this list", "◐ INC-1 is yours"),
        ({"state": "acked", "ended_by": "carol"}, 0, "nothing of", "◐ INC-1: taken by Carol"),
    ],
)
def test_a_list_says_what_became_of_each(
    page: dict[str, object], more: int, head: str, line: str
) -> None:
    """And goes on asking for those that had no room on it."""
    row = BundleRow(page=PAGE.model_copy(update=page), incident=INCIDENT, ended_by="Carol")
    card = bundle_card(BundleView(bundle="s1", k=1, rows=(row,), more=more))
    told = plain(card)
    assert head in told.split("\n")[0]
    assert line in told
    assert card.urgency == ("page" if more or not page else "quiet")
