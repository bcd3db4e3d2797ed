"""Freezes: those that were declared, and those of open incidents."""

from typing import Any

from sqlalchemy import select

from domain.errors import NotFound, Stale
from domain.freeze import Freeze, FreezeBegan, FreezeEnded, by_itself
from domain.incident import OPEN, Incident
from storage.facts import Facts
from storage.numbers import Numbers
from storage.rows import Documents
from storage.scope import Scope
from storage.tables.catalog import freezes
from storage.tables.incidents import incidents


class Freezes(Documents[Freeze]):
    """The freezes that were declared, and the ends of those that began by themselves."""

    table = freezes
    model = Freeze
    noun = "freeze"
    found_by = "see /deploy freezes"

    def __init__(self, scope: Scope, facts: Facts) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts

    def write(self, value: Freeze) -> dict[str, Any]:
        """A freeze as its document."""
        return super().write(value) | {"open": value.open}

    async def standing(self) -> tuple[Freeze, ...]:
        """What holds now, the newest first."""
        declared = await self.where(freezes.c.open)
        found = [one for one in declared if one.stands(self.scope.now)]
        found += await self._by_themselves()
        return tuple(sorted(found, key=lambda one: one.starts_at, reverse=True))

    async def begin(self, freeze: Freeze) -> Freeze:
        """Declare one, under a number of its own."""
        number = await Numbers(self.scope).next("FRZ")
        made = await self.add(freeze.model_copy(update={"id": f"FRZ-{number}"}))
        await self._told(FreezeBegan(freeze=made.id, what=made.what), made, made.why)
        return made

    async def end(self, key: str, why: str) -> Freeze:
        """End one before its time. Raises `NotFound`, and `Stale` where it does not hold."""
        standing = {one.id: one for one in await self.standing()}
        if key not in standing:
            raise await self._gone(key)
        ended = standing[key].model_copy(update={"ended_at": self.scope.now})
        await self.put(ended)
        await self._told(FreezeEnded(freeze=ended.id, what=ended.what), ended, why)
        return ended

    async def _by_themselves(self) -> tuple[Freeze, ...]:
        least = self.scope.installation.freeze_on
        if least is None:
            return ()
        query = select(incidents).where(incidents.c.status.in_(OPEN))
        rows = (await self.connection.execute(query)).mappings()
        found = [Incident.model_validate(dict(row)) for row in rows]
        ids = [one.id for one in found]
        lifted = await self.where(freezes.c.id.in_(ids), freezes.c.open.is_(False))
        return by_itself(found, least, (one.id for one in lifted))

    async def _gone(self, key: str) -> NotFound | Stale:
        known = await self.get(key)
        if known:
            return Stale(f"The freeze {key} is over already: see /deploy freezes.")
        return NotFound(f"There is no freeze {key}: see /deploy freezes.", field="freeze")

    async def _told(self, fact: FreezeBegan | FreezeEnded, freeze: Freeze, why: str) -> None:
        await self.facts.add(freeze.subject, fact, why)
        self.scope.topics.add("deployments")
