"""Local times become instants by one rule: the first moment that shows them or a later one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.wall_clock import Instant, ZoneName, instant, wall_clock

MINUTE = timedelta(minutes=1)
# Around a change of each sort: an hour, half an hour, two hours, at midnight, a whole day.
CHANGES = [
    ("America/Chicago", datetime(2026, 3, 8, 8, tzinfo=UTC)),
    ("America/Chicago", datetime(2026, 11, 1, 7, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2019, 2, 17, 2, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2026, 1, 1, tzinfo=UTC)),
]


def first_showing(reading: datetime) -> datetime:
    """The slow rule: walk minute by minute from two days before until the clock shows it."""
    at = reading.replace(tzinfo=UTC) - timedelta(days=2)
    while at.astimezone(reading.tzinfo).replace(tzinfo=None) < reading.replace(tzinfo=None):
        at += MINUTE
    return at


@given(change=st.sampled_from(CHANGES), minutes=st.integers(-1600, 1600))
@settings(deadline=None, max_examples=150)
def test_an_instant_is_the_first_moment_that_shows_the_reading(change, minutes):
    """Skipped times become the moment of the change, repeated ones their first occurrence."""
    zone, at = change
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + minutes * MINUTE
    reading = local.replace(tzinfo=ZoneInfo(zone))
    assert instant(reading) == first_showing(reading)


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        ("2026-03-08T02:30", "America/Chicago", "2026-03-08T08:00+00:00"),
        ("2026-11-01T01:30", "America/Chicago", "2026-11-01T06:30+00:00"),
        ("2026-10-04T02:10", "Australia/Lord_Howe", "2026-10-03T15:30+00:00"),
        ("2018-11-04T00:00", "America/Sao_Paulo", "2018-11-04T03:00+00:00"),
        ("2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00+00:00"),
        ("2026-07-01T09:00", "Europe/Berlin", "2026-07-01T07:00+00:00"),
    ],
)
def test_known_readings(local, zone, expected):
    """Well-known changes come out as their zone's history says."""
    reading = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    assert instant(reading).isoformat(timespec="minutes") == expected


def test_a_wall_clock_shows_local_time():
    """The clock of a zone shows an instant with the zone's own offset."""
    shown = wall_clock(datetime(2026, 7, 1, 7, tzinfo=UTC), "Europe/Berlin")
    assert shown.isoformat() == "2026-07-01T09:00:00+02:00"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "America", ""])
def test_an_unknown_zone_is_refused_with_an_example(name):
    """Whoever mistypes a zone is told how one looks."""
    with pytest.raises(ValidationError, match="write one like Europe/Berlin"):
        TypeAdapter(ZoneName).validate_python(name)


def test_instants_arrive_in_utc():
    """An offset is understood and normalised; a time without one is refused."""
    read = TypeAdapter(Instant)
    assert read.validate_python("2026-07-01T09:00+02:00") == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert read.validate_python("2026-07-01T09:00+02:00").tzinfo is UTC
    with pytest.raises(ValidationError):
        read.validate_python("2026-07-01T09:00")
