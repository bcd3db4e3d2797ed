"""Calendars as RFC 5545 text, which every calendar program subscribes to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from domain.calendar import Calendar, Event
from domain.plain import one_line

REFRESH = timedelta(hours=1)
LONGEST = 200
# rules of zones are written for the years that matter, and one on either side
AROUND = timedelta(days=366)


def written(calendar: Calendar, url: str) -> bytes:
    """The calendar with the rules of every zone it mentions; ``url`` is where Tocsin is read."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Tocsin//On call//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", one_line(calendar.name, LONGEST))
    # the standard's name, and the one that Outlook and Apple had before it
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for event in calendar.events:
        made.add_component(_event(event, calendar, url))
    if calendar.events:
        first, last = calendar.events[0].starts, max(event.ends for event in calendar.events)
        made.add_missing_timezones((first - AROUND).date(), (last + AROUND).date())
    text: bytes = made.to_ical()
    return text


def _event(event: Event, calendar: Calendar, url: str) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("sequence", calendar.sequence)
    made.add("dtstamp", calendar.changed_at)
    made.add("last-modified", calendar.changed_at)
    made.add("summary", one_line(event.title, LONGEST))
    made.add("description", one_line(event.detail, LONGEST))
    made.add("dtstart", _on_the_clock(event.starts, event.zone))
    made.add("dtend", _on_the_clock(event.ends, event.zone))
    made.add("url", f"{url}/oncall")
    made.add("transp", "TRANSPARENT")
    return made


def _on_the_clock(at: datetime, zone: str) -> datetime:
    """By the clock of the zone; in UTC where that shows the same time twice, and for the second."""
    local = at.astimezone(ZoneInfo(zone))
    return at.astimezone(UTC) if local.fold else local
