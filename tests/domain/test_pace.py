"""What a room gets, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pace import (
    BURST,
    MESSAGES_APART_S,
    Pace,
    is_storm,
    morning_of,
    next_edit,
    reminder_time,
)
from domain.severity import Severity

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@given(st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=60))
def test_no_room_gets_more_than_a_burst_and_one_a_second(waits):
    """Whoever asks at any times: in any stretch at most a burst more than its seconds."""
    now, pace, sent = 0.0, Pace(), []
    for wait in waits:
        now += wait
        if pace.wait(now) == 0:
            pace = pace.taken(now)
            sent.append(now)
    for begin, first in enumerate(sent):
        for end in range(begin, len(sent)):
            allowed = BURST + (sent[end] - first) / MESSAGES_APART_S
            assert end - begin + 1 <= allowed + 1e-6


def test_a_room_that_was_asked_to_be_left_alone_is():
    """Until the platform said; a shorter word does not open it."""
    pace = Pace().shut(30.0).shut(10.0)
    assert pace.wait(0.0) == 30.0
    assert pace.wait(30.0) == 0.0
    assert not pace.is_idle(29.0)
    assert pace.is_idle(30.0)


@pytest.mark.parametrize(
    ("before", "wait"), [(None, 0), (0 * SECOND, 2), (1 * SECOND, 1), (5 * SECOND, 0)]
)
def test_edits_are_two_seconds_apart(before, wait):
    """The first is drawn at once."""
    edited = None if before is None else NOON - before
    assert next_edit(edited, NOON) == NOON + wait * SECOND


def test_twenty_in_a_minute_are_enough():
    """The next is one of a storm."""
    assert [is_storm(19), is_storm(20)] == [False, True]


@pytest.mark.parametrize(
    ("severity", "at", "zone", "due"),
    [
        (Severity.SEV3, "2026-11-21 12:00", "UTC", "2026-11-21 12:00"),
        (Severity.SEV3, "2026-11-21 21:59", "UTC", "2026-11-21 21:59"),
        (Severity.SEV3, "2026-11-21 22:00", "UTC", "2026-11-22 08:00"),
        (Severity.SEV3, "2026-11-21 03:00", "UTC", "2026-11-21 08:00"),
        (Severity.SEV4, "2026-11-21 21:30", "Europe/Berlin", "2026-11-22 07:00"),
        (Severity.SEV2, "2026-11-21 03:00", "UTC", "2026-11-21 03:00"),
    ],
)
def test_what_is_not_grave_reminds_nobody_at_night(severity, at, zone, due):
    """Night is that of whoever leads."""
    asked, answer = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (at, due))
    assert reminder_time(severity, asked, zone) == answer


@pytest.mark.parametrize(
    ("at", "zone", "due"),
    [
        ("2026-11-21 12:00", "UTC", "2026-11-21 12:00"),
        ("2026-11-21 22:00", "UTC", "2026-11-22 09:00"),
        ("2026-11-21 07:59", "UTC", "2026-11-21 09:00"),
        ("2026-11-21 08:00", "UTC", "2026-11-21 08:00"),
        ("2026-03-28 23:30", "Europe/Berlin", "2026-03-29 07:00"),
        ("2026-11-21 12:00", "Asia/Tokyo", "2026-11-21 12:00"),
        ("2026-11-21 14:00", "Asia/Tokyo", "2026-11-22 00:00"),
    ],
)
def test_what_can_wait_is_told_at_nine(at, zone, due):
    """Where it is night; across a change of the clocks too."""
    asked, answer = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (at, due))
    assert morning_of(asked, zone) == answer
