"""The auditor: whether everything that must ring still will, and nothing due is left undone."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from domain.base import Frozen

SETTING = "audit"
OVERDUE = timedelta(seconds=60)
# What an escalation owes while it goes on, and while all its alerts are resolved.
LIVE = {"running": "escalate", "exhausted": "escalate", "paused": "watch_resolved"}


class Standing(Frozen):
    """An urgent incident that nobody has taken: the states of its escalations, the kinds of jobs
    that it owes, and whether somebody is being rung for it by name."""

    incident: str
    escalations: tuple[str, ...] = ()
    owed: frozenset[str] = frozenset()
    rung_by_name: bool = False

    @property
    def live(self) -> bool:
        """Whether anything will ring for it."""
        steps = (LIVE.get(state) in self.owed for state in self.escalations)
        return self.rung_by_name or any(steps)


class Waiting(Frozen):
    """An urgent page to somebody by name that nobody has answered; whether it rings on."""

    page: str
    incident: str
    rings: bool


class Overdue(Frozen):
    """Work that wakes people, due for over a minute."""

    count: int
    oldest: timedelta


class Fault(Frozen):
    """Something that should not be; ``subject`` is the incident or page that can be put right."""

    kind: Literal["silent", "mute", "late"]
    subject: str
    text: str


class Audit(Frozen):
    """One look: when, and what was found; ``clean_at`` is when the last one found nothing."""

    at: datetime
    faults: tuple[Fault, ...] = ()
    clean_at: datetime | None = None

    def followed_by(self, found: tuple[Fault, ...], now: datetime) -> "Audit":
        """The next look."""
        return Audit(at=now, faults=found, clean_at=self.clean_at if found else now)


def faults(
    standings: Iterable[Standing], pages: Iterable[Waiting], overdue: Overdue | None
) -> tuple[Fault, ...]:
    """Everything that is wrong, in an order that stays the same."""
    return (*_silent(standings), *_mute(pages), *_late(overdue))


def _silent(standings: Iterable[Standing]) -> Iterator[Fault]:
    for one in standings:
        if not one.live:
            told = f"{one.incident} is triggered, and nothing would ring for it any more"
            yield Fault(kind="silent", subject=one.incident, text=told)


def _mute(pages: Iterable[Waiting]) -> Iterator[Fault]:
    for one in pages:
        if not one.rings:
            told = f"a page for {one.incident} waits for an answer, and rings no more"
            yield Fault(kind="mute", subject=one.page, text=told)


def _late(overdue: Overdue | None) -> Iterator[Fault]:
    if overdue:
        minutes = int(overdue.oldest.total_seconds() // 60)
        told = f"{overdue.count} pieces of work that wake people are up to {minutes} min late"
        yield Fault(kind="late", subject="", text=told)
