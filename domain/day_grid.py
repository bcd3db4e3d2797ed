"""The days of a calendar: what a day, a week or a month shows by the clock of a zone."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from domain.base import Frozen
from domain.wall_clock import instant

View = Literal["day", "week", "month"]
WEEK = 7
DAY = timedelta(days=1)


class Day(Frozen):
    """A day of the calendar and the UTC instant at which it begins."""

    on: date
    starts: AwareDatetime


class Band(Frozen):
    """Days that are drawn side by side: [starts, ends) in UTC.

    A day on which the clock changes is shorter or longer than the others.
    """

    days: tuple[Day, ...]
    starts: AwareDatetime
    ends: AwareDatetime

    def place(self, at: datetime) -> float:
        """Where ``at`` stands, from 0 at the beginning to 1 at the end; cut at both."""
        return min(1.0, max(0.0, (at - self.starts) / (self.ends - self.starts)))


def bands(view: View, on: date, zone: str) -> tuple[Band, ...]:
    """What a view shows around the day ``on``: weeks are whole, from Monday on."""
    first, days = _days(view, on)
    width = min(days, WEEK)
    return tuple(_band(first + n * DAY, width, zone) for n in range(0, days, width))


def moved(view: View, on: date, by: int) -> date:
    """The day to look at ``by`` days, weeks or months later; of a month its first."""
    if view != "month":
        return on + by * (WEEK if view == "week" else 1) * DAY
    year, month = divmod(on.year * 12 + on.month - 1 + by, 12)
    return date(year, month + 1, 1)


def rows_of(spans: Iterable[tuple[datetime, datetime]]) -> tuple[int, ...]:
    """The row in which each of ``spans``, in order of their starts, overlaps no other; from 0."""
    free: list[datetime] = []
    rows: list[int] = []
    for starts, ends in spans:
        row = next((n for n, until in enumerate(free) if until <= starts), len(free))
        free[row : row + 1] = [ends]
        rows.append(row)
    return tuple(rows)


def _days(view: View, on: date) -> tuple[date, int]:
    """The first day that is shown, and how many are."""
    if view == "day":
        return on, 1
    if view == "week":
        return _monday(on), WEEK
    first = _monday(on.replace(day=1))
    last = on.replace(day=monthrange(on.year, on.month)[1])
    return first, ((last - first) // DAY // WEEK + 1) * WEEK


def _monday(on: date) -> date:
    return on - on.weekday() * DAY


def _band(first: date, width: int, zone: str) -> Band:
    starts = [_midnight(first + n * DAY, zone) for n in range(width + 1)]
    days = tuple(Day(on=first + n * DAY, starts=starts[n]) for n in range(width))
    return Band(days=days, starts=starts[0], ends=starts[-1])


def _midnight(on: date, zone: str) -> datetime:
    return instant(datetime.combine(on, time(), ZoneInfo(zone)))
