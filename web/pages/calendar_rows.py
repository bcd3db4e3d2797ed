"""What a calendar draws: bands of days, and in each the bars of every line."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.absence import Absence
from domain.base import Frozen
from domain.day_grid import Band, rows_of
from domain.schedule import FinalShift, Override
from storage.views.schedule_calendar import ScheduleCalendar
from web.pages.rows import Names

HUES = 8
LEGIBLE, VISIBLE = 2.0, 0.8
"""How wide a bar is, in percent, that holds a name, and one that a pointer finds."""
EVERY_HOURS = 3
HOUR = timedelta(hours=1)
Times = tuple[datetime, datetime]


class Bar(Frozen):
    """A time of somebody, in percent of its band; ``mark`` says what else it is."""

    left: float
    width: float
    row: int
    text: str
    title: str
    hue: int | None
    mark: str


class Lane(Frozen):
    """Bars that belong together, in ``rows`` rows."""

    name: str
    kind: str
    rows: int
    bars: tuple[Bar, ...]


class Head(Frozen):
    """A day above its column; ``near`` is off for days of another month."""

    label: str
    url: str
    today: bool
    near: bool = True


class Tick(Frozen):
    """A line across the band; with a label it is an hour."""

    left: float
    label: str = ""


class Row(Frozen):
    """Days side by side; ``now`` is where the present stands, if it is among them."""

    heads: tuple[Head, ...]
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    now: float | None


class Piece(Frozen):
    """What becomes a bar: a time, and whose."""

    starts: datetime
    ends: datetime
    user: str | None = None
    mark: str = ""
    by: str = ""


class Paper(Frozen):
    """How everything on a page is named: people, their hues, and the zone of its clock."""

    names: dict[str, str]
    hues: dict[str, int]
    zone: str

    def clock(self, at: datetime) -> str:
        """``Mon 30 Nov 09:00`` by the page's clock."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%a %d %b %H:%M}"

    def span(self, starts: datetime, ends: datetime) -> str:
        """From when to when; a day that is the same is said once."""
        first, last = (at.astimezone(ZoneInfo(self.zone)) for at in (starts, ends))
        same = first.date() == last.date()
        return f"{self.clock(starts)} – {f'{last:%H:%M}' if same else self.clock(ends)}"

    def name(self, user: str | None) -> str:
        """Somebody's name; a gap has nobody's."""
        return self.names.get(user, user) if user else "Nobody"


def paper(calendar: ScheduleCalendar, names: Names, zone: str) -> Paper:
    """Everybody on the schedule has a hue, in the order of their turns."""
    stand_ins = (one.user for one in calendar.schedule.overrides)
    people = dict.fromkeys((*calendar.schedule.people, *stand_ins))
    hues = {user: n % HUES for n, user in enumerate(people)}
    return Paper(names=dict(names), hues=hues, zone=zone)


def lines(
    calendar: ScheduleCalendar, chosen: Times | None, *, layers: bool
) -> tuple[tuple[str, str, tuple[Piece, ...]], ...]:
    """Every line with its name and kind: who answers first, then what that is made of."""
    found = [("On call", "final", final(calendar))]
    if chosen:
        span = Piece(starts=chosen[0], ends=chosen[1], mark="chosen")
        found.append(("Your choice", "chosen", (span,)))
    if layers:
        found += [(f"Layer {one.name}", "layer", _shifts(one.shifts)) for one in calendar.layers]
    if calendar.schedule.overrides:
        found.append(("Overrides", "override", _overrides(calendar.schedule.overrides)))
    if calendar.absences:
        found.append(("Away", "away", _absences(calendar.absences)))
    return tuple(found)


def rows(
    bands: Iterable[Band],
    lines: tuple[tuple[str, str, tuple[Piece, ...]], ...],
    paper: Paper,
    heads: Mapping[date, Head],
    now: datetime,
) -> tuple[Row, ...]:
    """The bands with everything on them."""
    return tuple(
        Row(
            heads=tuple(heads[day.on] for day in band.days),
            ticks=tuple(_ticks(band, paper.zone)),
            lanes=tuple(_lanes(band, lines, paper)),
            now=_percent(band.place(now)) if band.starts <= now < band.ends else None,
        )
        for band in bands
    )


