"""Asking for less: awake, pages come by direct message only; quiet, what can wait waits."""

import re
from collections.abc import Collection
from datetime import datetime, time, timedelta

from domain.base import Frozen
from domain.paging import WORKING_HOURS, working_time
from domain.restriction import Restriction, windows
from domain.severity import Severity

AWAKE = timedelta(minutes=60)
LONGEST_AWAKE = timedelta(hours=4)
HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?", re.ASCII)
AT_LEAST = timedelta(hours=1)
AHEAD = timedelta(days=2)
ZERO = timedelta()


class Quiet(Frozen):
    """Hours of every day, by the person's own clock; an end before the start is the next day's."""

    starts: time
    ends: time

    def __str__(self) -> str:
        """``22:00-07:00``, as it is kept."""
        return f"{self.starts:%H:%M}-{self.ends:%H:%M}"


def quiet_hours(text: str) -> Quiet:
    """``22-07`` and the like. Raises `ValueError`, a clause that says what to type."""
    found = HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError("type hours like 22-07, or off")
    try:
        starts = time(int(found[1]) % 24, int(found[2] or 0))
        ends = time(int(found[3]) % 24, int(found[4] or 0))
    except ValueError:
        raise ValueError("type hours like 22-07, or off") from None
    quiet = Quiet(starts=starts, ends=ends)
    if int(found[1]) > 24 or int(found[3]) > 24 or starts == ends:
        raise ValueError("type hours like 22-07, or off")
    if _left_of_work(quiet) < AT_LEAST:
        opens, closes = WORKING_HOURS
        told = f"that leaves nothing of {opens:%H:%M}-{closes:%H:%M}, when what can wait is told"
        raise ValueError(f"{told}; type hours like 22-07")
    return quiet


def _left_of_work(quiet: Quiet) -> timedelta:
    opens, closes = (edge.hour * 60 + edge.minute for edge in WORKING_HOURS)
    starts, ends = (edge.hour * 60 + edge.minute for edge in (quiet.starts, quiet.ends))
    crosses = ends <= starts
    loud = [
        minute
        for minute in range(opens, closes)
        if not (minute >= starts or minute < ends if crosses else starts <= minute < ends)
    ]
    return timedelta(minutes=len(loud))


def calm_over(at: datetime, quiet: Quiet | None, zone: str) -> datetime:
    """The first instant from ``at`` on that lies outside the quiet hours."""
    if quiet is None:
        return at
    hours = Restriction(starts=quiet.starts, ends=quiet.ends)
    found = windows((hours,), zone, at, at + AHEAD)
    return found[0].ends if found and found[0].starts <= at else at


def low_time(now: datetime, quiet: Quiet | None, zone: str) -> datetime:
    """When what can wait may be told: in working hours, and not in quiet ones."""
    at = working_time(now, zone)
    # past the quiet of that day, and past what the next working day begins with
    for _ in range(2):
        at = working_time(calm_over(at, quiet, zone), zone)
    return at


def is_dm_only(
    awake_until: datetime | None, now: datetime, severity: Severity, *, new_service: bool
) -> bool:
    """Whether a page made now rings by direct message alone (rules.md 6)."""
    awake = awake_until is not None and now < awake_until
    return awake and not (severity is Severity.SEV1 and new_service)


def is_new_service(service: str | None, known: Collection[str]) -> bool:
    """Whether somebody who works on ``known`` hears of it first now; a nameless one is new."""
    return service is None or service not in known


def may_mail(*, outside: int, left: int) -> bool:
    """Whether a letter may stand in for a chat of somebody who is rung by chat alone.

    They look at their chat, so none goes at first. But a page must ring (rules.md 3): where they
    have an outside chat and none of those is ``left`` to try, it goes.
    """
    return outside > 0 and left == 0
