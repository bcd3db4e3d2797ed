"""Freezes: times in which nothing should be deployed. Some a person declares, some begin by
themselves with a bad incident and end with it."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from domain.base import Frozen
from domain.facts import Fact
from domain.incident import Incident
from domain.pipeline import PROD
from domain.severity import Severity

ITSELF = "tocsin"


class Freeze(Frozen):
    """Nothing is to be deployed to ``environment``, of one ``service`` or, where empty, of any.

    One that began by itself has its ``incident``'s id as its own and no end but the incident's.
    """

    id: str
    environment: str = PROD
    service: str = ""
    by: str
    why: str
    starts_at: datetime
    ends_at: datetime | None = None
    incident: str | None = None
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has ended it; its time may be over all the same."""
        return self.ended_at is None

    @property
    def subject(self) -> str:
        """Where its facts stand: on the incident's timeline where it began with one."""
        return f"incident:{self.incident}" if self.incident else f"freeze:{self.id}"

    @property
    def what(self) -> str:
        """What it is about, in words."""
        return f"{self.service or 'everything'} in {self.environment}"

    def stands(self, now: datetime) -> bool:
        """Whether it holds now."""
        return self.open and self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    def covers(self, service: str, environment: str) -> bool:
        """Whether a deployment there would break it."""
        return self.environment == environment and self.service in ("", service)


class FreezeBegan(Fact):
    """Somebody declared that nothing is to be deployed."""

    kind: ClassVar[str] = "freeze_began"
    template: ClassVar[str] = "{by} froze {what} ({freeze}): {text}"
    freeze: str
    what: str


class FreezeEnded(Fact):
    """Somebody ended a freeze before its time."""

    kind: ClassVar[str] = "freeze_ended"
    template: ClassVar[str] = "{by} ended the freeze of {what} ({freeze}): {text}"
    freeze: str
    what: str


class Gate(Frozen):
    """Whether something may go out now, as CI asks; ``reason`` is a sentence for its log."""

    allowed: bool
    service: str
    environment: str
    reason: str
    freezes: tuple[Freeze, ...] = ()


def by_itself(
    incidents: Iterable[Incident], least: Severity | None, lifted: Iterable[str]
) -> tuple[Freeze, ...]:
    """The freezes of open incidents at least as bad as ``least``; None where none begins so.

    The incident's service is frozen in production; everything, where no service is known. Nobody
    learns of a private incident by a freeze.
    """
    gone = set(lifted)
    bad = [one for one in incidents if one.open and not one.private and one.id not in gone]
    return tuple(
        Freeze(
            id=one.id,
            service=one.service or "",
            by=ITSELF,
            why=f"{one.id} is {one.severity}: {one.title}",
            starts_at=one.declared_at,
            incident=one.id,
        )
        for one in bad
        if least is not None and one.severity.level <= least.level
    )


def gate(freezes: Iterable[Freeze], service: str, environment: str) -> Gate:
    """What stands against a deployment there."""
    held = tuple(one for one in freezes if one.covers(service, environment))
    told = "; ".join(f"{one.what} is frozen{_until(one)}: {one.why} ({one.id})" for one in held)
    return Gate(
        allowed=not held,
        service=service,
        environment=environment,
        reason=told or f"Nothing stands against deploying {service} to {environment}.",
        freezes=held,
    )


def _until(one: Freeze) -> str:
    if one.ends_at:
        return f" until {one.ends_at:%Y-%m-%d %H:%M} UTC"
    return " while it is open" if one.incident else " until somebody ends it"
