"""Shifts out of a calendar: when somebody is on call, whom its events name, what was left out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from domain.calendar_layer import ImportedShift, Reading
from domain.errors import Invalid
from domain.plain import one_line
from integrations.calendar.events import (
    MOST,
    ODD,
    Period,
    each,
    is_cancelled,
    moved,
    read,
    standing,
)

LONGEST_TOLD = 120
TOLD_OF_UID = 60
NO_SHIFTS = ("VTODO", "VJOURNAL", "VFREEBUSY")


def shifts(text: bytes, period: Period, is_late: Callable[[], bool] = lambda: False) -> Reading:
    """Every event that takes place in the period, with whom it names.

    What is not understood is left out by name, with its line. Raises `Invalid` where it is no
    calendar, too long a one, or nobody waits for it any longer (``is_late``).
    """
    calendar = read(text)
    events = [one for one in calendar.walk("VEVENT") if not is_cancelled(one)]
    gone = moved(events, period)
    lines = _lines(text)
    found: list[ImportedShift] = []
    left_out = [f"{name}: no event, and so no shift" for name in NO_SHIFTS if calendar.walk(name)]
    for one in events:
        place = _place(one, lines)
        try:
            found += _shifts(one, period, gone, place)
        except ODD as error:
            left_out.append(f"{place}: {error}")
        if len(found) > MOST:
            raise Invalid(f"This calendar has more than {MOST} shifts in a year: it is no rota.")
        if is_late():
            raise Invalid("This calendar takes too long to read.")
    ordered = sorted(found, key=lambda one: (one.starts, one.place))
    return Reading(shifts=tuple(ordered), left_out=tuple(left_out))


def _shifts(one: Any, period: Period, gone: Any, place: str) -> Iterator[ImportedShift]:
    words = one_line(str(one.get("SUMMARY", "")), LONGEST_TOLD)
    mails = tuple(str(mail).partition(":")[2] or str(mail) for mail in each(one.get("ATTENDEE")))
    for event in standing(one, period, gone):
        yield ImportedShift(
            words=words, mails=mails, starts=event.starts, ends=event.ends, place=place
        )


def _lines(text: bytes) -> dict[str, int]:
    """Where each event stands: the first line that says so, by the beginning of its id."""
    found: dict[str, int] = {}
    for n, line in enumerate(text.decode("utf-8", "replace").splitlines(), 1):
        if line.startswith("UID:"):
            found.setdefault(line[4 : 4 + TOLD_OF_UID], n)
    return found


def _place(one: Any, lines: Mapping[str, int]) -> str:
    """Where an event stands, as far as the text shows, and what it is called."""
    uid = str(one.get("UID", ""))
    named = one_line(str(one.get("SUMMARY", uid or "an event")), LONGEST_TOLD)
    number = lines.get(uid[:TOLD_OF_UID])
    return f"line {number}, {named!r}" if number else repr(named)
