"""Restrictions name hours of the week on a local clock."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from domain.restriction import Restriction, windows

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def restriction(starts="00:00", ends="00:00", **given) -> Restriction:
    """A local window, every day unless told otherwise."""
    return Restriction.model_validate({"starts": starts, "ends": ends, **given})


def shown(since: str, until: str, *restrictions: Restriction, zone="UTC") -> list[str]:
    """The windows between two UTC times, as short text."""
    edges = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (since, until))
    found = windows(restrictions, zone, *edges)
    return [f"{one.starts:%a %d %H:%M} - {one.ends:%a %d %H:%M}" for one in found]


@pytest.mark.parametrize(
    ("restrictions", "expected"),
    [
        ([restriction("09:00", "17:00", weekdays=("mon",))], ["Mon 02 09:00 - Mon 02 17:00"]),
        ([restriction("22:00", "06:00", weekdays=("sun",))], ["Mon 02 00:00 - Mon 02 06:00"]),
        ([restriction("22:00", "06:00", weekdays=("tue",))], ["Tue 03 22:00 - Wed 04 00:00"]),
        ([restriction("12:00", "12:00", weekdays=("mon",))], ["Mon 02 12:00 - Tue 03 12:00"]),
        ([restriction()], ["Mon 02 00:00 - Wed 04 00:00"]),
        ([restriction(weekdays=("sat",))], []),
        (
            [
                restriction("09:00", "13:00", weekdays=("mon",)),
                restriction("12:00", "17:00", weekdays=WEEKDAYS),
            ],
            ["Mon 02 09:00 - Mon 02 17:00", "Tue 03 12:00 - Tue 03 17:00"],
        ),
    ],
)
def test_windows_of_two_days(restrictions, expected):
    """Windows belong to the day they start on, may cross midnight, and join where they meet."""
    assert shown("2026-03-02T00:00", "2026-03-04T00:00", *restrictions) == expected


def test_windows_follow_the_local_clock():
    """Nine in Tokyo is midnight in UTC, on Tokyo's weekday."""
    hours = restriction("06:00", "10:00", weekdays=("mon",))
    found = shown("2026-03-01T00:00", "2026-03-04T00:00", hours, zone="Asia/Tokyo")
    assert found == ["Sun 01 21:00 - Mon 02 01:00"]


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("02:15", "02:45", []),
        ("01:00", "02:30", ["Sun 29 00:00 - Sun 29 01:00"]),
        ("02:30", "04:00", ["Sun 29 01:00 - Sun 29 02:00"]),
    ],
)
def test_skipped_local_time_is_cut_out(starts, ends, expected):
    """In the night when 02:00 becomes 03:00 a window loses that hour, or all of itself."""
    hours = restriction(starts, ends, weekdays=("sun",))
    found = shown("2026-03-28T12:00", "2026-03-29T12:00", hours, zone="Europe/Berlin")
    assert found == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": "09:00:30"},
        {"starts": "09:00+02:00"},
        {"ends": "25:00"},
        {"weekdays": ()},
        {"weekdays": ("someday",)},
    ],
)
def test_impossible_windows_are_refused(wrong):
    """A window needs local times to the minute and known weekdays."""
    with pytest.raises(ValidationError):
        restriction(**wrong)