def _lanes(
    band: Band, lines: Iterable[tuple[str, str, tuple[Piece, ...]]], paper: Paper
) -> Iterator[Lane]:
    """The lines of a band; the first stands in each, the others where they have something."""
    for name, kind, pieces in lines:
        inside = [one for one in pieces if one.starts < band.ends and band.starts < one.ends]
        if not inside and kind not in ("final", "layer"):
            continue
        places = rows_of((one.starts, one.ends) for one in inside)
        bars = (_bar(band, one, row, paper) for one, row in zip(inside, places, strict=True))
        yield Lane(name=name, kind=kind, rows=max((*places, 0)) + 1, bars=tuple(bars))


def _bar(band: Band, one: Piece, row: int, paper: Paper) -> Bar:
    left, right = _percent(band.place(one.starts)), _percent(band.place(one.ends))
    width = round(right - left, 2)
    name = MARKED.get(one.mark, "{name}").format(name=paper.name(one.user))
    told = f"{name}, {paper.span(one.starts, one.ends)}"
    return Bar(
        left=left,
        width=width,
        row=row,
        text=name if width >= LEGIBLE else "",
        title=f"{told}{one.by and f', {one.by}'}" if width >= VISIBLE else "",
        hue=paper.hues.get(one.user) if one.user else None,
        mark=one.mark,
    )


def _ticks(band: Band, zone: str) -> Iterator[Tick]:
    """Midnights where there are several days, else every third hour."""
    if len(band.days) > 1:
        yield from (Tick(left=_percent(band.place(day.starts))) for day in band.days[1:])
        return
    at = band.starts
    while at < band.ends:
        local = at.astimezone(ZoneInfo(zone))
        if local.hour % EVERY_HOURS == 0:
            yield Tick(left=_percent(band.place(at)), label=f"{local:%H:%M}")
        at += HOUR


def final(calendar: ScheduleCalendar) -> tuple[Piece, ...]:
    """Who answers, and when nobody does, in order; somebody's time by several layers is one."""
    empty = [Piece(starts=one.starts, ends=one.ends, mark="gap") for one in calendar.gaps]
    return _sorted((*_joined(_shifts(calendar.final)), *empty))


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    joined: list[Piece] = []
    latest: dict[tuple[str | None, str], int] = {}
    for one in pieces:
        at = latest.get((one.user, one.mark))
        if at is not None and joined[at].ends == one.starts:
            by = ", ".join(dict.fromkeys(filter(None, (*joined[at].by.split(", "), one.by))))
            joined[at] = joined[at].model_copy(update={"ends": one.ends, "by": by})
        else:
            latest[one.user, one.mark] = len(joined)
            joined.append(one)
    return tuple(joined)


def _shifts(shifts: Iterable[FinalShift]) -> tuple[Piece, ...]:
    return tuple(
        Piece(
            starts=one.starts,
            ends=one.ends,
            user=one.user,
            mark="override" if one.override else "",
            by="" if one.override else f"layer {one.layer}",
        )
        for one in shifts
    )


def _overrides(overrides: Iterable[Override]) -> tuple[Piece, ...]:
    return _sorted(
        Piece(starts=one.starts, ends=one.ends, user=one.user, mark="override", by=one.reason)
        for one in overrides
    )


def _absences(absences: Iterable[Absence]) -> tuple[Piece, ...]:
    return _sorted(
        Piece(starts=one.starts, ends=one.ends, user=one.user, mark="away") for one in absences
    )


def _sorted(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    return tuple(sorted(pieces, key=lambda one: (one.starts, one.ends)))


def _percent(place: float) -> float:
    return round(place * 100, 2)


MARKED = {
    "gap": "Gap",
    "override": "{name} · override",
    "away": "{name} away",
    "chosen": "Chosen",
}
