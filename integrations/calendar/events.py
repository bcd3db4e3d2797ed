"""Events of a calendar, repeated as RFC 5545 says: what absences and shifts are read from."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rruleset, rrulestr

from domain.errors import Invalid
from integrations.calendar.repeating import begun, counted, odd_zone

MOST = 1_000
MOST_RULES = 10
DAY = timedelta(days=1)
UNREAD = {"RDATE": "repeats on listed days", "EXRULE": "leaves out days by a rule"}
ODD = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What an event that cannot be understood raises."""


class Event(NamedTuple):
    """One time: an event of the calendar, or one repetition of it."""

    uid: str
    starts: datetime
    ends: datetime


class Period(NamedTuple):
    """The time that is looked at, and the zone of what names none."""

    since: datetime
    until: datetime
    zone: ZoneInfo


def read(text: bytes) -> icalendar.Calendar:
    """The calendar. Raises `Invalid` where it is none."""
    if odd_zone(text.decode("utf-8", "replace")):
        raise Invalid("This calendar has a zone (VTIMEZONE) whose rules are not read.")
    try:
        found: icalendar.Calendar = icalendar.Calendar.from_ical(text)
    except ValueError:
        # what the parser says quotes the text, which may be no calendar but a secret
        raise Invalid("This is no calendar. Export it as .ics and try again.") from None
    return found


def moved(components: Iterable[Any], period: Period) -> set[tuple[str, datetime]]:
    """The repetitions that stand elsewhere, by the event and the time they are moved from."""
    return {
        (str(one.get("UID")), moment(one["RECURRENCE-ID"].dt, period))
        for one in components
        if "RECURRENCE-ID" in one
    }


def standing(one: Any, period: Period, gone: set[tuple[str, datetime]]) -> list[Event]:
    """The times of an event, without those that were moved away."""
    return [
        found
        for found in times(one, period)
        if "RECURRENCE-ID" in one or (found.uid, found.starts) not in gone
    ]


def is_cancelled(one: Any) -> bool:
    """Whether it does not take place."""
    return str(one.get("STATUS", "")).upper() == "CANCELLED"


def times(one: Any, period: Period) -> Iterator[Event]:
    """An event with all of its repetitions in the period. Raises what does not fit, as `ODD`."""
    start = one["DTSTART"].dt
    first = moment(start, period)
    lasts = _end(one, start, period) - first
    if lasts <= timedelta():
        raise ValueError("it does not end after it begins")
    looked_at = period._replace(since=period.since - lasts)
    for n, starts in enumerate(_starts(one, start, looked_at)):
        if n == MOST:
            raise ValueError(f"it repeats more than {MOST} times in that time")
        yield Event(str(one.get("UID", "")), starts, starts + lasts)


def _end(one: Any, start: date, period: Period) -> datetime:
    if "DTEND" in one:
        return moment(one["DTEND"].dt, period)
    if "DURATION" in one:
        return moment(start, period) + timedelta(seconds=one["DURATION"].dt.total_seconds())
    if isinstance(start, datetime):
        raise ValueError("it has no end")
    return moment(start + timedelta(days=1), period)


def _refuse_unread(one: Any) -> None:
    """What would be read wrongly is left out by name."""
    for odd, what in UNREAD.items():
        if odd in one:
            raise ValueError(f"it {what} ({odd}), which is not read")
    if len(each(one.get("RRULE"))) > MOST_RULES:
        raise ValueError(f"it has more than {MOST_RULES} rules (RRULE), which are not read")
    if "RECURRENCE-ID" in one and one["RECURRENCE-ID"].params.get("RANGE"):
        raise ValueError("it moves all that follow it (RANGE), which is not read")


def _starts(one: Any, start: date, period: Period) -> Iterable[datetime]:
    """The beginnings, by the clock of the event's own zone: a daily event stays at its hour."""
    _refuse_unread(one)
    if "RRULE" not in one:
        return _within([moment(start, period)], period)
    zone = start.tzinfo if isinstance(start, datetime) and start.tzinfo else period.zone
    since, until = (at.astimezone(zone).replace(tzinfo=None) for at in period[:2])
    rules = rruleset()
    for rule in each(one["RRULE"]):
        begins = begun(rule, _local(start), since - DAY)
        rules.rrule(rrulestr(_rule_text(rule, zone), dtstart=begins))
    for left in each(one.get("EXDATE")):
        for day in left.dts:
            rules.exdate(_local(day.dt))
    found = counted(iter(rules), until + DAY)
    return _within((at.replace(tzinfo=zone).astimezone(UTC) for at in found), period)


def _within(found: Iterable[datetime], period: Period) -> Iterator[datetime]:
    return (at for at in found if period.since < at < period.until)


def _rule_text(rule: Any, zone: Any) -> str:
    """The rule with its end on the clock on which it is counted."""
    changed = dict(rule)
    if "UNTIL" in changed:
        changed["UNTIL"] = [_until(at, zone) for at in each(changed["UNTIL"])]
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


def moment(at: date, period: Period) -> datetime:
    """A time of the calendar in UTC."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(), period.zone)
    elif at.tzinfo is None:
        at = at.replace(tzinfo=period.zone)
    return at.astimezone(UTC)


def each(value: Any) -> list[Any]:
    """A property's values, however often it stands there."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
