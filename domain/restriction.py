"""Restrictions: the hours of the week in which a layer says somebody."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from domain.base import Frozen
from domain.spans import Span, union, within
from domain.wall_clock import instant, wall_clock

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)


def _local_minute(at: time) -> time:
    if at.tzinfo or at.second or at.microsecond:
        raise ValueError("write a local time to the minute, like 09:00")
    return at


LocalTime = Annotated[time, AfterValidator(_local_minute)]


class Restriction(Frozen):
    """A local window on some weekdays; it belongs to the day on which it starts.

    ``ends`` at or before ``starts`` means the next day, so 22:00-06:00 crosses midnight and
    00:00-00:00 is the whole day.
    """

    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEK
    starts: LocalTime = time(0)
    ends: LocalTime = time(0)


def windows(
    restrictions: tuple[Restriction, ...], zone: str, since: datetime, until: datetime
) -> list[Span]:
    """When any restriction is met by the clock of ``zone``, cut to [since, until)."""
    days = _days(wall_clock(since, zone).date() - DAY, wall_clock(until, zone).date())
    found = union(
        window for day in days for window in _windows_of(day, restrictions, ZoneInfo(zone))
    )
    return within(found, since, until)


def _windows_of(day: date, restrictions: Iterable[Restriction], zone: ZoneInfo) -> Iterator[Span]:
    for restriction in restrictions:
        if WEEK[day.weekday()] not in restriction.weekdays:
            continue
        last = day if restriction.starts < restriction.ends else day + DAY
        starts = instant(datetime.combine(day, restriction.starts, zone))
        ends = instant(datetime.combine(last, restriction.ends, zone))
        if starts < ends:
            yield Span(starts, ends)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY
