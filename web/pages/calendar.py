"""``/oncall/{schedule}``: a schedule by day, week or month, and putting somebody on call in it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.base import Frozen
from domain.calendar_layer import CalendarState, shown_source, told_left_out
from domain.message import Option
from domain.schedule import Schedule
from storage.views import catalog, oncall, people
from storage.views.listing import Cut
from storage.views.oncall import OnCallView
from storage.views.schedule_calendar import drawn
from web.pages.calendar_list import Entry, StandIn, entries, stand_ins
from web.pages.calendar_rows import Paper, Row, lines, paper, rows
from web.pages.calendar_ways import Look, Ways, heads, look, named, ways
from web.pages.models import OnCallNow, Person
from web.pages.offers import Face
from web.pages.rows import on_call_now
from web.pages.visit import Visit

PATH = "/oncall/{schedule}"
TITLE = "Calendar"
UNDER = "oncall"

LONGEST_LIST = 60
EVERYBODY = Cut(limit=500)


class Hand(Frozen):
    """Somebody who takes turns, and their colour."""

    person: Person
    hue: int


class OverrideForm(Frozen):
    """What puts somebody on call: times by the reader's own clock, which ``zone`` names."""

    button: str
    people: tuple[Option, ...]
    starts: str
    ends: str
    zone: str


class Source(Frozen):
    """A calendar that is a layer: where it is, when it was read, what is odd about it."""

    text: str
    odd: str


class CalendarPage(Frozen):
    """A schedule drawn, and in words; ``earlier`` shifts are over, ``more`` are not listed."""

    id: str
    name: str
    team: str
    now: OnCallNow
    until: str
    ways: Ways
    rows: tuple[Row, ...]
    hands: tuple[Hand, ...]
    entries: tuple[Entry, ...]
    earlier: tuple[Entry, ...]
    more: int
    stand_ins: tuple[StandIn, ...]
    form: OverrideForm | None
    sources: tuple[Source, ...]


async def page(visit: Visit) -> CalendarPage:
    """The schedule around a day."""
    schedule = await catalog.schedule(visit.scope, visit.path["schedule"])
    seen = look(visit, schedule.timezone)
    found = await drawn(visit.scope, schedule, seen.since, seen.until)
    how = paper(found, await people.names(visit.scope), seen.zone)
    now = await oncall.now_of(visit.scope, schedule)
    form = await _form(seen, schedule)
    listed = tuple(entries(seen, found, how, may=form is not None))
    over, coming = ([one for one in listed if one.over is old] for old in (True, False))
    shown = lines(found, seen.wanted.chosen, layers=seen.wanted.view != "month")
    return CalendarPage(
        id=schedule.id,
        name=schedule.name,
        team=schedule.team,
        now=on_call_now(now),
        until=_until(now, how),
        ways=ways(seen, schedule.timezone),
        rows=rows(seen.bands, shown, how, heads(seen), visit.now),
        hands=tuple(_hands(how)),
        entries=tuple(coming[:LONGEST_LIST]),
        earlier=tuple(over[-LONGEST_LIST:]),
        more=max(0, len(coming) - LONGEST_LIST),
        stand_ins=tuple(stand_ins(seen, found, how)),
        form=form,
        sources=tuple(_sources(found.calendars, how)),
    )


def _sources(states: Iterable[CalendarState], how: Paper) -> Iterator[Source]:
    for one in states:
        read = f"read {how.clock(one.read_at)}" if one.read_at else "not read yet"
        odd = [told_left_out(one.left_out)] if one.left_out else []
        if one.failing_since:
            odd.insert(0, f"unread since {how.clock(one.failing_since)}: {one.error}")
        text = f"Layer {one.layer} is the calendar {shown_source(one.source)}, {read}."
        yield Source(text=text, odd="; ".join(odd))


def _until(now: OnCallView, how: Paper) -> str:
    """Until when by the page's clock, who is next, and why whoever is there is."""
    ends = next((one.until for one in now.on_call), None)
    parts = [f"until {how.clock(ends)}"] if ends else []
    parts += [f"then {now.next.name}"] if ends and now.next and now.next.user else []
    why = ", ".join(dict.fromkeys(one.reason for one in now.on_call))
    return " · ".join(filter(None, (", ".join(("now", *parts)), why)))


def _hands(how: Paper) -> list[Hand]:
    return [
        Hand(person=Person(id=user, name=how.name(user)), hue=hue) for user, hue in how.hues.items()
    ]


async def _form(seen: Look, schedule: Schedule) -> OverrideForm | None:
    """For whoever may use it: the schedule's own people first."""
    offered = seen.visit.offers(schedule.team).press("oncall override", "", OVERRIDE)
    if not offered:
        return None
    known = {one.id: one.name for one in (await people.listed(seen.visit.scope, EVERYBODY)).items
             if one.active}  # fmt: skip
    turns = [one for one in schedule.people if one in known]
    zone, chosen = seen.visit.actor.timezone, seen.wanted.chosen
    return OverrideForm(
        button=offered[0].button,
        people=tuple(
            Option(value=one, label=known[one]) for one in dict.fromkeys((*turns, *known))
        ),
        starts=_typed(chosen[0], zone) if chosen else "",
        ends=_typed(chosen[1], zone) if chosen else "",
        zone=named(zone, seen.visit.now),
    )


def _typed(at: datetime, zone: str) -> str:
    """As a browser's own field for times holds it."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


OVERRIDE = Face(label="Put on call")
