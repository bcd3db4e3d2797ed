"""Chat platforms as people see them: down since when, and what they refuse."""

from datetime import datetime

from domain.account import way_called
from domain.base import Frozen
from domain.contact import NAMES
from storage.jobs import Jobs
from storage.outages import Outages, Refusals
from storage.scope import Scope
from storage.views.people import names


class Outage(Frozen):
    """A platform that is down ``since``; ``error`` is what it last said."""

    platform: str
    since: datetime
    error: str


class Busy(Frozen):
    """A platform that has said "later" ``since``, and wants to be left alone ``until``."""

    platform: str
    since: datetime
    until: datetime


class Refused(Frozen):
    """A person or room, by name, that a platform does not let Tocsin speak to."""

    platform: str
    name: str
    error: str
    since: datetime

    @property
    def line(self) -> str:
        """It in words."""
        name = way_called(self.platform)
        if self.platform in NAMES:
            return f"no page reaches {self.name} by {name}: {self.error}"
        return f"{name} refuses {self.name}: {self.error}"


async def down(scope: Scope) -> tuple[Outage, ...]:
    """The platforms that are set up and down."""
    states = await Outages(scope, Jobs(scope)).where()
    gone = [one for one in states if not one.up and one.platform in scope.installation.platforms]
    return tuple(Outage(platform=one.platform, since=one.since, error=one.error) for one in gone)


async def busy(scope: Scope) -> tuple[Busy, ...]:
    """The platforms that are set up and want to be left alone for long."""
    states = await Outages(scope, Jobs(scope)).where()
    return tuple(
        Busy(platform=one.platform, since=one.busy_since, until=one.busy_until)
        for one in states
        if one.platform in scope.installation.platforms and one.busy_since
        if one.busy_until and one.busy_until > scope.now
    )


async def refused(scope: Scope) -> tuple[Refused, ...]:
    """What platforms refuse; for those who can put it right."""
    people = await names(scope)
    return tuple(
        Refused(
            platform=one.platform,
            name=_named(one.subject, people),
            error=one.error,
            since=one.since,
        )
        for one in await Refusals(scope, Jobs(scope)).everything()
    )


def _named(subject: str, people: dict[str, str]) -> str:
    kind, _, name = subject.partition(":")
    return people.get(name, name) if kind == "person" else name or subject
