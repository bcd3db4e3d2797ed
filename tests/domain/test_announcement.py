"""What is told as a message of its own: news, and who did not answer and who is rung now."""

from datetime import timedelta

import pytest

from domain.announcement import NOBODY, Asked, announcement
from domain.errors import Permanent
from domain.facts import Entry
from domain.paging import Page
from domain.plain import plain
from tests.fakes.incidents import down
from tests.fakes.stores import NOON

FIVE = timedelta(minutes=5)
INCIDENT = down(NOON)
NAMES = {"bob": "Bob", "carol": "Carol", "dave": "Dave"}


def entry(kind: str) -> Entry:
    """Of the policy's second round, five minutes after the first."""
    payload = {"escalation": "e1", "policy": "web", "step": "step 2"}
    told = {"id": "f1", "subject": "incident:INC-1", "at": NOON + FIVE, "by": "tocsin"}
    return Entry.model_validate(told | {"kind": kind, "version": 1, "payload": payload})


def page(user: str, minutes: int = 5, next_user: str | None = None) -> Page:
    """Made so many minutes after noon; whoever is next is rung five minutes later."""
    made = NOON + timedelta(minutes=minutes)
    return Page(
        id=user, incident="INC-1", user=user, escalation="e1", step=0, urgency="high",
        why="on call", next=next_user, next_at=made + FIVE, created_at=made,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "pages", "told"),
    [
        ("escalation_stepped", [page("bob", 0), page("carol")],
         "No ack from Bob. Carol is paged now."),
        ("escalation_stepped", [page("bob", 0), page("carol"), page("dave", 5)],
         "No ack from Bob. Carol, Dave are paged now."),
        ("escalation_stepped", [page("bob", 0), page("carol", 5, "Dave")],
         "No ack from Bob. Carol is paged now, Dave at 12:10 UTC."),
        ("escalation_exhausted", [page("bob", 0), page("carol")],
         "I ring Carol every 5 min until one acks."),
    ],
)  # fmt: skip
def test_who_did_not_answer_and_who_is_rung_now(kind: str, pages: list[Page], told: str) -> None:
    """By name, with the time at which the next follows."""
    assert told in plain(announcement(INCIDENT, entry(kind), NAMES, Asked(pages=tuple(pages))))


@pytest.mark.parametrize("asked", [NOBODY, Asked(pages=(page("bob", 0),))])
def test_a_round_in_which_nobody_was_on_call_names_nobody(asked: Asked) -> None:
    """It still says that the policy has gone on."""
    told = plain(announcement(INCIDENT, entry("escalation_stepped"), NAMES, asked))
    assert "No answer in time" in told
    assert "Bob" not in told
    assert "step 2" in told


def test_what_is_no_news_makes_no_noise() -> None:
    """It is refused for good, whoever asked for it."""
    with pytest.raises(Permanent, match="belongs on the card"):
        announcement(INCIDENT, entry("alert_attached"), NAMES)
