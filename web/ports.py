"""What the web needs from the rest, passed in by `bot.wiring`; and the values that cross."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.actor import Actor, Scope
from domain.alert import Parsed
from domain.base import Frozen
from domain.calendar import Calendar
from domain.incident import Incident
from domain.paging import Page
from domain.reachability import ReachTest
from domain.receipt import HeedReceipt


class Arrived(Frozen):
    """A delivery that is verified and read, and not yet on disk; ``body`` is as it came."""

    source: str
    integration: str
    received_at: datetime
    body: bytes
    parsed: Parsed


class Intake(Protocol):
    """Takes deliveries in."""

    async def accept(self, arrived: Arrived) -> str:
        """Store a delivery; returns its id once it is on disk.

        Raises `domain.errors.Retry` where that was not possible, or is not known.
        """


class Token(Frozen):
    """What a bearer token proves; ``actor`` is None where it belongs to a source, not a person.

    ``source`` is the one source it may send for, ``*`` for any, None for none.
    """

    id: str
    name: str
    source: str | None
    scopes: frozenset[Scope]
    actor: Actor | None


class Session(Frozen):
    """What a session cookie proves; ``csrf`` must come back with every change."""

    actor: Actor
    csrf: str


class NewSession(Frozen):
    """A session just begun: the secret for the cookie, shown once."""

    secret: str
    csrf: str
    expires_at: datetime


class Credentials(Protocol):
    """Who a secret belongs to. Deactivated people have no valid secret."""

    async def token(self, secret: str) -> Token | None:
        """The token while it is neither expired nor revoked."""

    async def session(self, secret: str) -> Session | None:
        """The session while it lasts."""

    async def person(self, name: str, password: str) -> str | None:
        """The id of whoever is called ``name`` (id or e-mail) if the password is theirs.

        Takes as long for an unknown name as for a wrong password.
        """

    async def begin(self, user: str) -> NewSession | None:
        """Log the person in; None for nobody and the deactivated."""

    async def end(self, secret: str) -> None:
        """Log out; harmless where there is no such session."""


class Paged(Frozen):
    """What an acknowledge link leads to; ``person`` is the only one it acts for."""

    page: Page
    incident: Incident
    person: Actor


class Tested(Frozen):
    """What a test's link leads to; ``person`` is the only one it acts for."""

    test: ReachTest
    person: Actor


class PageLinks(Protocol):
    """The codes of ``/a/{code}`` and ``/a/test/{code}``."""

    async def behind(self, code: str) -> Paged | None:
        """The page of a code; None where there is none."""

    async def tested(self, code: str) -> Tested | None:
        """The test of a code; None where there is none."""


class Reports(Protocol):
    """What providers tell of messages that they took."""

    async def tell(self, told: HeedReceipt) -> None:
        """Keep it; the same once more is nothing new."""


class Texting(Protocol):
    """Who writes SMS."""

    async def owner(self, number: str) -> Actor | None:
        """Whose number it is, able to answer pages alone; None where it is not one person's."""


class Banner(Protocol):
    """What pages say first that stand alone."""

    async def __call__(self) -> str:
        """The line; empty where there is none."""


class CalendarLinks(Protocol):
    """The secrets of ``/ical/{secret}.ics``."""

    async def calendar(self, secret: str) -> Calendar | None:
        """The calendar of a secret; None where there is none."""


class Check(Frozen):
    """One thing that must work before requests are welcome."""

    name: str
    ok: bool
    detail: str = ""


class Vitals(Protocol):
    """How the process is doing."""

    def ages(self) -> Mapping[str, float]:
        """Seconds since each duty of this process last finished a cycle."""

    async def checks(self) -> tuple[Check, ...]:
        """What readiness depends on, looked at now."""

    def metrics(self) -> bytes:
        """The metrics in Prometheus' text format."""

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is its pattern, never its path."""
