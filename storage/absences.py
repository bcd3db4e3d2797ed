"""When people are away."""

from datetime import datetime

from sqlalchemy import delete

from domain.absence import Absence, AbsenceAdded, AbsenceCancelled
from storage.facts import Facts
from storage.numbers import Numbers
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.catalog import absences


class Absences(Rows[Absence]):
    """The absences that are known."""

    table = absences
    model = Absence
    noun = "absence"
    found_by = "see /me away"

    def __init__(self, scope: Scope, facts: Facts) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts

    async def keep(self, wanted: Absence) -> Absence:
        """Keep it, in place of the one that was read from the same event before."""
        if wanted.uid:
            same = (absences.c.user == wanted.user, absences.c.uid == wanted.uid)
            for one in await self.where(*same, absences.c.starts == wanted.starts):
                if one.ends == wanted.ends:
                    return one
                await self.connection.execute(delete(absences).where(absences.c.id == one.id))
        number = await Numbers(self.scope).next("AWY")
        made = wanted.model_copy(update={"id": f"AWY-{number}"})
        await self.add(made)
        fact = AbsenceAdded(absence=made.id, person=made.user, starts=made.starts, ends=made.ends)
        await self.facts.add(f"person:{made.user}", fact)
        return made

    async def cancel(self, one: Absence) -> None:
        """They are there after all."""
        await self.connection.execute(delete(absences).where(absences.c.id == one.id))
        fact = AbsenceCancelled(absence=one.id, person=one.user, starts=one.starts, ends=one.ends)
        await self.facts.add(f"person:{one.user}", fact)

    async def of(self, user: str) -> tuple[Absence, ...]:
        """Those of a person that are not over, the next first."""
        mine = (absences.c.user == user, absences.c.ends > self.scope.now)
        return await self.where(*mine, order=absences.c.starts)

    async def between(self, since: datetime, until: datetime) -> tuple[Absence, ...]:
        """Everybody's that meet [since, until), the first first."""
        meeting = (absences.c.starts < until, absences.c.ends > since)
        return await self.where(*meeting, order=absences.c.starts)
