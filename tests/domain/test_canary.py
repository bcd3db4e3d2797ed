"""When a way to somebody is tried: by day, by their own clock."""

from datetime import datetime

import pytest

from domain.canary import next_working_hour


@pytest.mark.parametrize(
    ("at", "zone", "tried"),
    [
        ("2026-11-23T12:30+00:00", "UTC", "2026-11-23T12:30+00:00"),
        ("2026-11-23T18:30+00:00", "UTC", "2026-11-24T09:30+00:00"),
        ("2026-11-27T17:00+00:00", "UTC", "2026-11-30T09:00+00:00"),  # over the weekend
        ("2026-11-23T12:30+00:00", "America/Los_Angeles", "2026-11-23T17:30+00:00"),
    ],
)
def test_nobody_is_reminded_out_of_hours(at: str, zone: str, tried: str) -> None:
    """It waits for nine to five of a working day."""
    found = next_working_hour(datetime.fromisoformat(at), zone)
    assert found == datetime.fromisoformat(tried)
