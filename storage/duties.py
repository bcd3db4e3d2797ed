"""Duties: work that one process at a time may do, and when each was last done.

A holder keeps a duty for `TTL` by the database's clock and must come back before that; the
fence grows whenever a duty changes hands.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, case, or_, select, update

from domain.base import Frozen
from storage.jobs import Jobs
from storage.scope import Scope
from storage.tables.ledger import duties

TTL = timedelta(seconds=15)


class Duty(Frozen):
    """Who has a duty, for how long, and when its last cycle finished."""

    name: str
    holder: str
    fence: int
    leased_until: datetime
    finished_at: datetime


class Duties:
    """The duties within one unit."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def now(self) -> datetime:
        """The database's clock, by which duties are held and judged."""
        return await Jobs(self.scope).database_now()

    async def get(self, name: str) -> Duty | None:
        """The duty ``name``; None where nobody ever had it."""
        query = select(duties).where(duties.c.name == name)
        row = (await self.scope.connection.execute(query)).mappings().first()
        return Duty(**row) if row else None

    async def everything(self) -> tuple[Duty, ...]:
        """All duties, by name."""
        rows = await self.scope.connection.execute(select(duties).order_by(duties.c.name))
        return tuple(Duty(**row) for row in rows.mappings())

    async def take(self, name: str, holder: str) -> Duty | None:
        """Take or keep the duty, its row locked until the commit; None while another has it."""
        now = await self.now()
        first = Duty(name=name, holder=holder, fence=0, leased_until=now, finished_at=now)
        made = self.scope.insert_new(duties, "name")
        await self.scope.connection.execute(made, first.model_dump())
        mine = duties.c.holder == holder
        free = or_(mine, duties.c.leased_until <= now)
        fence = duties.c.fence + case((mine, 0), else_=1)
        taken = update(duties).where(duties.c.name == name, free)
        taken = taken.values(holder=holder, fence=fence, leased_until=now + TTL)
        row = (await self.scope.connection.execute(taken.returning(*duties.c))).mappings().first()
        return Duty(**row) if row else None

    async def finish(self, duty: Duty) -> bool:
        """Note that a cycle has finished; False where the duty has changed hands meanwhile."""
        held = and_(duties.c.name == duty.name, duties.c.fence == duty.fence)
        done = update(duties).where(held).values(finished_at=await self.now())
        return bool((await self.scope.connection.execute(done)).rowcount)

    async def give_back(self, holder: str) -> None:
        """Let another process take over at once."""
        mine = update(duties).where(duties.c.holder == holder)
        await self.scope.connection.execute(mine.values(leased_until=await self.now()))
