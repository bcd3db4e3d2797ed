"""Calendars of others as layers of a schedule: whose shifts their events are, what was left out,
and since when one cannot be read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from pydantic import AwareDatetime

from domain.base import Frozen
from domain.coverage import Risk
from domain.facts import Fact
from domain.job import Job, Lane
from domain.schedule import FixedShift, Schedule

BEFORE, AHEAD = timedelta(days=30), timedelta(days=366)
PATIENCE = timedelta(hours=1)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
TOLD = 3
LONGEST_ERROR = 200


class ImportedShift(Frozen):
    """An event, or one repetition of it: whom it names, in ``words`` and by e-mail, and at what
    ``place`` of the calendar it stands."""

    words: str
    mails: tuple[str, ...]
    starts: AwareDatetime
    ends: AwareDatetime
    place: str


class Reading(Frozen):
    """A calendar as it was read; ``left_out`` names what was not understood, with its place."""

    shifts: tuple[ImportedShift, ...]
    left_out: tuple[str, ...] = ()


class Somebody(Frozen):
    """A person, by what a calendar may call them."""

    id: str
    name: str
    mail: str | None = None


class Taken(Frozen):
    """What became of a calendar: shifts of people, and what was left out."""

    shifts: tuple[FixedShift, ...]
    left_out: tuple[str, ...]


class CalendarState(Frozen):
    """A layer's calendar: the newest shifts that were read, and since when it cannot be."""

    schedule: str
    layer: str
    source: str
    shifts: tuple[FixedShift, ...] = ()
    left_out: tuple[str, ...] = ()
    read_at: AwareDatetime | None = None
    failing_since: AwareDatetime | None = None
    error: str = ""


class ReadCalendars(Job):
    """Owe every calendar that has an address its reading."""

    kind: ClassVar[str] = "read_calendars"


class ReadCalendar(Job):
    """Read a layer's calendar anew."""

    kind: ClassVar[str] = "read_calendar"
    lane: ClassVar[Lane] = "slow"
    max_attempts: ClassVar[int] = 2
    schedule: str
    layer: str
    source: str


class Wanted(Frozen):
    """A calendar to read: its address, the time that matters, the zone of what names none."""

    source: str
    since: AwareDatetime
    until: AwareDatetime
    zone: str


class CalendarReader(Protocol):
    """What reads calendars behind addresses."""

    async def read(self, wanted: Wanted) -> Reading:
        """The calendar as it is now. Raises `Retry` and `Permanent`, each with a sentence."""


class CalendarRead(Fact):
    """A layer's calendar says something else than before."""

    kind: ClassVar[str] = "calendar_read"
    template: ClassVar[str] = "{layer} of {schedule} has {count} shifts from its calendar"
    schedule: str
    layer: str
    count: int


def wanted(schedule: Schedule, source: str, now: datetime) -> Wanted:
    """What is to be read of a calendar of ``schedule``: a month back, a year ahead."""
    return Wanted(source=source, since=now - BEFORE, until=now + AHEAD, zone=schedule.timezone)


def after_reading(state: CalendarState, found: Taken, now: datetime) -> CalendarState:
    """How a calendar stands that was read."""
    return CalendarState(
        schedule=state.schedule,
        layer=state.layer,
        source=state.source,
        shifts=found.shifts,
        left_out=found.left_out,
        read_at=now,
    )


def after_another(state: CalendarState, found: Taken, now: datetime) -> CalendarState:
    """How one stands that was read again. Where it names nobody at all any more although somebody
    is on call by it now, it counts as one that cannot be read: a calendar whose sharing was
    changed looks like that."""
    if found.shifts or not any(one.starts <= now < one.ends for one in state.shifts):
        return after_reading(state, found, now)
    why = f": {found.left_out[0]}" if found.left_out else ""
    return after_failing(state, f"it names nobody any more{why}", now)


def moved(state: CalendarState, source: str) -> CalendarState:
    """How one stands that has another address: what it said last goes on until that is read."""
    return CalendarState(
        schedule=state.schedule, layer=state.layer, source=source, shifts=state.shifts
    )


