"""A calendar in words: every shift and gap of its days, and who stands in for whom."""

from collections.abc import Iterator, Sequence

from domain.absence import Absence
from domain.base import Frozen
from storage.views.schedule_calendar import ScheduleCalendar
from web.pages.calendar_rows import Paper, Piece, final
from web.pages.calendar_ways import Look
from web.pages.models import Action, Person
from web.pages.offers import Face
from web.pages.rows import lasting


class Entry(Frozen):
    """A shift; nobody's is a gap. ``away`` says that its person is away for some of it; ``url``
    leads to the form with this time chosen."""

    person: Person | None
    hue: int | None
    when: str
    lasts: str
    by: str
    now: bool
    over: bool
    away: bool
    url: str


class StandIn(Frozen):
    """An override: who, when, and in whose place where it is in one's."""

    person: Person
    when: str
    why: str
    instead: str
    actions: tuple[Action, ...]


def entries(seen: Look, calendar: ScheduleCalendar, how: Paper, *, may: bool) -> Iterator[Entry]:
    """Every shift and gap in order; ``may`` the reader put somebody on call in them."""
    now = seen.visit.now
    for one in final(calendar):
        over = one.ends <= now
        yield Entry(
            person=_person(one.user, how) if one.user else None,
            hue=how.hues.get(one.user) if one.user else None,
            when=how.span(one.starts, one.ends),
            lasts=lasting(one.ends - one.starts),
            by="override" if one.mark == "override" else one.by,
            now=one.starts <= now < one.ends,
            over=over,
            away=_away(one, calendar.absences),
            url=seen.choosing(max(one.starts, now), one.ends) if may and not over else "",
        )


def stand_ins(seen: Look, calendar: ScheduleCalendar, how: Paper) -> Iterator[StandIn]:
    """The overrides of these days, the first first."""
    offers = seen.visit.offers(calendar.schedule.team)
    for one in sorted(calendar.schedule.overrides, key=lambda one: one.starts):
        if one.starts < seen.until and seen.since < one.ends:
            over = one.ends <= seen.visit.now
            yield StandIn(
                person=_person(one.user, how),
                when=how.span(one.starts, one.ends),
                why=one.reason,
                instead=how.name(one.replaces) if one.replaces else "",
                actions=() if over else offers.press("oncall cancel", one.id, TAKE_BACK),
            )


def _person(user: str, how: Paper) -> Person:
    return Person(id=user, name=how.name(user))


def _away(one: Piece, absences: Sequence[Absence]) -> bool:
    return any(each.user == one.user and each.meets(one.starts, one.ends) for each in absences)


TAKE_BACK = Face(label="Take it back")
