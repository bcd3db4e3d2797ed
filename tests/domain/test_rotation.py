"""Rotations hand over at the same local time, whatever the clocks do."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.rotation import Rotation, Shift, shift_at, shifts_between
from domain.wall_clock import instant, wall_clock

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "oncall_vectors"
needs_vectors = pytest.mark.skipif(
    not VECTORS.exists(), reason="../shared/data/oncall_vectors is not here"
)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNITS = {"hourly": HOUR, "daily": DAY, "weekly": 7 * DAY}
ZONES = [
    "America/Chicago",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Europe/Dublin",
    "Pacific/Apia",
    "UTC",
]


def rotation(kind="weekly", start="2026-03-02T09:00", zone="Europe/Berlin", **given) -> Rotation:
    """Bob, then Carol, then Dana and Erin together, unless told otherwise."""
    people = (("bob",), ("carol",), ("dana", "erin"))
    fields = {"kind": kind, "start": start, "timezone": zone, "participants": people, **given}
    return Rotation.model_validate(fields)


def utc(text: str) -> datetime:
    """An instant written without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at_local(text: str, zone: str) -> datetime:
    """The instant that a local time means."""
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def vectors(name: str) -> list[dict[str, Any]]:
    """The recorded cases of a file, none where it is not here."""
    path = VECTORS / name
    return json.loads(path.read_text()) if path.exists() else []


def of_kind(kind: str) -> list[dict[str, Any]]:
    """The rotation cases of one kind."""
    return [case for case in vectors("rotation_handoffs.json") if case["kind"] == kind]


def recorded(case: dict[str, Any]) -> Rotation:
    """The rotation that a recorded case describes."""
    given = case["rotation"]
    return rotation(
        given["type"], given["start_local"], case["timezone"], length=given["shift_length"]
    )


@needs_vectors
@pytest.mark.parametrize("case", of_kind("handoffs_between"), ids=lambda case: case["id"])
def test_recorded_handoffs(case):
    """The handoffs seen in a window are exactly the recorded ones, skipped hours included."""
    since, until = (at_local(text, case["timezone"]) for text in case["window_local"])
    seen = set()
    for shift in shifts_between(recorded(case), since, until + timedelta(seconds=1)):
        seen |= {shift.starts, shift.ends}
    assert sorted(seen) == [datetime.fromisoformat(text) for text in case["expected_handoffs"]]


@needs_vectors
@pytest.mark.parametrize("case", of_kind("shift_end"), ids=lambda case: case["id"])
def test_recorded_ends(case):
    """A shift that begins at a recorded time ends and lasts as recorded."""
    shift = shift_at(recorded(case), at_local(case["at_local"], case["timezone"]))
    shown = wall_clock(shift.ends, case["timezone"]).replace(tzinfo=None)
    assert shown.isoformat() == case["expected_end_local"]
    assert (shift.ends - shift.starts).total_seconds() == case["expected_duration_s"]


def weekly_shifts(case: dict[str, Any]) -> list[Shift]:
    """The shifts that begin before the case's threshold, from the one running now."""
    now, zone = utc(case["now_utc"]), case["timezone"]
    today = wall_clock(now, zone).replace(tzinfo=None)
    sunday = today.replace(hour=0, minute=0) - (today.weekday() + 1) % 7 * DAY
    start = sunday + timedelta(seconds=case["week_offset_events"][0]["start_s"])
    until = now + timedelta(days=case["auto_populate_threshold_days"])
    return list(shifts_between(rotation("weekly", start, zone), now, until))


@needs_vectors
@pytest.mark.parametrize("case", vectors("weekly_shifts.json"), ids=lambda case: case["id"])
def test_recorded_weeks(case):
    """Whole weeks come out in the recorded number and place, without a gap at a change."""
    shifts, expected = weekly_shifts(case), case["expected"]
    shown = [wall_clock(shift.starts, case["timezone"]) for shift in shifts]
    lengths = [(shift.ends - shift.starts).total_seconds() for shift in shifts]
    assert len(shifts) == expected["n_epochs"]
    assert all(one.ends == two.starts for one, two in pairwise(shifts))
    assert len({(clock.weekday(), clock.time()) for clock in shown}) == 1
    if "starts_local" in expected:
        starts = [clock.replace(tzinfo=None).isoformat(timespec="minutes") for clock in shown]
        assert starts == expected["starts_local"]
        assert lengths == expected["durations_s"]


def readings(rota: Rotation, until: datetime) -> Iterator[datetime]:
    """The local handoff times from the start on, one step after the other."""
    step = 0
    while (shown := step_from(rota, step)) <= until:
        yield shown
        step += 1


