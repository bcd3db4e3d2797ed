"""What a page says after it was answered."""

from datetime import timedelta

import pytest

from domain.incident import Status
from domain.message import buttons
from domain.page_card import PageView, page_card
from domain.paging import Page
from domain.plain import plain
from tests.fakes.incidents import down
from tests.fakes.stores import NOON

INCIDENT = down(NOON)
PAGE = Page(
    id="p1",
    incident="INC-1",
    user="bob",
    escalation="e1",
    step=0,
    urgency="high",
    why="on call",
    created_at=NOON,
)
SILENT, SNOOZED = NOON + timedelta(minutes=30), NOON + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("page", "view", "told"),
    [
        ({"state": "acked", "ended_by": "bob"}, {"ended_by": "Bob"},
         "◐ Yours, Bob. Escalation stopped."),
        ({"state": "acked", "ended_by": "bob"}, {"ended_by": "Bob", "rung_again_at": SILENT},
         "Rung again at 13:30 if nothing happens."),
        ({"state": "acked", "ended_by": "bob"},
         {"ended_by": "Bob", "rung_again_at": SILENT, "snoozed_until": SNOOZED},
         "Rung again at 13:10, as you asked."),
        ({"state": "acked", "ended_by": "carol"}, {"ended_by": "Carol"},
         "◐ Taken by Carol. Nothing to do."),
        ({"state": "passed"}, {}, "You passed this on."),
        ({"state": "passed", "next": "Carol"}, {}, "You passed this on. Carol is paged."),
        ({"state": "expired"}, {}, "This page has ended: a newer one stands below"),
        ({}, {"incident": INCIDENT.model_copy(update={"status": Status.RESOLVED})},
         "○ INC-1 is resolved. Nothing to do."),
    ],
)  # fmt: skip
def test_a_page_says_how_it_ended(
    page: dict[str, object], view: dict[str, object], told: str
) -> None:
    """By the reader's own clock."""
    usual = {"incident": INCIDENT, "zone": "Europe/Berlin", "alerts": 1}
    made = PageView.model_validate(usual | view | {"page": PAGE.model_copy(update=page)})
    card = page_card(made)
    assert told in plain(card)
    assert "page ack" not in {one.id for one in buttons(card)}
