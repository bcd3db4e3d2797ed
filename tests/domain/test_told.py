"""Channels and webhooks beside people: where they are, what they must not hear, what they see."""

from datetime import UTC, datetime

import pytest

from domain.escalation import Target
from domain.incident import Incident, Status
from domain.message import buttons
from domain.place import Place
from domain.plain import plain
from domain.severity import Severity
from domain.told import AskedView, asked_card, asked_key, places, webhook_letter, why_untold

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
INCIDENT = Incident(
    id="INC-1",
    number=1,
    title="checkout fails",
    stage="triage",
    severity=Severity.SEV1,
    declared_at=NOON,
    detected_at=NOON,
    impact_started_at=NOON,
    source="alertmanager",
    correlation_id="c",
)
PRIVATE = INCIDENT.model_copy(update={"private": True})
ELSEWHERE = Target(kind="channel", id="teams/ops")
OPS, BRIDGE = Target(kind="channel", id="ops"), Target(kind="webhook", id="bridge")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ops", [("slack", "ops"), ("console", "ops")]),
        ("slack/ops", [("slack", "ops")]),
        ("teams/ops", []),
    ],
)
def test_a_channel_is_on_every_platform_or_on_the_one_it_names(name, found):
    """By its name."""
    target = Target(kind="channel", id=name)
    expected = tuple(Place(platform=platform, room=room) for platform, room in found)
    assert places(target, ("slack", "console")) == expected


@pytest.mark.parametrize(
    ("target", "incident", "safe", "why"),
    [
        (OPS, INCIDENT, True, ""),
        (BRIDGE, INCIDENT, False, ""),
        (BRIDGE, INCIDENT, True, "safe mode is on"),
        (OPS, PRIVATE, False, "a private incident is shown to its members only"),
        (BRIDGE, PRIVATE, True, "a private incident is shown to its members only"),
        (ELSEWHERE, INCIDENT, False, "its chat is not set up here"),
    ],
)
def test_what_must_not_be_told(target, incident, safe, why):
    """Rules 2 and 30."""
    assert why_untold(target, incident, ("slack",), safe_mode=safe) == why


def test_the_card_asks_and_then_says_who_has_it():
    """One person follows, or several; afterwards there is nothing to press."""
    assert asked_key(INCIDENT.id) == "asked:INC-1"
    view = AskedView(incident=INCIDENT, step="step 1 of web")
    assert [one.label for one in buttons(asked_card(view))] == ["Ack", "Open"]
    assert "is paged" not in plain(asked_card(view))
    one = view.model_copy(update={"following": "Carol", "at": NOON})
    assert "Carol is paged at 2026-11-21 12:00 UTC unless somebody acks." in plain(asked_card(one))
    both = one.model_copy(update={"following": "Bob, Carol"})
    assert "Bob, Carol are paged at" in plain(asked_card(both))
    taken = view.model_copy(update={"taken_by": "Bob"})
    assert (buttons(asked_card(taken)), "Taken by Bob" in plain(asked_card(taken))) == ((), True)
    over = INCIDENT.model_copy(update={"status": Status.RESOLVED})
    done = asked_card(view.model_copy(update={"incident": over}))
    assert "INC-1 is resolved. Nothing to do." in plain(done)


def test_a_webhook_reads_where_to_look():
    """The step, and the address of the incident."""
    told = webhook_letter(AskedView(incident=INCIDENT, step="step 1 of web"), "https://t/INC-1")
    assert "Rung by step 1 of web." in plain(told)
    assert told.urgency == "page"