def step_from(rota: Rotation, step: int) -> datetime:
    """The slow rule for one handoff: add the units to the calendar."""
    if rota.kind != "monthly":
        return rota.start + step * rota.length * UNITS[rota.kind]
    year, month, day = rota.start.year, rota.start.month, rota.start.day
    for _ in range(step * rota.length):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    while True:
        try:
            return rota.start.replace(year=year, month=month, day=day)
        except ValueError:
            day -= 1


def walked(rota: Rotation, since: datetime, minutes: int) -> list[int]:
    """The shift's number at each minute: how many handoffs the clock has shown so far."""
    zone, latest, found = ZoneInfo(rota.timezone), rota.start, []
    handoffs = list(readings(rota, since.replace(tzinfo=None) + timedelta(minutes=minutes) + DAY))
    for minute in range(-1560, minutes):
        shown = (since + minute * MINUTE).astimezone(zone).replace(tzinfo=None)
        latest = max(latest, shown)
        if minute >= 0:
            found.append(sum(1 for handoff in handoffs if handoff <= latest) - 1)
    return found


@st.composite
def near_a_change(draw) -> tuple[Rotation, datetime]:
    """Any rotation, and a time after its start that lies close to a change of its zone."""
    zone = draw(st.sampled_from(ZONES))
    around = draw(st.sampled_from(changes_of(zone, 2010, 2031) or [utc("2026-01-01")]))
    at = around - draw(st.integers(0, 48)) * HOUR
    start = at.replace(tzinfo=None) - draw(st.integers(3 * 24 * 60, 10 * 24 * 60)) * MINUTE
    kind = draw(st.sampled_from(["hourly", "daily", "weekly", "monthly"]))
    length = draw(st.integers(1, 30 if kind == "hourly" else 2))
    return rotation(kind, start, zone, length=length), at


@cache
def changes_of(zone: str, first: int, last: int) -> list[datetime]:
    """Every instant in these years at which the zone's offset changes, to the minute.

    No zone ever changed twice within three days, so looking every third day misses none.
    """
    clock = ZoneInfo(zone)
    days = range(0, (last - first) * 366, 3)
    points = [datetime(first, 1, 1, tzinfo=UTC) + day * DAY for day in days]
    offsets = [point.astimezone(clock).utcoffset() for point in points]
    pairs = zip(pairwise(points), pairwise(offsets), strict=True)
    return [change_between(clock, low) for (low, _), (old, new) in pairs if old != new]


def change_between(clock: ZoneInfo, low: datetime) -> datetime:
    """The first minute within three days of ``low`` that has another offset."""
    old = low.astimezone(clock).utcoffset()
    minutes = range(3 * 24 * 60)
    later = bisect_left(
        minutes,
        True,
        key=lambda minute: (low + minute * MINUTE).astimezone(clock).utcoffset() != old,
    )
    return low + later * MINUTE


@given(near_a_change())
@settings(deadline=None, max_examples=40)
def test_the_shift_of_each_minute_is_what_a_walk_finds(case):
    """Over any change, the computed shift is that of a minute-by-minute walk of the clock."""
    rota, since = case
    minutes = 2 * 24 * 60
    shifts = list(shifts_between(rota, since, since + minutes * MINUTE))
    expected = walked(rota, since, minutes)
    for minute in range(0, minutes, 10):
        at = since + minute * MINUTE
        [shift] = [one for one in shifts if one.starts <= at < one.ends]
        assert shift.number == expected[minute]
        assert shift_at(rota, at) == shift


@given(near_a_change(), st.integers(-2000, 2000))
@settings(deadline=None)
def test_shifts_follow_each_other_without_gap_or_overlap(case, days):
    """Each shift has a length, begins where the last ended, and belongs to the next slot."""
    rota, at = case
    since = at + days * DAY
    shifts = list(shifts_between(rota, since, since + 3 * DAY))
    assert shifts[0].starts <= since < shifts[0].ends
    assert shifts[-1].starts < since + 3 * DAY <= shifts[-1].ends
    for one, two in pairwise(shifts):
        assert one.starts < one.ends == two.starts
        assert one.number < two.number
    assert all(shift.users == rota.participants[shift.number % 3] for shift in shifts)


def neighbours(kind: str, zone: str, around: datetime) -> Iterator[tuple[Rotation, datetime]]:
    """Rotations of a kind with a handoff from an hour before a change to an hour after."""
    shown = (around - HOUR).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for minutes in (0, 30, 60, 90, 120):
        start = shown + minutes * MINUTE
        yield rotation(kind, start - 28 * DAY, zone), start.replace(tzinfo=ZoneInfo(zone))


