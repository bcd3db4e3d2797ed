"""Times as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.when import completes, is_when, parse_duration, parse_when

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # 11:00 in Berlin


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """An instant in late 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("1d12h", timedelta(days=1, hours=12)),
        (" 1W 2D ", timedelta(days=9)),
        ("90s", timedelta(seconds=90)),
        ("0m", timedelta(0)),
        ("3660d", timedelta(days=3660)),
        ("3661d", None),  # over ten years
        ("30", None),
        ("half an hour", None),
        ("2hſ", None),  # a long s is no s
        ("", None),
        ("9" * 5000 + "h", None),
    ],
)
def test_durations(text, duration):
    """Numbers with units add up; anything else is no duration."""
    assert duration == parse_duration(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", FRIDAY),
        ("30m", FRIDAY + timedelta(minutes=30)),
        ("in 2h", FRIDAY + timedelta(hours=2)),
        ("18:00", utc(20, 17)),
        ("9", utc(21, 8)),  # nine is past today
        ("at 9pm", utc(20, 20)),
        ("9 pm", utc(20, 20)),
        ("12am", utc(20, 23)),
        ("12pm", utc(20, 11)),
        ("today 18:00", utc(20, 17)),
        ("today 9", None),  # past
        ("tomorrow", utc(21, 8)),  # nine in the morning
        ("tomorrow at 9", utc(21, 8)),
        ("fri 18:00", utc(20, 17)),  # still to come today
        ("Friday 9:30", utc(27, 8, 30)),
        ("mon", utc(23, 8)),
        ("thurs 7am", utc(26, 6)),
        ("2026-11-22T09:00Z", utc(22, 9)),
        ("2026-11-22 09:00", utc(22, 8)),
        ("2026-11-22T09:00+05:00", utc(22, 4)),
        ("2026-11-22", utc(21, 23)),
        ("0001-01-01", None),
        ("9999-12-31T23:59-14:00", None),
        ("25:00", None),
        ("18:75", None),
        ("13pm", None),
        ("0am", None),
        ("friyay 9", None),
        ("fri 18:00 sharp", None),
        ("fri teatime", None),
        ("soon", None),
        ("in", None),
        ("", None),
    ],
)
def test_when_in_berlin(text, instant):
    """A person in Berlin types a time on Friday at 11:00 and means this instant, or none."""
    assert instant == parse_when(text, FRIDAY, "Europe/Berlin")


def test_clock_follows_the_zone_over_a_change_to_summer_time():
    """Nine in the morning is nine on the wall, on both sides of the change."""
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert parse_when("9", saturday, "Europe/Berlin") == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "together"),
    [
        ("fri", "18:00", True),
        ("Tomorrow", "9", True),
        ("today", "9pm", True),
        ("2026-11-22", "09:00", True),
        ("30m", "9", False),
        ("fri", "checkout", False),
        ("fried", "9", False),
        ("checkout", "9", False),
    ],
)
def test_clock_completes_a_day(day, clock, together):
    """Two words are one time only where the first is a date and the second a clock."""
    assert together == completes(day, clock)


def test_is_when_needs_no_present():
    """Whether something is a time can be asked without knowing the time."""
    assert is_when("tomorrow 9")
    assert not is_when("checkout")


@given(st.text(max_size=30), st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]))
def test_no_text_raises(text, zone):
    """Whatever is typed is an instant in UTC or None."""
    found = parse_when(text, FRIDAY, zone)
    assert found is None or found.utcoffset() == timedelta(0)


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_iso_is_read_back(later):
    """An ISO time without a zone is the person's wall clock."""
    local = (FRIDAY + later).astimezone(ZoneInfo("Europe/Berlin")).replace(fold=0)
    typed = local.replace(tzinfo=None).isoformat()
    assert parse_when(typed, FRIDAY, "Europe/Berlin") == local.astimezone(UTC)
