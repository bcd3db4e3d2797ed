"""Escalations, pages and rings. Starting and stopping them is one place for every caller."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from domain.escalation import EscalationPolicy, Step, Target
from domain.incident import OPEN, Incident
from domain.paging import (
    ESCALATING,
    HAND_ON,
    Cause,
    Escalate,
    Escalation,
    EscalationStarted,
    EscalationStopped,
    Page,
    PageSent,
    Reason,
    Ring,
    RingPage,
    RingSnoozed,
    ShowPage,
    WatchAcknowledgement,
)
from domain.scrub import holds, without
from domain.step_condition import Matter, settled
from storage.bundles import Bundles
from storage.facts import Facts
from storage.jobs import Jobs, Planned
from storage.numbers import Numbers
from storage.rows import Rows, by_id_set
from storage.scope import Scope
from storage.tables.incidents import incidents, members
from storage.tables.paging import escalations, pages, rings

RUNNING = ("running", "paused", "exhausted")
NO_REASON = Reason()


class Escalations(Rows[Escalation]):
    """Policies at work."""

    table = escalations
    model = Escalation
    noun = "escalation"

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs

    async def begin(self, incident: Incident, policy: EscalationPolicy, cause: Cause) -> Escalation:
        """Freeze what ``policy`` means for the incident now, and ring its first step at once."""
        matter = Matter(
            severity=incident.severity, service=incident.service, turn=await self._turn(policy)
        )
        policy = settled(policy, matter, self.scope.now)
        escalation = Escalation(
            id=self.scope.ids.new(),
            incident=incident.id,
            policy=policy.model_dump(mode="json"),
            due=self.scope.now,
            cause=cause.text,
            created_at=self.scope.now,
        )
        await self.add(escalation)
        fact = EscalationStarted(escalation=escalation.id, policy=policy.name, cause=cause.text)
        await self.facts.add(incident.subject, fact, cause.said or None)
        await self.owe(escalation, asked=cause.asked)
        return escalation

    async def _turn(self, policy: EscalationPolicy) -> int:
        """How often the policy was triggered, where it takes turns."""
        if not any(step.round_robin for step in policy.steps):
            return 1
        return await Numbers(self.scope).next(f"turn:{policy.id}")

    async def owe(self, escalation: Escalation, *, asked: bool = False) -> bool:
        """Add the job of the escalation's next step; False where it is owed already."""
        named = {"incident": escalation.incident, "escalation": escalation.id}
        return await self.jobs.add(
            Escalate(**named, n=escalation.n, asked=asked),
            due=escalation.due,
            key=f"escalate:{escalation.id}:{escalation.n}",
            subject=f"incident:{escalation.incident}",
        )

    async def running(self, incident: str) -> tuple[Escalation, ...]:
        """The incident's escalations that still ring."""
        wanted = (escalations.c.incident == incident, escalations.c.state.in_(RUNNING))
        return await self.where(*wanted, order=escalations.c.id)

    async def stop(self, incident: Incident, reason: str) -> None:
        """Stop everything that would still escalate the incident, in this commit."""
        await self.jobs.cancel(incident.subject, ESCALATING)
        for escalation in await self.running(incident.id):
            await self.save(escalation.model_copy(update={"state": "stopped", "due": None}))
            fact = EscalationStopped(escalation=escalation.id, reason=reason)
            await self.facts.add(incident.subject, fact)

    async def pause(self, incident: Incident) -> None:
        """Hold the next step while there may be nothing left to ring about."""
        await self.jobs.cancel(incident.subject, ESCALATING)
        for escalation in await self.running(incident.id):
            await self.save(escalation.model_copy(update={"state": "paused"}))

    async def hurry(
        self, incident: Incident, only: str | None = None, *, asked: bool = False
    ) -> bool:
        """Ring the next step now, of ``only`` that escalation; False where nothing escalates."""
        running = await self.running(incident.id)
        await self.jobs.cancel(incident.subject, (Escalate,))
        for escalation in running:
            due = self.scope.now if only in (None, escalation.id) else escalation.due
            await self._go_on(escalation, due, asked=asked)
        return bool(running)

    async def again(
        self, incident: Incident, user: str, policy: EscalationPolicy, cause: Cause
    ) -> None:
        """Ring an acknowledged incident: ``user`` now, five minutes later by ``policy``."""
        first = Step(targets=(Target(kind="user", id=user),), delay=HAND_ON)
        await self.stop(incident, cause.text)
        steps = {"steps": (first, *policy.steps)}
        await self.begin(incident, policy.model_copy(update=steps), cause)

    async def resume(self, incident: Incident) -> None:
        """Go on with what was paused; a step that fell due meanwhile is rung now.

        What was not paused keeps its due time: a late step must show how late it is.
        """
        for escalation in await self.running(incident.id):
            if escalation.state == "paused":
                await self._go_on(escalation, max(escalation.due or self.scope.now, self.scope.now))

    async def _go_on(
        self, escalation: Escalation, due: datetime | None, *, asked: bool = False
    ) -> None:
        going = escalation.model_copy(update={"state": "running", "due": due})
        await self.owe(await self.save(going), asked=asked)


