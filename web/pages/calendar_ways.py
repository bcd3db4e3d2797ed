"""Where a calendar stands and where one goes from it: days, views, and by whose clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from domain.base import Frozen
from domain.day_grid import Band, View, bands, moved
from web.pages.calendar_rows import Head
from web.pages.visit import Visit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST, LAST = date(2001, 1, 1), date(2098, 12, 31)
Looked = Annotated[date, Field(ge=FIRST, le=LAST)]
Chosen = Annotated[
    AwareDatetime,
    Field(ge=datetime.combine(FIRST, time(), UTC), le=datetime.combine(LAST, time(), UTC)),
]
ANCHOR = "#put"


class Query(Frozen):
    """What the address may ask for: a view, a day in it, whose clock, and a time chosen."""

    view: View = "week"
    on: Looked | None = None
    clock: Literal["schedule", "mine"] = "schedule"
    starts: Chosen | None = None
    ends: Chosen | None = None

    @property
    def chosen(self) -> tuple[datetime, datetime] | None:
        """The time that was chosen, where it ends after it begins."""
        if self.starts is None or self.ends is None or self.ends <= self.starts:
            return None
        return self.starts, self.ends


class Link(Frozen):
    """A way to another part of the calendar; ``key`` is the letter that takes it."""

    label: str
    url: str
    key: str = ""
    here: bool = False


class Ways(Frozen):
    """``clock`` says by whose clock all of it is, ``other`` leads to the other one; ``changes``
    are the days on which that clock changes."""

    title: str
    clock: str
    other: Link | None
    changes: tuple[str, ...]
    views: tuple[Link, ...]
    earlier: Link
    today: Link
    later: Link


@dataclass(frozen=True)
class Look:
    """One look at a calendar: what was asked for, and the days that are shown for it."""

    visit: Visit
    wanted: Query
    on: date
    zone: str
    bands: tuple[Band, ...]

    @property
    def since(self) -> datetime:
        """Its beginning."""
        return self.bands[0].starts

    @property
    def until(self) -> datetime:
        """Its end."""
        return self.bands[-1].ends

    def to(self, **changes: str) -> str:
        """This calendar otherwise; a time that was chosen does not go along."""
        return self.visit.elsewhere(**{"starts": "", "ends": ""} | changes)

    def choosing(self, starts: datetime, ends: datetime) -> str:
        """This calendar with a time chosen, at its form."""
        return self.to(starts=starts.isoformat(), ends=ends.isoformat()) + ANCHOR


def look(visit: Visit, timezone: str) -> Look:
    """What ``visit`` asks of a schedule in ``timezone``."""
    wanted = visit.wanted(Query)
    zone = timezone if wanted.clock == "schedule" else visit.actor.timezone
    on = wanted.on or visit.now.astimezone(ZoneInfo(zone)).date()
    return Look(visit, wanted, on, zone, bands(wanted.view, on, zone))


def ways(seen: Look, timezone: str) -> Ways:
    """Everything above the calendar."""
    view = seen.wanted.view
    return Ways(
        title=_title(seen),
        clock=_clock(seen, timezone),
        other=_other(seen, timezone),
        changes=tuple(_changes(seen)),
        views=tuple(
            Link(label=one.capitalize(), url=seen.to(view=one), key=one[0], here=one == view)
            for one in VIEWS
        ),
        earlier=_step(seen, "Previous", -1),
        today=Link(label="Today", url=seen.to(on=""), key="t"),
        later=_step(seen, "Next", 1),
    )


def heads(seen: Look) -> dict[date, Head]:
    """What stands above each day, and leads to it."""
    today = seen.visit.now.astimezone(ZoneInfo(seen.zone)).date()
    month = seen.wanted.view == "month"
    return {
        day.on: Head(
            label=f"{day.on:%a} {day.on.day}",
            url=seen.to(view="day", on=day.on.isoformat()),
            today=day.on == today,
            near=not month or day.on.month == seen.on.month,
        )
        for band in seen.bands
        for day in band.days
    }


def offset(zone: str, at: datetime) -> str:
    """``UTC+1``: how far a zone's clock is ahead then."""
    minutes = (at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "−"
    return f"UTC{sign}{hours}{(rest and f':{rest:02}') or ''}" if minutes else "UTC"


def named(zone: str, at: datetime) -> str:
    """``Europe/Berlin (UTC+1)``."""
    ahead = offset(zone, at)
    return zone if zone == ahead else f"{zone} ({ahead})"


def _step(seen: Look, label: str, by: int) -> Link:
    view = seen.wanted.view
    there = moved(view, seen.on, by).isoformat()
    key = "p" if by < 0 else "n"
    return Link(label=f"{label} {view}", url=seen.to(on=there), key=key)


def _title(seen: Look) -> str:
    view, days = seen.wanted.view, seen.bands[0].days
    if view == "month":
        return f"{seen.on:%B %Y}"
    if view == "day":
        return f"{seen.on:%A}, {seen.on.day} {seen.on:%B %Y}"
    first, last = days[0].on, days[-1].on
    year = f" {first:%Y}" if first.year != last.year else ""
    month = f" {first:%B}" if first.month != last.month else ""
    return f"Week {first:%V} · {first.day}{month}{year} – {last.day} {last:%B %Y}"


def _clock(seen: Look, timezone: str) -> str:
    mine = seen.visit.actor.timezone
    here, theirs = named(mine, seen.since), named(timezone, seen.since)
    if mine == timezone:
        return f"All times by the clock of {here}, the schedule's and yours."
    if seen.wanted.clock == "mine":
        return f"All times by your clock, {here}. The schedule's is {theirs}."
    return f"All times by the schedule's clock, {theirs}. Yours is {here}."


def _other(seen: Look, timezone: str) -> Link | None:
    if seen.visit.actor.timezone == timezone:
        return None
    if seen.wanted.clock == "mine":
        return Link(label="Show the schedule's clock", url=seen.to(clock=""), key="z")
    return Link(label="Show my clock", url=seen.to(clock="mine"), key="z")


def _changes(seen: Look) -> Iterator[str]:
    """The days on which the clock changes are shorter or longer."""
    days = [day for band in seen.bands for day in band.days]
    ends = [*(day.starts for day in days[1:]), seen.until]
    for day, end in zip(days, ends, strict=True):
        if (length := end - day.starts) != DAY:
            hours = f"{length / HOUR:g}"
            yield f"The clock changes on {day.on:%a} {day.on.day} {day.on:%B}: {hours} hours."


VIEWS: tuple[View, ...] = ("day", "week", "month")
