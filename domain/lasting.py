"""Ways that go on ringing by themselves until they are told that somebody has answered."""

from datetime import datetime
from typing import ClassVar, Literal

from domain.base import Frozen
from domain.contact import ContactKind
from domain.job import Job, Lane

LASTING: frozenset[str] = frozenset({"pushover", "pagerduty"})
# What tells our own alarms from others' where both come back.
OURS = "tocsin:"

# "over": nobody is asked any more, whoever answered elsewhere.
Settled = Literal["acked", "over"]


class Alarm(Frozen):
    """What rings outside for a page or a list, and how it stands here."""

    kind: ContactKind
    address: str
    name: str
    settled: Settled


def alarm_of(key: str) -> str:
    """What all rings of one page, or of one list, are known by outside."""
    return ":".join(key.split(":")[:2])


def named_by(alarm: str) -> tuple[str, str]:
    """Whether it is of a page (``ring``) or of a list (``bundle``), and of which."""
    kind, _, name = alarm.partition(":")
    return kind, name


class AnswerAlarm(Job):
    """Somebody answered outside what rings there: ``pages`` where it is known which stood in the
    message, else what had been shown there ``at`` that time. Nothing else is answered by it."""

    kind: ClassVar[str] = "answer_alarm"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 5
    alarm: str
    pages: tuple[str, ...] = ()
    at: datetime | None = None
