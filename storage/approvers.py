"""Who may approve a call, as roles, teams and the incident's members are now."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from domain.actor import Actor, Role
from domain.approval import ROLLBACK, Approval, Held, may_approve
from domain.approval_card import ApprovalView
from domain.authorize import Decision
from domain.escalation import Target
from domain.guard import Approver, Guard
from storage.incidents import Incidents
from storage.paging import Pages
from storage.people import People, User
from storage.roster import Roster


class Asked(NamedTuple):
    """A call that needs approval: its guard, the team and the incident it is about."""

    guard: Guard
    held: Held
    team: str | None
    incident: str | None

    @classmethod
    def by(cls, approval: Approval) -> "Asked":
        """What an approval was asked for."""
        about = approval.plan.team
        return cls(approval.guard, approval.held, about, approval.incident)


class Approvers:
    """Reads who is named by a guard, and who of them may really decide."""

    def __init__(self, people: People, roster: Roster, incidents: Incidents, pages: Pages) -> None:
        self.people = people
        self.roster = roster
        self.incidents = incidents
        self.pages = pages

    async def decide(self, asked: Asked, actor: Actor) -> Decision:
        """Whether ``actor`` may agree: by the rights their call came with, and by those of now."""
        person = await self.people.get(actor.user) if actor.user else None
        of_team = person.team if person else None
        decision = may_approve(asked.guard, asked.held, actor, of_team, asked.team)
        if person is None or not decision.allowed:
            return decision
        now = await self.people.actor(person.id)
        if now is None:
            return Decision(allowed=False, reason=f"{person.name} is no longer active.")
        return may_approve(asked.guard, asked.held, now, of_team, asked.team)

    async def able(self, asked: Asked) -> AsyncIterator[User]:
        """Everybody who may agree and may read what it is about, each once."""
        readers = await self._readers(asked.incident)
        seen: set[str] = set()
        for approver in asked.guard.approvers:
            for person in await self.behind(approver, asked.team):
                if person.id in seen or (readers is not None and person.id not in readers):
                    continue
                seen.add(person.id)
                actor = await self.people.actor(person.id)
                if actor and (await self.decide(asked, actor)).allowed:
                    yield person

    async def in_order(self, asked: Asked) -> tuple[User, ...]:
        """As `able`: who is on call for the team first, then who is on call, then the rest."""
        duty = await self._on_duty(asked.team)
        found = [person async for person in self.able(asked)]
        return tuple(sorted(found, key=lambda one: duty.get(one.id, len(duty))))

    async def behind(self, approver: Approver, team: str | None) -> tuple[User, ...]:
        """The active people whom a guard names."""
        if approver.kind == "role":
            return await self.people.holding(Role(approver.id), team)
        if approver.kind == "team":
            return await self.people.in_team(approver.id)
        person = await self.people.get(approver.id)
        return (person,) if person and person.active else ()

    async def view(self, approval: Approval) -> ApprovalView:
        """What the approval's card shows."""
        names = {person.id: person.name for person in await self.people.everybody()}
        mentioned: dict[str, None] = {}
        for approver in approval.guard.approvers:
            if approver.kind != "role":
                behind = await self.behind(approver, approval.plan.team)
                mentioned |= dict.fromkeys(one.id for one in behind if one.id != approval.asked_by)
        last = await self.pages.need(approval.paged[-1]) if approval.paged else None
        return ApprovalView(
            approval=approval,
            names=names,
            mentioned=tuple(mentioned),
            following=last.next if last else None,
            following_at=last.next_at if last else None,
            glass=self._may_be_broken(approval),
        )

    def _may_be_broken(self, approval: Approval) -> bool:
        """Whether it is worth offering; everything else is asked at the press."""
        classes = {approval.guard.danger, approval.plan.danger}
        reversible = classes == {"reversible"} and approval.held.command == ROLLBACK
        allowed = self.people.scope.installation.break_glass
        return bool(reversible and allowed and approval.paged)

    async def _readers(self, incident: str | None) -> frozenset[str] | None:
        """Who may read the incident; None where everybody may."""
        found = await self.incidents.get(incident) if incident else None
        if found is None or not found.private:
            return None
        return frozenset(await self.incidents.members(found.id))

    async def _on_duty(self, team: str | None) -> dict[str, int]:
        schedules = await self.roster.catalog.schedules.everything()
        found: dict[str, int] = {}
        for schedule in sorted(schedules, key=lambda one: one.team != team):
            target = Target(kind="schedule", id=schedule.id)
            for duty in await self.roster.behind(target, self.people.scope.now):
                found.setdefault(duty.user, len(found))
        return found
