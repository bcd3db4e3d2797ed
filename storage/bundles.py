"""Bundles: which pages of a person wait for one another, and the messages they went out in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, literal, or_, select, update

from domain.bundle import (
    MINUTE,
    Bundle,
    BundleRing,
    CloseBundle,
    Lately,
    ListBundle,
    RingBundle,
    ShowBundle,
    held_until,
    is_held,
)
from domain.paging import Page, Ring
from domain.severity import Severity
from storage.jobs import Jobs
from storage.rows import Rows, to_row
from storage.scope import Scope
from storage.tables.incidents import incidents
from storage.tables.ledger import jobs
from storage.tables.paging import bundle_rings, bundles, pages, rings

Waiting = Bundle | None
MOST_AT_ONCE = 10_000  # a statement holds so many values; the rest goes tomorrow
KEPT = timedelta(days=14)


class Bundles(Rows[Bundle]):
    """What people get together."""

    table = bundles
    model = Bundle
    noun = "bundle"

    def __init__(self, scope: Scope, jobs: Jobs) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.jobs = jobs

    async def gather(self, page: Page, *, asked: bool) -> Page:
        """A new page, with the bundle that it waits for where its person was rung just now.

        Two pages to one person are never decided about at once, or both might be the first.
        """
        if not is_held(page, asked=asked):
            return page
        await self.for_person(page.user)
        waiting = await self._waiting(page)
        about = select(incidents.c.severity, incidents.c.service)
        row = await self.connection.execute(about.where(incidents.c.id == page.incident))
        severity, service = row.one()
        lately = await self._lately(page, waiting, worst=severity == Severity.SEV1)
        due = held_until(Severity(severity), service, lately, self.scope.now)
        if due is None:
            return page
        bundle = waiting or await self._begin(page, due)
        return page.model_copy(update={"bundle": bundle.id})

    async def for_person(self, user: str) -> None:
        """Nobody else decides meanwhile how this person is paged."""
        await self.scope.exclusively(f"paging:{user}")

    async def _begin(self, page: Page, due: datetime) -> Bundle:
        name = self.scope.ids.new()
        bundle = await self.add(Bundle(id=name, user=page.user, urgency=page.urgency, due=due))
        close = CloseBundle(bundle=bundle.id)
        key = f"close:{bundle.id}"
        await self.jobs.add(close, due=bundle.due, key=key, subject=bundle.subject)
        return bundle

    async def _waiting(self, page: Page) -> Waiting:
        """What this person's pages of that urgency wait for already.

        Nothing joins what is overdue by more than a minute: whatever should send it may be gone.
        """
        wanted = (
            bundles.c.user == page.user,
            bundles.c.urgency == page.urgency,
            bundles.c.sent_at.is_(None),
            bundles.c.due > self.scope.now - MINUTE,
        )
        found = await self.where(*wanted, limit=1)
        return found[0] if found else None

    async def _lately(self, page: Page, waiting: Waiting, *, worst: bool) -> Lately:
        if waiting:
            lately = Lately(waiting=waiting.due)
        else:
            lately = Lately(rung_at=await self._rung_at(page))
        if not worst:
            return lately
        services = await self._services(page.user, waiting)
        return lately.model_copy(update={"services": services})

    async def _rung_at(self, page: Page) -> datetime | None:
        """When the person was last rung with something new of that urgency, in the last minute;
        what they have answered by now disturbs them no more."""
        since = self.scope.now - MINUTE
        alone = select(func.max(pages.c.created_at)).where(
            pages.c.user == page.user,
            pages.c.urgency == page.urgency,
            pages.c.bundle.is_(None),
            pages.c.state == "sent",
            pages.c.created_at > since,
        )
        unanswered = select(pages.c.id).where(
            pages.c.bundle == bundles.c.id, pages.c.state == "sent"
        )
        together = select(func.max(bundles.c.sent_at)).where(
            bundles.c.user == page.user,
            bundles.c.urgency == page.urgency,
            bundles.c.sent_at > since,
            unanswered.exists(),
        )
        found = [(await self.connection.execute(one)).scalar() for one in (alone, together)]
        return max((at for at in found if at), default=None)

    async def _services(self, user: str, waiting: Waiting) -> frozenset[str]:
        """The services that the person rings for, or was paged for within the minute."""
        since = self.scope.now - MINUTE
        rung = [pages.c.user == user, or_(pages.c.state == "sent", pages.c.created_at > since)]
        if waiting:
            rung.append(or_(pages.c.bundle.is_(None), pages.c.bundle != waiting.id))
        joined = pages.join(incidents, incidents.c.id == pages.c.incident)
        query = select(incidents.c.service).select_from(joined).where(*rung).distinct()
        found = (await self.connection.execute(query)).scalars()
        return frozenset(service for service in found if service)

    async def send(self, bundle: Bundle) -> Bundle:
        """From now on nothing joins it."""
        return await self.save(bundle.model_copy(update={"sent_at": self.scope.now}))

    async def drop(self, bundle: Bundle) -> None:
        """It has come to nothing: nobody was rung."""
        await self.connection.execute(delete(bundles).where(bundles.c.id == bundle.id))

    async def pages(self, bundle: str) -> tuple[str, ...]:
        """The ids of the pages that ring with it."""
        query = select(pages.c.id).where(pages.c.bundle == bundle).order_by(pages.c.id)
        return tuple((await self.connection.execute(query)).scalars())

    async def release(self, *names: str) -> None:
        """From now on these pages ring by themselves."""
        alone = update(pages).where(pages.c.id.in_(names)).values(bundle=None)
        await self.connection.execute(alone)

    async def join(self, again: Sequence[Page], due: datetime) -> bool:
        """Let pages of one person that would ring in their chat again at ``due`` ring with a list
        that goes to them within a minute of it; False where none does (rules.md 6).

        Only a list that is not made yet: whoever makes one waits for this to be decided.
        """
        if not again:
            return False
        await self.for_person(again[0].user)
        owed = and_(
            jobs.c.state == "pending",
            jobs.c.lane == ListBundle.lane,
            jobs.c.kind == ListBundle.kind,
            jobs.c.due > due - MINUTE,
            jobs.c.due < due + MINUTE,
            jobs.c.payload["method"].as_string() == "chat",
        )
        theirs = and_(
            jobs.c.subject == literal("bundle:") + bundles.c.id,
            bundles.c.user == again[0].user,
            bundles.c.urgency == again[0].urgency,
            bundles.c.id != again[0].bundle,
        )
        query = select(bundles.c.id).join(jobs, theirs).where(owed).order_by(jobs.c.due, jobs.c.id)
        found = (await self.connection.execute(query.limit(1))).scalar()
        if found is None:
            return False
        names = [page.id for page in again]
        together = update(pages).where(pages.c.id.in_(names)).values(bundle=found)
        await self.connection.execute(together)
        return True

    async def forget(self) -> None:
        """Drop what went out over fourteen days ago and holds nothing that still rings; its pages
        keep what was rung."""
        ringing = select(pages.c.id).where(pages.c.bundle == bundles.c.id, pages.c.state == "sent")
        old = select(bundles.c.id).where(bundles.c.due < self.scope.now - KEPT, ~ringing.exists())
        gone = tuple((await self.connection.execute(old.limit(MOST_AT_ONCE))).scalars())
        for table, column in ((bundle_rings, bundle_rings.c.bundle), (bundles, bundles.c.id)):
            await self.connection.execute(delete(table).where(column.in_(gone)))

    async def ring(self, bundle: Bundle, job: ListBundle, listed: tuple[str, ...]) -> None:
        """Keep the list of the bundle's next message, and owe sending it."""
        made = BundleRing(bundle=bundle.id, k=job.k, pages=listed, made_at=self.scope.now)
        await self.connection.execute(insert(bundle_rings), to_row(made, bundle_rings))
        await self.owe(RingBundle(bundle=bundle.id, k=job.k, method=job.method))

    async def owe(self, job: RingBundle) -> None:
        """Owe one message now, once for the ways that were tried before."""
        key = ":".join(("bundle", job.bundle, str(job.k), job.method, *job.tried))
        await self.jobs.add(job, key=key, subject=f"bundle:{job.bundle}")

    async def made(self, bundle: str, k: int) -> BundleRing | None:
        """The list of the bundle's ``k``-th message."""
        return next((one for one in await self.messages(bundle) if one.k == k), None)

    async def messages(self, bundle: str) -> tuple[BundleRing, ...]:
        """The lists of all its messages, oldest first."""
        query = (
            select(bundle_rings).where(bundle_rings.c.bundle == bundle).order_by(bundle_rings.c.k)
        )
        rows = (await self.connection.execute(query)).mappings()
        return tuple(BundleRing.model_validate(dict(row)) for row in rows)

    async def newest(self, user: str) -> BundleRing | None:
        """The list of the last message that was sent to somebody."""
        sent = (bundles.c.user == user, bundles.c.sent_at.is_not(None))
        found = await self.where(*sent, order=bundles.c.id.desc(), limit=1)
        made = await self.messages(found[0].id) if found else ()
        return made[-1] if made else None

    async def rings(self, bundle: str) -> tuple[Ring, ...]:
        """Every attempt to send its messages, once for each page, in order."""
        query = select(rings).where(rings.c.bundle == bundle).order_by(rings.c.at, rings.c.key)
        rows = (await self.connection.execute(query)).mappings()
        return tuple(Ring.model_validate(dict(row)) for row in rows)

    async def show(self, bundle: str) -> None:
        """Owe its messages a redraw."""
        await self.jobs.add(ShowBundle(bundle=bundle), key=f"~bundle:{bundle}")

    async def with_page(self, page: str) -> tuple[str, ...]:
        """The bundles in whose messages a page stands."""
        query = select(rings.c.bundle).where(rings.c.page == page, rings.c.bundle.is_not(None))
        return tuple((await self.connection.execute(query.distinct())).scalars())
