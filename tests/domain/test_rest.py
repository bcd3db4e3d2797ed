"""Who is awake is rung by chat alone; what can wait keeps out of quiet hours."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from domain.contact import ContactMethod, ring_plan
from domain.rest import (
    calm_over,
    is_dm_only,
    is_new_service,
    low_time,
    may_mail,
    quiet_hours,
)
from domain.severity import Severity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KINDS = ("chat", "push", "email", "sms", "voice")
METHODS = [
    ContactMethod.model_validate({"kind": kind, "address": "a", "verified": True}) for kind in KINDS
]


@pytest.mark.parametrize(
    ("minutes", "severity", "new_service", "expected"),
    [
        (None, "SEV2", True, False),  # never said so
        (-1, "SEV2", True, False),  # that was before
        (0, "SEV2", True, False),  # just over
        (1, "SEV2", True, True),
        (1, "SEV3", False, True),
        (1, "SEV1", False, True),  # of a service they are at already
        (1, "SEV1", True, False),  # this wakes everybody
    ],
)
def test_who_is_awake_is_written_to_only(minutes, severity, new_service, expected):
    """But for a SEV1 of a service that is new to them."""
    until = None if minutes is None else NOON + minutes * MINUTE
    given = is_dm_only(until, NOON, Severity(severity), new_service=new_service)
    assert given is expected


def test_a_service_is_new_to_who_works_on_none_of_it():
    """A nameless one always is."""
    assert is_new_service("trino", {"kafka"})
    assert not is_new_service("trino", {"kafka", "trino"})
    assert is_new_service(None, {"kafka"})


@pytest.mark.parametrize(
    ("outside", "left", "expected"),
    [
        (0, 0, False),  # the built-in chat is where they look
        (1, 1, False),
        (2, 1, False),  # one refused, another is there
        (1, 0, True),  # none is left: a page must ring
    ],
)
def test_a_letter_stands_in_only_where_no_chat_is_left(outside, left, expected):
    """Whoever is awake looks at their chat."""
    assert may_mail(outside=outside, left=left) is expected


def test_the_plan_of_who_is_awake_is_chat_for_as_long():
    """Afterwards every method has its place again, at the minutes it always had."""
    plan = list(islice(ring_plan("high", METHODS, 6 * MINUTE), 7))
    found = [(one.after // MINUTE, one.kind) for one in plan]
    assert found == [
        (0, "chat"),
        (3, "chat"),
        (4, "chat"),
        (5, "chat"),
        (6, "chat"),
        (6, "sms"),
        (7, "chat"),
    ]


def test_nobody_without_a_chat_is_forgotten():
    """Their first ring comes when the time is over, however long it is."""
    plan = ring_plan("high", [one for one in METHODS if one.kind == "sms"], 240 * MINUTE)
    assert next(plan).after == 241 * MINUTE


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("22-07", "22:00-07:00"),
        ("22:30 – 6:45", "22:30-06:45"),
        ("0-6", "00:00-06:00"),
        ("18-24", "18:00-00:00"),
        ("12-13", "12:00-13:00"),
    ],
)
def test_hours_as_people_type_them(typed, kept):
    """And read back as they are kept."""
    assert str(quiet_hours(typed)) == kept
    assert str(quiet_hours(kept)) == kept


@pytest.mark.parametrize("typed", ["", "22", "22-22", "25-07", "22:60-07", "late", "07-22", "8-18"])
def test_hours_that_mean_nothing_or_leave_nothing(typed):
    """What can wait must be told at some time."""
    with pytest.raises(ValueError, match="type hours like 22-07"):
        quiet_hours(typed)


@pytest.mark.parametrize(
    ("at", "zone", "calm"),
    [
        ("2026-11-23T21:59+00:00", "UTC", "2026-11-23T21:59+00:00"),
        ("2026-11-23T22:00+00:00", "UTC", "2026-11-24T07:00+00:00"),
        ("2026-11-24T06:59+00:00", "UTC", "2026-11-24T07:00+00:00"),
        ("2026-11-24T07:00+00:00", "UTC", "2026-11-24T07:00+00:00"),
        ("2026-11-23T21:30+00:00", "Europe/Berlin", "2026-11-24T06:00+00:00"),
        ("2026-10-24T22:30+00:00", "Europe/Berlin", "2026-10-25T06:00+00:00"),  # clocks go back
    ],
)
def test_what_can_wait_comes_when_quiet_is_over(at, zone, calm):
    """By the person's own clock."""
    found = calm_over(datetime.fromisoformat(at), quiet_hours("22-07"), zone)
    assert found == datetime.fromisoformat(calm)


def test_low_urgency_is_told_at_work_and_not_in_quiet_hours():
    """A long lunch, an early evening, a weekend."""
    lunch = quiet_hours("11:30-13")
    assert low_time(NOON, lunch, "UTC") == NOON + 60 * MINUTE
    assert low_time(NOON, quiet_hours("10-09"), "UTC") == datetime(2026, 11, 24, 9, tzinfo=UTC)
    friday = datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert low_time(friday, quiet_hours("16-10"), "UTC") == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert low_time(NOON, None, "UTC") == NOON
