"""Canaries: a way to somebody is tried before a shift needs it, by day, and not too often."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from domain.contact import ContactKind, ContactMethod
from domain.job import Job
from domain.message import Message, Text, spans
from domain.reachability import ReachTest

AHEAD = timedelta(days=7)
REMINDED = timedelta(days=1)
WEEKLY, QUARTERLY = timedelta(days=7), timedelta(days=90)
EVERY: dict[ContactKind, timedelta] = {"sms": QUARTERLY, "voice": QUARTERLY}
OPENS, CLOSES, SATURDAY = 9, 17, 5


class SendCanaries(Job):
    """Look whose ways should be tried before their next shift."""

    kind: ClassVar[str] = "send_canaries"
    priority: ClassVar[int] = 80


class RemindCanary(Job):
    """Remind a person once of the tests of a round that nobody has heard."""

    kind: ClassVar[str] = "remind_canary"
    priority: ClassVar[int] = 80
    user: str
    round: str


def is_working_hour(at: datetime, zone: str) -> bool:
    """Whether it is nine to five on a working day by that clock (rules.md 27)."""
    local = at.astimezone(ZoneInfo(zone))
    return local.weekday() < SATURDAY and OPENS <= local.hour < CLOSES


def next_working_hour(at: datetime, zone: str) -> datetime:
    """The first hour from ``at`` on that is one."""
    while not is_working_hour(at, zone):
        at += timedelta(hours=1)
    return at


def due(
    methods: Iterable[ContactMethod], tests: Iterable[ReachTest], now: datetime
) -> tuple[ContactMethod, ...]:
    """The verified ways that were not tried for as long as they may go without: a week, or a
    quarter where a try costs money and sleep. The built-in chat cannot fail by itself."""
    tried = {one.method: one.at for one in tests}
    return tuple(
        one for one in methods if one.verified and one.id != "console" and _is_due(one, tried, now)
    )


def _is_due(method: ContactMethod, tried: dict[str, datetime], now: datetime) -> bool:
    last = tried.get(method.id)
    return last is None or now - last >= EVERY.get(method.kind, WEEKLY)


def canary_reminder(unheard: Iterable[ReachTest]) -> Message:
    """What is said once where a test was not heard."""
    names = ", ".join(one.name for one in unheard)
    told = f"Yesterday's test by {names} was not heard. Did it arrive? /me test tries every way."
    return Message(nodes=(Text(spans=spans(told)),))
