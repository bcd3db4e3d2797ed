"""A calendar's absences: only times, repeated as the standard says, and what was left out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Invalid
from integrations.calendar.absences import Calendar, absences
from integrations.calendar.events import Period

BERLIN = ZoneInfo("Europe/Berlin")
PERIOD = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC), BERLIN)


def event(*lines: str) -> str:
    """One event."""
    return "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", ""))


def read(*events: str, every: bool = False) -> Calendar:
    """A calendar of these events."""
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n"
    return absences(f"{head}{''.join(events)}END:VCALENDAR\r\n".encode(), PERIOD, every=every)


def times(found: Calendar) -> list[str]:
    """From when to when, in UTC."""
    return [f"{one.starts:%m-%d %H:%M} {one.ends:%m-%d %H:%M}" for one in found.events]


WEEK = event("UID:1", "SUMMARY:Sea", "DTSTART;VALUE=DATE:20261221", "DTEND;VALUE=DATE:20261228")


def test_whole_days_are_those_of_the_reader():
    """From midnight to midnight by their clock; one day where no end is given."""
    assert times(read(WEEK)) == ["12-20 23:00 12-27 23:00"]
    over = event("UID:2", "DTSTART;VALUE=DATE:20260701")
    assert times(read(over, WEEK)) == ["12-20 23:00 12-27 23:00"]
    assert times(read(event("UID:2", "DTSTART;VALUE=DATE:20270701"))) == ["06-30 22:00 07-01 22:00"]


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (("SUMMARY:Vacation",), True),
        (("SUMMARY:Standup",), False),
        (("SUMMARY:Standup", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"), True),
        (("SUMMARY:Vacation", "TRANSP:TRANSPARENT"), False),
        (("SUMMARY:Vacation", "STATUS:CANCELLED"), False),
        (("SUMMARY:PTO", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"), False),
    ],
)
def test_which_events_are_absences(lines: tuple[str, ...], counts: bool):
    """By what the calendar says of them, else by their names; with ``every`` all."""
    timed = event("UID:1", "DTSTART:20261201T090000Z", "DTEND:20261201T170000Z", *lines)
    assert bool(times(read(timed))) is counts
    assert len(times(read(timed, every=True))) == 1


def test_repetitions_keep_the_clock_of_their_zone():
    """Each Friday at noon in Berlin, over the change of the clocks, without the one left out."""
    weekly = event(
        "UID:1",
        "SUMMARY:off",
        "DTSTART;TZID=Europe/Berlin:20270312T120000",
        "DURATION:PT6H",
        "RRULE:FREQ=WEEKLY;UNTIL=20270409T100000Z",
        "EXDATE;TZID=Europe/Berlin:20270402T120000",
    )
    assert times(read(weekly)) == [
        "03-12 11:00 03-12 17:00",
        "03-19 11:00 03-19 17:00",
        "03-26 11:00 03-26 17:00",
        "04-09 10:00 04-09 16:00",
    ]


def test_a_moved_repetition_stands_where_it_was_moved_to():
    """Its own event says so."""
    first = ("DTSTART:20261201T080000Z", "DTEND:20261201T090000Z", "RRULE:FREQ=DAILY;COUNT=3")
    moved = ("RECURRENCE-ID:20261202T080000Z", "DTSTART:20261202T150000Z", "DTEND:20261202T160000Z")
    assert times(read(*(event("UID:1", "SUMMARY:off", *one) for one in (first, moved)))) == [
        "12-01 08:00 12-01 09:00",
        "12-02 15:00 12-02 16:00",
        "12-03 08:00 12-03 09:00",
    ]


def test_what_is_not_understood_is_named():
    """The rest is taken over."""
    start, end = "DTSTART:20270301T080000Z", "DTEND:20270301T090000Z"
    listed = event("UID:2", "SUMMARY:leave in spring", start, end, "RDATE:20270303T080000Z")
    backwards = event("UID:3", "SUMMARY:sick", start, "DTEND:20270301T070000Z")
    endless = event("UID:4", "SUMMARY:away", start)
    found = read(WEEK, listed, backwards, endless)
    assert len(found.events) == 1
    assert found.left_out == (
        "leave in spring: it repeats on listed days (RDATE), which is not read",
        "sick: it does not end after it begins",
        "away: it has no end",
    )


def test_no_calendar_is_refused():
    """With what to do instead."""
    with pytest.raises(Invalid, match="no calendar"):
        absences(b"<html>login</html>", PERIOD)
