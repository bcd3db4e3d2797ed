"""Absences out of a calendar: its events, repeated as RFC 5545 says, and what was left out.

Nothing but times and ids is taken over: what an event is called stays where it is.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rruleset, rrulestr

from domain.errors import Invalid

AWAY = re.compile(
    r"\b(vacation|holidays?|pto|leave|away|ooo|out of (the )?office|off|urlaub|sick|vacances)\b",
    re.IGNORECASE,
)
MOST = 1_000


class Event(NamedTuple):
    """One time away: an event of the calendar, or one repetition of it."""

    uid: str
    starts: datetime
    ends: datetime


class Calendar(NamedTuple):
    """What a calendar says; ``left_out`` names each event that was not understood, and why."""

    events: tuple[Event, ...]
    left_out: tuple[str, ...]


class Period(NamedTuple):
    """The time that is looked at, and the zone of what names none."""

    since: datetime
    until: datetime
    zone: ZoneInfo


def absences(text: bytes, period: Period, *, every: bool = False) -> Calendar:
    """The events in which somebody is away: whole days, *out of office*, or named so.

    With ``every`` all of them. Cancelled ones and those shown as free never count.
    Raises `Invalid` where it is no calendar.
    """
    try:
        read = icalendar.Calendar.from_ical(text)
    except ValueError as error:
        raise Invalid(f"This is no calendar: {error}. Export it as .ics and try again.") from None
    events: list[Event] = []
    left_out: list[str] = []
    components: list[Any] = [one for one in read.walk("VEVENT") if every or _is_away(one)]
    moved = {
        (str(one.get("UID")), _moment(one["RECURRENCE-ID"].dt, period))
        for one in components
        if "RECURRENCE-ID" in one
    }
    for one in components:
        try:
            events += [
                found
                for found in _events(one, period)
                if "RECURRENCE-ID" in one or (found.uid, found.starts) not in moved
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            left_out.append(f"{one.get('SUMMARY', one.get('UID', 'an event'))}: {error}")
    if len(events) > MOST:
        raise Invalid(f"This calendar has more than {MOST} absences: export a shorter time.")
    return Calendar(tuple(sorted(events, key=lambda one: one.starts)), tuple(left_out))


def _is_away(one: Any) -> bool:
    if str(one.get("STATUS", "")).upper() == "CANCELLED":
        return False
    busy = str(one.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    if busy == "OOF":
        return True
    if busy == "FREE" or str(one.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    start = one.get("DTSTART")
    whole_days = start is not None and not isinstance(start.dt, datetime)
    return whole_days or AWAY.search(str(one.get("SUMMARY", ""))) is not None


def _events(one: Any, period: Period) -> Iterator[Event]:
    start = one["DTSTART"].dt
    first = _moment(start, period)
    lasts = _end(one, start, period) - first
    if lasts <= timedelta():
        raise ValueError("it does not end after it begins")
    for starts in _starts(one, start, period):
        if starts < period.until and starts + lasts > period.since:
            yield Event(str(one.get("UID", "")), starts, starts + lasts)


def _end(one: Any, start: date, period: Period) -> datetime:
    if "DTEND" in one:
        return _moment(one["DTEND"].dt, period)
    if "DURATION" in one:
        return _moment(start, period) + timedelta(seconds=one["DURATION"].dt.total_seconds())
    if isinstance(start, datetime):
        raise ValueError("it has no end")
    return _moment(start + timedelta(days=1), period)


def _starts(one: Any, start: date, period: Period) -> Iterable[datetime]:
    """The beginnings, by the clock of the event's own zone: a daily event stays at its hour."""
    if "RDATE" in one:
        raise ValueError("it repeats on listed days (RDATE), which is not read")
    if "RRULE" not in one:
        return [_moment(start, period)]
    zone = start.tzinfo if isinstance(start, datetime) and start.tzinfo else period.zone
    local = _local(start)
    rules = rruleset()
    for rule in _list(one["RRULE"]):
        ends = _rule_text(rule, zone)
        rules.rrule(rrulestr(ends, dtstart=local))
    for left in _list(one.get("EXDATE")):
        for each in left.dts:
            rules.exdate(_local(each.dt))
    since, until = (at.astimezone(zone).replace(tzinfo=None) for at in period[:2])
    found = rules.between(since - timedelta(days=400), until, inc=True)
    return [at.replace(tzinfo=zone).astimezone(UTC) for at in found[:MOST]]


def _rule_text(rule: Any, zone: Any) -> str:
    """The rule with its end on the clock on which it is counted."""
    changed = dict(rule)
    if "UNTIL" in changed:
        changed["UNTIL"] = [_until(at, zone) for at in _list(changed["UNTIL"])]
    written: Any = icalendar.vRecur(changed)
    return str(written.to_ical().decode())


def _until(at: date, zone: Any) -> datetime:
    if not isinstance(at, datetime):
        return datetime.combine(at, time.max.replace(microsecond=0))
    return at.astimezone(zone).replace(tzinfo=None) if at.tzinfo else at


def _local(at: date) -> datetime:
    if isinstance(at, datetime):
        return at.replace(tzinfo=None)
    return datetime.combine(at, time())


def _moment(at: date, period: Period) -> datetime:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(), period.zone)
    elif at.tzinfo is None:
        at = at.replace(tzinfo=period.zone)
    return at.astimezone(UTC)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