class Pages(Rows[Page]):
    """One person asked about one incident."""

    table = pages
    model = Page
    noun = "page"

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs, bundles: Bundles) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs
        self.bundles = bundles

    async def send(self, page: Page, first: str = "chat", said: Reason = NO_REASON) -> Page:
        """Store a new page and owe its first ring; whoever is paged may read the incident.

        Where the person was rung just now, it waits and rings together with others.
        """
        shown = f"{page.why}: {said.text}" if said.text and said.on_card else page.why
        page = await self.bundles.gather(page, asked=said.asked)
        await self.add(page.model_copy(update={"why": shown}))
        reader = self.scope.insert_new(members, "incident", "user")
        await self.connection.execute(reader.values(incident=page.incident, user=page.user))
        fact = PageSent(page=page.id, person=page.user, why=page.why, late_s=page.late_s)
        await self.facts.add(f"incident:{page.incident}", fact, said.text or None)
        if page.bundle is None:
            await self.ring(page, 0, timedelta(), first)
        self.scope.topics.add(f"person:{page.user}")
        return page

    async def ring(self, page: Page, k: int, after: timedelta, method: str) -> None:
        """Owe the ``k``-th ring of the page, ``after`` its creation."""
        job = RingPage(incident=page.incident, page=page.id, k=k, method=method)
        await self.owe(job, max(page.created_at + after, self.scope.now))

    async def owe(self, job: RingPage, due: datetime) -> None:
        """Owe one ring, once for the ways that were tried before."""
        key = ":".join(("ring", job.page, str(job.k), job.method, *job.tried))
        await self.jobs.add(job, due=due, key=key, subject=f"page:{job.page}")

    async def hush(self, *pages: Page) -> None:
        """Ring these no more by themselves; whoever was asked can still answer.

        Those that wait together stay together: their next message leaves them out.
        """
        for page in pages:
            await self.jobs.cancel(f"page:{page.id}", (RingPage,))

    async def overtake(self, *pages: Page) -> None:
        """The next step rings now: these ring no more, whenever that was due.

        Whoever has not been rung even once still is: nobody is paged without hearing of it.
        """
        await self.hush(*[page for page in pages if await self.rings(page.id)])
        for page in pages:
            if page.next_at is None or page.next_at > self.scope.now:
                row = {"wanted": page.id, "next_at": self.scope.now}
                await self.connection.execute(by_id_set(self.table), row)

    async def end(self, page: Page, state: str, by: str) -> Page:
        """Close a page that still rings and owe its cards a redraw.

        The page comes first: it waits for a ring that is just being recorded, and only then
        can the ring that follows it be seen and cancelled.
        """
        ended = {"state": state, "ended_at": self.scope.now, "ended_by": by}
        saved = await self.save(page.model_copy(update=ended))
        await self.hush(saved)
        await self.show(saved)
        self.scope.topics.add(f"person:{page.user}")
        return saved

    async def show(self, page: Page) -> None:
        """Owe a redraw to the cards of a page, and to the messages it stands in with others."""
        await self.jobs.add(ShowPage(page=page.id), key=f"~page:{page.id}")
        for bundle in await self.bundles.with_page(page.id):
            await self.bundles.show(bundle)

    async def ringing(self, incident: str, user: str | None = None) -> tuple[Page, ...]:
        """Pages of the incident (to ``user``) that nobody has ended."""
        wanted = (pages.c.incident == incident, pages.c.state == "sent")
        found = await self.where(*wanted, order=pages.c.id)
        return tuple(page for page in found if user in (None, page.user))

    async def of(self, incident: str) -> tuple[Page, ...]:
        """Every page of the incident, oldest first."""
        return await self.where(pages.c.incident == incident, order=pages.c.id)

    async def to(self, user: str) -> tuple[Page, ...]:
        """The person's pages that still ring, newest first."""
        wanted = (pages.c.user == user, pages.c.state == "sent")
        return await self.where(*wanted, order=pages.c.id.desc())

    async def services(self, user: str, besides: str) -> frozenset[str]:
        """The services of the open incidents that the person was paged for, ``besides`` one."""
        theirs = (pages.c.user == user, incidents.c.id != besides, incidents.c.status.in_(OPEN))
        query = select(incidents.c.service).join(pages, pages.c.incident == incidents.c.id)
        found = await self.connection.execute(query.where(*theirs).distinct())
        return frozenset(service for (service,) in found if service)

    async def watch(self, incident: Incident, user: str, after: timedelta) -> None:
        """Owe a look, ``after`` from now, whether anything was done since the ack, and no other."""
        await self.jobs.cancel(incident.subject, (WatchAcknowledgement,))
        await self.jobs.add(
            WatchAcknowledgement(incident=incident.id, user=user),
            due=self.scope.now + after,
            subject=incident.subject,
        )

    async def snooze(self, incident: Incident, user: str, until: datetime) -> None:
        """Owe ``user`` a ring at ``until``, and nobody else one that they asked for before."""
        await self.jobs.cancel(incident.subject, (RingSnoozed,))
        job = RingSnoozed(incident=incident.id, user=user)
        await self.jobs.add(job, due=until, subject=incident.subject)

    async def snoozed(self, incident: str) -> Planned[RingSnoozed] | None:
        """Who is rung again for it at a time of their own, and when."""
        found = await self.jobs.planned(RingSnoozed, f"incident:{incident}")
        return found[0] if found else None

    async def named(self, names: Iterable[str]) -> tuple[Page, ...]:
        """These pages, oldest first and not locked."""
        return await self.where(pages.c.id.in_(tuple(names)), order=pages.c.id)

    async def still_ringing(self, names: Iterable[str]) -> int:
        """How many of these nobody has ended."""
        wanted = (pages.c.id.in_(tuple(names)), pages.c.state == "sent")
        query = select(func.count()).select_from(pages).where(*wanted)
        return int((await self.connection.execute(query)).scalar_one())

    async def rang(self, *made: Ring) -> None:
        """Record attempts; a repeat of the same ring replaces it."""
        rows = [one.model_dump() for one in made]
        await self.connection.execute(self.scope.upsert(rings, "key"), rows)

    async def by_receipt(self, receipt: str) -> tuple[Ring, ...]:
        """What the provider calls so: one attempt, for each page of a list."""
        query = select(rings).where(rings.c.receipt == receipt).order_by(rings.c.key)
        rows = (await self.connection.execute(query)).mappings()
        return tuple(Ring.model_validate(dict(row)) for row in rows)

    async def rings(self, page: str) -> tuple[Ring, ...]:
        """Every attempt for the page, in order."""
        query = select(rings).where(rings.c.page == page).order_by(rings.c.at, rings.c.key)
        rows = (await self.connection.execute(query)).mappings()
        return tuple(Ring.model_validate(dict(row)) for row in rows)

    async def scrub(self, incident: str, words: str) -> None:
        """Remove redacted words from what stands on the incident's pages."""
        for page in await self.of(incident):
            if holds(page.why, words):
                await self.save(page.model_copy(update={"why": without(words, page.why)}))

    def code(self, page: str) -> str:
        """The code that may answer this one page, for its links (rules.md 7)."""
        return self.scope.codes.code(page)

    async def by_code(self, code: str) -> Page | None:
        """The page that ``code`` may answer."""
        named = self.scope.codes.page_of(code)
        return await self.look(named) if named else None
