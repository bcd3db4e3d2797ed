"""Days of a calendar: whole weeks, months of any shape, and days that are shorter or longer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.day_grid import View, bands, moved, rows_of

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("view", "on", "first", "weeks", "days"),
    [
        ("day", date(2026, 11, 28), date(2026, 11, 28), 1, 1),
        ("week", date(2026, 11, 28), date(2026, 11, 23), 1, 7),
        ("week", date(2026, 11, 23), date(2026, 11, 23), 1, 7),
        ("month", date(2026, 11, 28), date(2026, 10, 26), 6, 7),
        ("month", date(2027, 2, 3), date(2027, 2, 1), 4, 7),  # exactly four weeks
        ("month", date(2026, 12, 31), date(2026, 11, 30), 5, 7),
    ],
)
def test_what_a_view_shows(view: View, on: date, first: date, weeks: int, days: int) -> None:
    """Whole weeks from Monday on, one after the other without a hole."""
    found = bands(view, on, BERLIN)
    assert (found[0].days[0].on, len(found)) == (first, weeks)
    assert all(len(one.days) == days for one in found)
    assert [one.ends for one in found[:-1]] == [one.starts for one in found[1:]]
    assert any(day.on == on for one in found for day in one.days)


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 28), 24)]
)
def test_a_day_is_as_long_as_its_clock_makes_it(on: date, hours: int) -> None:
    """Spring forward, fall back."""
    (band,) = bands("day", on, BERLIN)
    assert band.ends - band.starts == hours * HOUR
    assert band.place(band.starts + hours * HOUR / 2) == 0.5
    assert (band.place(band.starts - HOUR), band.place(band.ends + HOUR)) == (0, 1)


def test_a_midnight_that_does_not_exist_is_the_moment_of_the_change() -> None:
    """Cairo skips it each spring."""
    (band,) = bands("day", date(2026, 4, 24), "Africa/Cairo")
    assert band.starts == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert band.ends - band.starts == 23 * HOUR


@pytest.mark.parametrize(
    ("view", "by", "there"),
    [
        ("day", 1, date(2027, 1, 1)),
        ("week", -1, date(2026, 12, 24)),
        ("month", 1, date(2027, 1, 1)),
        ("month", -1, date(2026, 11, 1)),
        ("month", -12, date(2025, 12, 1)),
    ],
)
def test_on_and_back(view: View, by: int, there: date) -> None:
    """By days, weeks and months."""
    assert moved(view, date(2026, 12, 31), by) == there


def test_what_overlaps_stands_in_rows() -> None:
    """As few as are needed, and a row is free again when its span ends."""
    at = [datetime(2026, 11, 1, hour, tzinfo=UTC) for hour in range(6)]
    spans = [(at[0], at[3]), (at[0], at[1]), (at[1], at[2]), (at[2], at[5]), (at[3], at[4])]
    assert rows_of(spans) == (0, 1, 1, 1, 0)
    assert rows_of([]) == ()
