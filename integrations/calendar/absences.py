"""Absences out of a calendar: its events, repeated as RFC 5545 says, and what was left out.

Nothing but times and ids is taken over: what an event is called stays where it is.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

from domain.errors import Invalid
from integrations.calendar.events import (
    MOST,
    ODD,
    Event,
    Period,
    is_cancelled,
    moved,
    read,
    standing,
)

AWAY = re.compile(
    r"\b(vacation|holidays?|pto|leave|away|ooo|out of (the )?office|off|urlaub|sick|vacances)\b",
    re.IGNORECASE,
)


class Calendar(NamedTuple):
    """What a calendar says; ``left_out`` names each event that was not understood, and why."""

    events: tuple[Event, ...]
    left_out: tuple[str, ...]


def absences(text: bytes, period: Period, *, every: bool = False) -> Calendar:
    """The events in which somebody is away: whole days, *out of office*, or named so.

    With ``every`` all of them. Cancelled ones and those shown as free never count.
    Raises `Invalid` where it is no calendar.
    """
    calendar = read(text)
    events: list[Event] = []
    left_out: list[str] = []
    components: list[Any] = [one for one in calendar.walk("VEVENT") if every or _is_away(one)]
    gone = moved(components, period)
    for one in components:
        try:
            events += standing(one, period, gone)
        except ODD as error:
            left_out.append(f"{one.get('SUMMARY', one.get('UID', 'an event'))}: {error}")
        if len(events) > MOST:
            raise Invalid(f"This calendar has more than {MOST} absences: export a shorter time.")
    return Calendar(tuple(sorted(events, key=lambda one: one.starts)), tuple(left_out))


def _is_away(one: Any) -> bool:
    if is_cancelled(one):
        return False
    busy = str(one.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    if busy == "OOF":
        return True
    if busy == "FREE" or str(one.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    start = one.get("DTSTART")
    whole_days = start is not None and not isinstance(start.dt, datetime)
    return whole_days or AWAY.search(str(one.get("SUMMARY", ""))) is not None
