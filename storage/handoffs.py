"""Handoffs: the next change of each schedule, and those that began."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from domain.handoff import BEFORE, Handoff, ShiftChange, next_change, told_at
from domain.handoff_jobs import BeginHandoff, ShowHandoff
from domain.schedule import Schedule
from storage.jobs import Jobs
from storage.numbers import Numbers
from storage.people import People
from storage.rows import Documents
from storage.scope import Scope
from storage.tables.catalog import handoffs

NEAR = timedelta(days=1)


class Handoffs(Documents[Handoff]):
    """One row for each change of shift; of each schedule at most one is still to come."""

    table = handoffs
    model = Handoff
    noun = "handoff"
    found_by = "see /oncall handoff"

    def __init__(self, scope: Scope, jobs: Jobs, people: People) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.jobs = jobs
        self.people = people

    def write(self, value: Handoff) -> dict[str, Any]:
        """A handoff as its document."""
        beside = {"schedule": value.schedule, "state": value.state, "starts": value.change.starts}
        return super().write(value) | beside

    async def next_of(self, schedule: str) -> Handoff | None:
        """The one that is still to come."""
        return await self.first(handoffs.c.schedule == schedule, handoffs.c.state == "planned")

    async def waiting_for(self, user: str) -> Handoff | None:
        """The latest that ``user`` has not answered: one that began, else one within a day."""
        near = handoffs.c.starts <= self.scope.now + NEAR
        found = await self.where(near, order=handoffs.c.starts.desc())
        theirs = [one for one in found if user in one.change.coming and one.confirmed_at is None]
        begun = [one for one in theirs if one.state == "begun"]
        return next(iter((*begun, *theirs[::-1])), None)

    async def plan(self, schedule: Schedule) -> Handoff | None:
        """Know the next change of a schedule and owe what it needs; None where none is near."""
        change = next_change(schedule, self.scope.now)
        planned = await self.next_of(schedule.id)
        if change is None or (planned and planned.change == change):
            return planned
        if planned is None:
            number = await Numbers(self.scope).next("HND")
            made = Handoff(id=f"HND-{number}", schedule=schedule.id, change=change)
            return await self._owe(await self.add(made))
        return await self._move(planned, change)

    async def _move(self, planned: Handoff, change: ShiftChange) -> Handoff:
        """Whoever said “I'm on” said it of another shift; who is out of it is told so."""
        anew = {"change": change, "confirmed_by": None, "confirmed_at": None}
        moved = await self.save(planned.model_copy(update=anew))
        await self.jobs.cancel(_subject(planned), (ShowHandoff, BeginHandoff))
        for user in sorted({*planned.people, *moved.people}):
            await self.jobs.add(ShowHandoff(handoff=moved.id, user=user, standing=True))
        return await self._owe(moved)

    async def _owe(self, handoff: Handoff) -> Handoff:
        """Everybody is told at their time; that is brought up to date before it begins."""
        starts, subject = handoff.change.starts, _subject(handoff)
        for user in handoff.people:
            person = await self.people.get(user)
            if person is None or not person.active:
                continue
            shown = ShowHandoff(handoff=handoff.id, user=user)
            for due in sorted({told_at(starts, person.timezone), starts - BEFORE}):
                await self.jobs.add(shown, due=due, subject=subject)
        begins = BeginHandoff(handoff=handoff.id)
        await self.jobs.add(begins, due=starts, subject=subject)
        return handoff

    async def forget(self, before: datetime) -> None:
        """Drop those that began before an instant."""
        old = (handoffs.c.state == "begun", handoffs.c.starts < before)
        await self.connection.execute(delete(handoffs).where(*old))


def _subject(handoff: Handoff) -> str:
    return f"handoff:{handoff.id}"
