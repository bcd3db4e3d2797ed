"""Guards, and the approvals they ask for."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from domain.approval import Approval, ApprovalStatus
from domain.approval_facts import ApprovalAsked, ApprovalDenied, ApprovalExecuted
from domain.approval_jobs import ExpireApproval, PageApprover, ShowApproval
from domain.call import Call
from domain.errors import Stale
from domain.facts import Fact
from domain.guard import Guard
from domain.incident_jobs import Announce
from domain.paging import Page
from domain.scrub import holds, without_in
from storage.facts import Facts
from storage.jobs import Jobs
from storage.paging import Pages
from storage.rows import Documents, Rows
from storage.scope import Scope
from storage.tables.approvals import approvals, guards

# What ends in either is read in every room of the incident.
ENDS = (ApprovalDenied, ApprovalExecuted)


class Guards(Documents[Guard]):
    """Which commands wait for an approval."""

    table = guards
    model = Guard
    noun = "guard"
    found_by = "see /approval guards"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.connection, locking=scope.locking)

    async def everything(self) -> tuple[Guard, ...]:
        """Every guard, by id."""
        return await self.where(order=guards.c.id)

    async def remove(self, key: str) -> None:
        """Let its commands go without approval."""
        await self.connection.execute(delete(guards).where(guards.c.id == key))

    async def declare(self, value: Guard, file: str) -> None:
        """Store a guard that knows where it is changed."""
        await super().declare(value.model_copy(update={"managed_by": file}), file)

    def write(self, value: Guard) -> dict[str, Any]:
        """A guard as its document, with the file it comes from beside it."""
        return super().write(value) | {"managed_by": value.managed_by}


class Approvals(Rows[Approval]):
    """Calls that wait. Every change is a compare-and-set on what was read."""

    table = approvals
    model = Approval
    noun = "approval"
    found_by = "see /approval list"

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs, pages: Pages) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs
        self.pages = pages

    async def behind(self, key: str) -> tuple[str | None] | None:
        """The incident behind an approval, read without a lock; None where there is no such."""
        query = select(approvals.c.incident).where(approvals.c.id == key)
        row = (await self.connection.execute(query)).first()
        return (row[0],) if row else None

    async def ask(self, approval: Approval) -> Approval:
        """Keep a call until it is approved; its card and its end are owed from now on."""
        await self.add(approval)
        until = approval.expires_at
        fact = ApprovalAsked(approval=approval.id, plan=approval.short_hash, until=until)
        await self._relay(approval, await self.facts.add(approval.subject, fact, approval.line))
        await self.jobs.add(ExpireApproval(approval=approval.id), due=until, key=_expiry(approval))
        await self._changed(approval)
        return approval

    async def move(self, before: Approval, after: Approval, fact: Fact, text: str = "") -> Approval:
        """Change what was read, with the fact that says so. Raises `Stale` where another did."""
        same = (approvals.c.id == before.id, approvals.c.status == before.status)
        row = self.write(after)
        done = await self.connection.execute(update(approvals).where(*same).values(**row))
        if done.rowcount != 1:
            raise Stale(f"{before.id} was decided just now: look at it again.")
        told = await self.facts.add(before.subject, fact, text or None)
        if isinstance(fact, ENDS):
            await self._relay(after, told)
        await self._changed(after)
        if after.status != "pending":
            await self._hush(after)
        return after

    async def paged(self, approval: Approval, page: Page) -> Approval:
        """One more approver was paged; the page ends with the approval."""
        asking = approval.model_copy(update={"paged": (*approval.paged, page.id)})
        await self._changed(await self.save(asking))
        return asking

    async def asking_by(self, page: Page) -> Approval | None:
        """The pending approval that a page asks somebody to decide."""
        wanted = (approvals.c.incident == page.incident, approvals.c.status == "pending")
        found = await self.where(*wanted)
        return next((one for one in found if page.id in one.paged), None)

    async def hurry(self, approval: Approval) -> bool:
        """Page the next approver now; False where nobody is left."""
        if not await self.jobs.cancel(approval.id, (PageApprover,)):
            return False
        await self.page_next(approval)
        return True

    async def page_next(self, approval: Approval, due: datetime | None = None) -> None:
        """Owe the next approver their page."""
        job = PageApprover(approval=approval.id, n=len(approval.paged))
        await self.jobs.add(job, due=due, subject=approval.id)

    async def waiting(self, plan_hash: str) -> Approval | None:
        """The pending approval of exactly this call, person and plan."""
        return await self.first(approvals.c.plan_hash == plan_hash, approvals.c.status == "pending")

    async def end(
        self, before: Approval, status: ApprovalStatus, fact: Fact, reason: str = ""
    ) -> Approval:
        """Bring it to its end."""
        when = {"ended_at": self.scope.now, "ended_by": self.scope.by}
        ended = before.model_copy(update={"status": status, "reason": reason, **when})
        return await self.move(before, ended, fact)

    async def releases(self, call: Call) -> bool:
        """Whether ``call`` is the one whose approval is being granted in this very unit.

        Only there can an approval be ``granted``: what has committed is executed or is not.
        """
        if call.approved is None:
            return False
        found = await self.get(call.approved)
        if found is None or found.status != "granted":
            return False
        return (found.held.command, found.held.args) == (call.command, call.args)

    async def of(self, incident: str) -> tuple[Approval, ...]:
        """The incident's approvals, oldest first."""
        return await self.where(approvals.c.incident == incident, order=approvals.c.number)

    async def scrub(self, incident: str, words: str) -> None:
        """Remove redacted words from plans; one that waits no longer fits its hash, and ends."""
        for approval in await self.of(incident):
            told = approval.model_dump(mode="json")
            clean = {name: without_in(words, told[name]) for name in ("held", "line", "plan")}
            if any(clean[name] != told[name] for name in clean) or holds(approval.reason, words):
                reason = without_in(words, approval.reason)
                changed = Approval.model_validate(told | clean | {"reason": reason})
                await self.save(changed)
                await self._changed(changed)

    async def _relay(self, approval: Approval, fact: str) -> None:
        """The incident's rooms on other platforms read it too; at home its card says it."""
        if approval.incident:
            job = Announce(incident=approval.incident, fact=fact, at_home=True)
            await self.jobs.add(job, key=f"announce:{fact}", subject=approval.subject)

    async def _hush(self, approval: Approval) -> None:
        """Nobody is asked any more; whoever decided has answered their page."""
        for name in approval.paged:
            page = await self.pages.need(name)
            if page.state == "sent":
                state = "acked" if page.user == self.scope.by else "expired"
                await self.pages.end(page, state, self.scope.by)

    async def _changed(self, approval: Approval) -> None:
        key = f"~approval:{approval.id}"
        await self.jobs.add(ShowApproval(approval=approval.id), key=key, subject=approval.id)
        self.scope.topics.add("approvals")


def _expiry(approval: Approval) -> str:
    return f"expire:{approval.id}"