def test_every_change_of_every_zone():
    """At about 2,000 changes from 2026 to 2030 no handoff is lost, doubled or misplaced."""
    changes = [(zone, at) for zone in available_timezones() for at in changes_of(zone, 2026, 2031)]
    assert len(changes) > 1000
    for zone, around in changes:
        for kind in UNITS:
            for rota, reading in neighbours(kind, zone, around):
                due = instant(reading)
                shift, before = shift_at(rota, due), shift_at(rota, due - timedelta(seconds=1))
                assert before.starts < before.ends == shift.starts == due < shift.ends
                shown = wall_clock(due, zone)
                assert due == around or (shown == reading and shown.fold == 0)


def test_a_day_of_hours_is_a_day():
    """24 shifts of an hour, one of 24 hours and one of a day hand over together."""
    since, until = utc("2026-03-01T00:00"), utc("2026-12-01T00:00")
    start = "2026-02-01T02:30"
    daily = list(shifts_between(rotation("daily", start), since, until))
    assert daily == list(shifts_between(rotation("hourly", start, length=24), since, until))
    hours = {one.starts for one in shifts_between(rotation("hourly", start), since, until)}
    assert {shift.starts for shift in daily[1:]} <= hours


def test_slots_take_turns_and_may_hold_several_people():
    """Each shift belongs to the next slot, before the start as after it."""
    around = shifts_between(rotation(), utc("2026-02-18T00:00"), utc("2026-03-18T00:00"))
    assert [(shift.number, shift.users) for shift in around] == [
        (-2, ("carol",)),
        (-1, ("dana", "erin")),
        (0, ("bob",)),
        (1, ("carol",)),
        (2, ("dana", "erin")),
    ]


def test_nothing_lies_in_an_empty_window():
    """A window without length has no shifts, at a handoff as elsewhere."""
    at = shift_at(rotation(), utc("2026-05-01T00:00")).starts
    assert list(shifts_between(rotation(), at, at)) == []


def test_a_skipped_turn_has_no_shift():
    """The turn from 02:00 to 03:00 falls away on the night when that hour does."""
    night = list(
        shifts_between(
            rotation("hourly", "2026-03-01T00:00"), utc("2026-03-29T00:00"), utc("2026-03-29T02:00")
        )
    )
    assert [shift.number for shift in night] == [28 * 24 + 1, 28 * 24 + 3]


def test_the_second_pass_of_a_repeated_hour_belongs_to_what_has_begun():
    """Handing over at 02:30 in a night with two of them happens at the first, once."""
    rota = rotation("daily", "2026-10-01T02:30")
    first = utc("2026-10-25T00:30")
    assert shift_at(rota, first).starts == first
    assert shift_at(rota, first + 45 * MINUTE).starts == first
    assert shift_at(rota, first).ends - first == 25 * HOUR


def test_a_month_is_as_long_as_it_has_days():
    """A rotation from the 31st hands over on the last day of shorter months."""
    monthly = rotation("monthly", "2026-01-31T09:00", "UTC")
    shifts = shifts_between(monthly, utc("2026-02-01T00:00"), utc("2026-05-30T00:00"))
    starts = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert [shift.starts.date().isoformat() for shift in shifts] == starts


def test_far_shifts_are_computed():
    """A shift eighty years away is found like tomorrow's."""
    far = utc("2106-03-02T08:30")
    shift = shift_at(rotation("hourly"), far)
    assert (shift.starts, shift.ends) == (utc("2106-03-02T08:00"), utc("2106-03-02T09:00"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"zone": "Mars/Olympus"}, "unknown time zone 'Mars/Olympus'"),
        ({"start": "2026-03-02T09:00:30"}, "whole minute"),
        ({"start": "2026-03-02T09:00:00+01:00"}, "should not have timezone info"),
        ({"participants": ()}, "at least 1 item"),
        ({"participants": (("bob",), ())}, "at least 1 item"),
        ({"length": 0}, "greater than or equal to 1"),
        ({"kind": "yearly"}, "'hourly', 'daily', 'weekly' or 'monthly'"),
    ],
)
def test_impossible_rotations_are_refused(wrong, told):
    """What cannot be a rotation is refused with the reason."""
    with pytest.raises(ValidationError, match=told):
        rotation(**wrong)


def test_a_rotation_survives_storage():
    """A rotation read back from JSON is the same value."""
    rota = rotation("daily", "2026-03-02T09:00", "Asia/Kathmandu")
    assert shift_at(rota, utc("2026-05-05T05:00")).users == ("carol",)
    assert Rotation.model_validate_json(rota.model_dump_json()) == rota
