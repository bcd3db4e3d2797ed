"""What is looked at after a fault run: the database, the rooms, and the driver's own ledger."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, create_engine, select

from domain.alert import Alert
from domain.base import Frozen
from domain.bundle import Bundle, BundleRing
from domain.incident import Incident
from domain.paging import Escalation, Page, Ring
from storage.audit import Verified
from storage.engine import sync_url
from storage.tables.alerts import alerts, deliveries
from storage.tables.console import console_messages
from storage.tables.incidents import incidents
from storage.tables.ledger import audit, facts, jobs
from storage.tables.paging import bundle_rings, bundles, escalations, pages, rings
from tests.faults.ledger import Ledger

HISTORY = 12  # the incidents that the seeded company has behind it


class Post(Frozen):
    """A message that reached a room. Ids grow with time, whatever made them."""

    id: str
    key: str
    room: str
    at: datetime

    @property
    def page(self) -> str | None:
        """The page that this message is a ring of; the key says so."""
        kind, _, rest = self.key.partition(":")
        return rest.partition(":")[0] if kind == "ring" else None

    @property
    def bundle(self) -> tuple[str, int] | None:
        """The bundle that this is a message of, and which one."""
        kind, *rest = self.key.split(":")
        return (rest[0], int(rest[1])) if kind == "bundle" else None


class Owed(Frozen):
    """A job that is not done and not cancelled."""

    id: str
    kind: str
    state: str
    due: datetime
    subject: str | None
    payload: dict[str, Any]
    error: str | None


class Happened(Frozen):
    """A fact."""

    id: str
    subject: str
    at: datetime
    kind: str
    by: str
    payload: dict[str, Any]


class Audited(Frozen):
    """An audit row."""

    id: str
    action: str
    subject: str
    outcome: str
    fact: str | None


@dataclass(frozen=True)
class Evidence:
    """Everything a checker may look at. ``up`` is whether jobs are carried out at the moment."""

    now: datetime
    up: bool
    deliveries: frozenset[str]
    incidents: tuple[Incident, ...]
    alerts: tuple[Alert, ...]
    escalations: tuple[Escalation, ...]
    pages: tuple[Page, ...]
    rings: tuple[Ring, ...]
    bundles: tuple[Bundle, ...]
    lists: tuple[BundleRing, ...]
    jobs: tuple[Owed, ...]
    facts: tuple[Happened, ...]
    audit: tuple[Audited, ...]
    posts: tuple[Post, ...]
    ledger: Ledger
    verified: Verified | None = field(default=None)

    @cached_property
    def posts_of(self) -> dict[str, list[Post]]:
        """The messages of each page, oldest first."""
        found: dict[str, list[Post]] = defaultdict(list)
        listed = {(one.bundle, one.k): one.pages for one in self.lists}
        for post in self.posts:
            own = (post.page,) if post.page else ()
            for page in listed.get(post.bundle, own) if post.bundle else own:
                found[page].append(post)
        return found

    @cached_property
    def made_at(self) -> dict[tuple[str, int], datetime]:
        """When the list of each message of a bundle was made."""
        return {(one.bundle, one.k): one.made_at for one in self.lists}

    @cached_property
    def pages_of(self) -> dict[str, list[Page]]:
        """The pages of each incident, oldest first."""
        found: dict[str, list[Page]] = defaultdict(list)
        for page in self.pages:
            found[page.incident].append(page)
        return found

    @cached_property
    def page(self) -> dict[str, Page]:
        """Every page by its id."""
        return {page.id: page for page in self.pages}

    def facts_of(self, *kinds: str) -> list[Happened]:
        """Facts of these kinds, oldest first."""
        return [fact for fact in self.facts if fact.kind in kinds]

    def owed(self, kind: str, subject: str | None = None) -> list[Owed]:
        """Jobs of a kind (about a subject) that wait or run."""
        return [
            job
            for job in self.jobs
            if job.kind == kind
            and job.state in ("pending", "running")
            and subject in (None, job.subject)
        ]


class Witness:
    """Reads the database beside the process under test, through a connection of its own."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(sync_url(url))

    def close(self) -> None:
        """Give the connection back."""
        self._engine.dispose()

    def evidence(
        self,
        ledger: Ledger,
        now: datetime,
        posts: Iterable[Post] | None = None,
        *,
        up: bool,
        verified: Verified | None = None,
    ) -> Evidence:
        """Everything at this instant; the rooms are the console's where ``posts`` is None."""
        with self._engine.connect() as one:
            return Evidence(
                now=now,
                up=up,
                deliveries=frozenset(one.scalars(select(deliveries.c.id))),
                incidents=_all(one, incidents, Incident, incidents.c.number > HISTORY),
                alerts=_all(one, alerts, Alert),
                escalations=_all(one, escalations, Escalation),
                pages=_all(one, pages, Page),
                rings=_all(one, rings, Ring),
                bundles=_all(one, bundles, Bundle),
                lists=_all(one, bundle_rings, BundleRing),
                jobs=_all(one, jobs, Owed, jobs.c.state.not_in(("done", "cancelled"))),
                facts=_all(one, facts, Happened),
                audit=_all(one, audit, Audited),
                posts=_all(one, console_messages, Post) if posts is None else tuple(posts),
                ledger=ledger,
                verified=verified,
            )


def _all(one: Connection, table: Table, model: type[Any], *where: Any) -> tuple[Any, ...]:
    """Every row as a value, in the order of the key."""
    columns = [table.c[name] for name in model.model_fields]
    query = select(*columns).where(*where).order_by(*table.primary_key)
    return tuple(model.model_validate(dict(row)) for row in one.execute(query).mappings())
