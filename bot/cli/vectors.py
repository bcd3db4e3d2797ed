"""On-call vectors: what recorded rotations come to, in the fields that were expected of them.

A case of kind ``handoffs_between`` asks for every handoff of the shifts seen in a window, one of
kind ``shift_end`` for when a shift ends; one with ``week_offset_events`` asks for whole weeks, each
counted from Sunday's midnight, that begin before a threshold.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.rotation import Rotation, shift_at, shifts_between
from domain.wall_clock import instant, wall_clock

Case = Mapping[str, Any]
NOBODY = (("nobody",),)
DAY = timedelta(days=1)
MOMENT = timedelta(seconds=1)


def answered(case: Case) -> dict[str, Any]:
    """The case's id, and each expected field as it is computed here."""
    kind = "weeks" if "week_offset_events" in case else str(case["kind"])
    return {"id": case["id"], **KINDS[kind](case)}


def is_right(case: Case) -> bool:
    """Whether every expected field that a value can be compared with is exactly as recorded."""
    made = answered(case)
    wanted = {name: value for name, value in case.items() if name in made}
    if "expected" in wanted:
        wanted = {"expected": {k: v for k, v in wanted["expected"].items() if k != "property"}}
        made = {"expected": {k: made["expected"][k] for k in wanted["expected"]}}
    return wanted == {name: made[name] for name in wanted}


def _handoffs(case: Case) -> dict[str, Any]:
    since, until = (_at(text, case["timezone"]) for text in case["window_local"])
    shifts = list(shifts_between(_rotation(case), since, until + MOMENT))
    seen = sorted({edge for shift in shifts for edge in (shift.starts, shift.ends)})
    zone = ZoneInfo(case["timezone"])
    return {"expected_handoffs": [one.astimezone(zone).isoformat() for one in seen]}


def _end(case: Case) -> dict[str, Any]:
    shift = shift_at(_rotation(case), _at(case["at_local"], case["timezone"]))
    return {
        "expected_end_local": _shown(shift.ends, case["timezone"]).isoformat(),
        "expected_duration_s": int((shift.ends - shift.starts).total_seconds()),
    }


def _weeks(case: Case) -> dict[str, Any]:
    now, zone = datetime.fromisoformat(case["now_utc"]).replace(tzinfo=UTC), case["timezone"]
    today = _shown(now, zone)
    sunday = today.replace(hour=0, minute=0, second=0) - (today.weekday() + 1) % 7 * DAY
    start = sunday + timedelta(seconds=case["week_offset_events"][0]["start_s"])
    weekly = Rotation(kind="weekly", start=start, timezone=zone, participants=NOBODY)
    until = now + timedelta(days=case["auto_populate_threshold_days"])
    shifts = list(shifts_between(weekly, now, until))
    starts = [_shown(shift.starts, zone).isoformat(timespec="minutes") for shift in shifts]
    lengths = [int((shift.ends - shift.starts).total_seconds()) for shift in shifts]
    return {"expected": {"n_epochs": len(shifts), "starts_local": starts, "durations_s": lengths}}


KINDS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "handoffs_between": _handoffs,
    "shift_end": _end,
    "weeks": _weeks,
}


def _rotation(case: Case) -> Rotation:
    given = case["rotation"]
    return Rotation(
        kind=given["type"],
        length=given["shift_length"],
        start=given["start_local"],
        timezone=case["timezone"],
        participants=NOBODY,
    )


def _at(text: str, zone: str) -> datetime:
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def _shown(at: datetime, zone: str) -> datetime:
    return wall_clock(at, zone).replace(tzinfo=None)