def after_failing(state: CalendarState, error: str, now: datetime) -> CalendarState:
    """How one stands that could not be read: what it said last goes on."""
    since = state.failing_since or now
    return state.model_copy(update={"failing_since": since, "error": error[:LONGEST_ERROR]})


def is_address(source: str) -> bool:
    """Whether a calendar is read from an address; else from a file."""
    return source.startswith(("https://", "http://"))


def shown_source(source: str) -> str:
    """Where a calendar is, for whoever may look at a schedule: an address may hold a secret."""
    return f"{urlsplit(source).hostname}/…" if is_address(source) else source


def taken(reading: Reading, people: Iterable[Somebody]) -> Taken:
    """The shifts of whom the events name: by e-mail first, else by name or handle."""
    calls = _Calls(people)
    shifts: list[FixedShift] = []
    left_out = list(reading.left_out)
    for one in reading.shifts:
        users, why = calls.named(one)
        shifts += [FixedShift(user=user, starts=one.starts, ends=one.ends) for user in users]
        left_out += [f"{one.place}: {why}"] if why else []
    return Taken(shifts=tuple(dict.fromkeys(shifts)), left_out=tuple(dict.fromkeys(left_out)))


def calendar_risks(
    states: Iterable[CalendarState], schedules: Mapping[str, Schedule], now: datetime
) -> Iterator[Risk]:
    """What a schedule's team should know of its calendars."""
    for one in states:
        schedule = schedules.get(one.schedule)
        if schedule is None:
            continue
        named = f"{schedule.name}: the calendar of layer {one.layer}"
        if one.failing_since and now - one.failing_since >= PATIENCE:
            told = f"{named} cannot be read since {one.failing_since:%a %d %b %H:%M} UTC "
            told += f"({one.error}); what it said last goes on"
            key = f"{schedule.id}:{one.layer}:unread:{one.failing_since.isoformat()}"
            yield Risk(key=key, team=schedule.team, text=told)
        if one.left_out:
            text = f"{named} has {told_left_out(one.left_out)}"
            key = f"{schedule.id}:{one.layer}:left_out:{'|'.join(one.left_out)[:200]}"
            yield Risk(key=key, team=schedule.team, text=text)


def told_left_out(left_out: tuple[str, ...]) -> str:
    """What was left out, the first few by name."""
    more = f"; and {len(left_out) - TOLD} more" if len(left_out) > TOLD else ""
    return f"events that were left out: {'; '.join(left_out[:TOLD])}{more}"


class _Calls:
    """Who is called how."""

    def __init__(self, people: Iterable[Somebody]) -> None:
        everybody = tuple(people)
        self.mails = {one.mail.casefold(): one.id for one in everybody if one.mail}
        self.words: dict[str, set[str]] = {}
        for one in everybody:
            for word in {one.id.casefold(), one.name.casefold()}:
                self.words.setdefault(word, set()).add(one.id)
        # the longest first: who is called "kim meyer" is not also "kim"
        self.longest_first = sorted(self.words, key=len, reverse=True)

    def named(self, event: ImportedShift) -> tuple[tuple[str, ...], str]:
        """Whom an event names, or why that is not known."""
        mails = (*event.mails, *MAIL.findall(event.words))
        known = [self.mails[one.casefold()] for one in mails if one.casefold() in self.mails]
        if known:
            return tuple(dict.fromkeys(known)), ""
        return self._by_words(MAIL.sub(" ", event.words.casefold()), event)

    def _by_words(self, text: str, event: ImportedShift) -> tuple[tuple[str, ...], str]:
        found: list[str] = []
        for word in self.longest_first:
            # hardly any is in there: looking is cheap, and making each a pattern is not
            if word not in text:
                continue
            place = re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text)
            if place is None:
                continue
            if len(self.words[word]) > 1:
                several = " or ".join(sorted(self.words[word]))
                return (), f"{event.words!r} may be {several}: write their e-mail address"
            found += self.words[word]
            text = text[: place.start()] + " " + text[place.end() :]
        if not found:
            return (), f"nobody here is called as {event.words!r} says"
        return tuple(dict.fromkeys(found)), ""
