"""When a schedule changes hands, who takes over from whom, and when it is day for all of them."""

from datetime import UTC, datetime, time, timedelta

import pytest

from domain.handoff import calm_for_all, next_change, told_at
from domain.restriction import Restriction
from domain.rotation import Rotation
from domain.schedule import Layer, Schedule

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
OFFICE = Restriction(starts=time(9), ends=time(17))
DAY = timedelta(days=1)


def schedule(*people: str, hours: tuple[Restriction, ...] = ()) -> Schedule:
    """Each for a day from midnight on, in their order."""
    rotation = Rotation(
        kind="daily",
        start=MONDAY.replace(tzinfo=None),
        timezone="UTC",
        participants=tuple((one,) for one in people),
    )
    layer = Layer(name="first", rotation=rotation, restrictions=hours)
    return Schedule(id="s", name="S", team="t", timezone="UTC", layers=(layer,))


def test_whoever_goes_on_call_takes_over_from_whom_was_there() -> None:
    """At the turn, or with the opening of the office from whoever had it last."""
    found = next_change(schedule("bob", "carol"), MONDAY)
    assert found
    assert (found.starts, found.coming, found.leaving) == (MONDAY + DAY, ("carol",), ("bob",))
    office = next_change(schedule("bob", "carol", hours=(OFFICE,)), MONDAY + timedelta(hours=10))
    assert office
    assert office.starts == MONDAY + DAY + timedelta(hours=9)
    assert (office.coming, office.leaving) == (("carol",), ("bob",))


@pytest.mark.parametrize("hours", [(), (OFFICE,)])
def test_who_is_alone_hands_nothing_over(hours: tuple[Restriction, ...]) -> None:
    """Nor does somebody who comes back each morning to what was theirs in the evening."""
    assert next_change(schedule("bob", hours=hours), MONDAY + timedelta(hours=10)) is None


@pytest.mark.parametrize(
    ("starts", "told"),
    [
        ("2026-11-24T09:00+00:00", "2026-11-24T08:45+00:00"),
        ("2026-11-24T00:00+00:00", "2026-11-23T21:45+00:00"),  # in the evening before
        ("2026-11-24T06:00+00:00", "2026-11-23T21:45+00:00"),
        ("2026-11-24T23:00+00:00", "2026-11-24T21:45+00:00"),
    ],
)
def test_nobody_is_told_at_night(starts: str, told: str) -> None:
    """A quarter of an hour before, or before they sleep."""
    assert told_at(datetime.fromisoformat(starts), "UTC") == datetime.fromisoformat(told)


@pytest.mark.parametrize(
    ("zones", "calm"),
    [
        (("UTC",), "2026-11-23T08:00+00:00"),
        (("UTC", "America/Los_Angeles"), "2026-11-23T16:00+00:00"),
        # there is no hour at which it is day in all three
        (("UTC", "Asia/Shanghai", "America/Los_Angeles"), "2026-11-25T00:00+00:00"),
    ],
)
def test_all_are_asked_by_day_where_their_days_meet(zones: tuple[str, ...], calm: str) -> None:
    """Else it is day for the last of them, and not put off for ever."""
    assert calm_for_all(MONDAY, zones) == datetime.fromisoformat(calm)
