"""A bundle: many pages to one person at once become one message a minute (rules.md 6).

The first page rings at once. What is due within the minute after it waits, and goes out together
at its end; what comes later goes out with the next minute's. Nothing else about a page changes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from domain.base import Frozen
from domain.contact import Urgency
from domain.incident import Incident
from domain.job import Job, Lane
from domain.paging import Page
from domain.rest import is_new_service
from domain.severity import Severity

MINUTE = timedelta(minutes=1)
SHOWN = 20


class Bundle(Frozen):
    """The pages that one person gets together: collected until ``due``, sent at ``sent_at``."""

    id: str
    user: str
    urgency: Urgency
    due: datetime
    sent_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What its jobs are about."""
        return f"bundle:{self.id}"


class BundleRing(Frozen):
    """The ``k``-th message of a bundle: its pages in the order they are shown, as it was made."""

    bundle: str
    k: int
    pages: tuple[str, ...]
    made_at: datetime

    @property
    def shown(self) -> tuple[str, ...]:
        """Those that stand in the message one by one; the rest is only counted."""
        return self.pages[:SHOWN]


class CloseBundle(Job):
    """The minute is over: send what was collected."""

    kind: ClassVar[str] = "close_bundle"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 8
    max_attempts: ClassVar[int] = 3
    bundle: str


class ListBundle(Job):
    """Make the ``k``-th message of a bundle, of what still rings by then."""

    kind: ClassVar[str] = "list_bundle"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 9
    max_attempts: ClassVar[int] = 3
    bundle: str
    k: int
    method: str


class RingBundle(Job):
    """Send the ``k``-th message of a bundle by one method; ``tried`` are the ways that refused."""

    kind: ClassVar[str] = "ring_bundle"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 10
    max_attempts: ClassVar[int] = 3
    bundle: str
    k: int
    method: str
    tried: tuple[str, ...] = ()


class ShowBundle(Job):
    """Redraw the messages of a bundle where they were posted."""

    kind: ClassVar[str] = "show_bundle"
    bundle: str


class Lately(Frozen):
    """What somebody was rung for within the last minute or is rung for now.

    ``waiting`` is when that goes out which is held for them already.
    """

    rung_at: datetime | None = None
    waiting: datetime | None = None
    services: frozenset[str] = frozenset()


def held_until(
    severity: Severity, service: str | None, lately: Lately, now: datetime
) -> datetime | None:
    """When the first ring of a new page goes out together with others; None for at once.

    A SEV1 of a service that they were not paged for never waits.
    """
    if severity is Severity.SEV1 and is_new_service(service, lately.services):
        return None
    if lately.waiting:
        return lately.waiting
    due = lately.rung_at + MINUTE if lately.rung_at else now
    return due if due > now else None


def is_held(page: Page, *, asked: bool) -> bool:
    """Whether a page may wait for others; one that a person asked for rings at once."""
    return not asked and (page.escalation is not None or page.urgency == "low")


def rings_in(page: Page, bundle: str, k: int, now: datetime) -> bool:
    """Whether a page is part of the bundle's ``k``-th message: it was not answered, and nobody
    else is rung instead. The first message has all: nobody is paged without hearing of it."""
    if page.state != "sent" or page.bundle != bundle:
        return False
    return k == 0 or page.next_at is None or page.next_at > now


def worst_first(found: Iterable[tuple[Page, Incident]]) -> tuple[Page, ...]:
    """Pages in the order of a list: the most severe, and of these the oldest, on top."""
    ordered = sorted(found, key=lambda one: (one[1].severity.level, one[0].id))
    return tuple(page for page, _ in ordered)
