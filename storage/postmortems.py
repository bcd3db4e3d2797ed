"""Postmortems and the work they ask for."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, select, update

from domain.base import Frozen
from domain.incident_jobs import ShowPostmortem
from domain.postmortem import Postmortem
from domain.scrub import holds, without, without_in
from storage.jobs import Jobs
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.incidents import action_items, postmortems


class ActionItem(Frozen):
    """Something to do so that it does not happen again."""

    id: str
    number: int
    incident: str
    text: str
    owner: str | None = None
    due: datetime | None = None
    status: Literal["open", "done"] = "open"
    created_by: str
    created_at: datetime


class Postmortems:
    """One postmortem for an incident."""

    def __init__(self, scope: Scope, jobs: Jobs) -> None:
        self.scope = scope
        self.jobs = jobs

    async def get(self, incident: str) -> Postmortem | None:
        """The incident's postmortem."""
        query = select(postmortems.c.doc).where(postmortems.c.incident == incident)
        doc = (await self.scope.connection.execute(query)).scalar()
        return Postmortem.model_validate(doc) if doc else None

    async def put(self, value: Postmortem) -> Postmortem:
        """Save the postmortem, new or not, and owe its thread a redraw."""
        published = self.scope.now if value.status == "published" else None
        row: dict[str, Any] = {
            "status": value.status,
            "doc": value.model_dump(mode="json"),
            "published_at": published,
        }
        same = postmortems.c.incident == value.incident
        changed = update(postmortems).where(same)
        raised = changed.values(**row, version=postmortems.c.version + 1)
        if not (await self.scope.connection.execute(raised)).rowcount:
            fixed = {"incident": value.incident, "created_at": self.scope.now, "version": 1}
            await self.scope.connection.execute(insert(postmortems).values(**row, **fixed))
        shown = ShowPostmortem(incident=value.incident)
        await self.jobs.add(shown, key=f"~postmortem:{value.incident}")
        self.scope.topics.update({f"incident:{value.incident}", "postmortems"})
        return value

    async def scrub(self, incident: str, words: str) -> None:
        """Remove redacted words from the draft."""
        kept = await self.get(incident)
        if kept is None:
            return
        told = without_in(words, kept.model_dump(mode="json"))
        await self.put(Postmortem.model_validate(told))


class ActionItems(Rows[ActionItem]):
    """Follow-up work."""

    table = action_items
    model = ActionItem
    noun = "action item"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.connection, locking=scope.locking)

    async def of(self, incident: str) -> tuple[ActionItem, ...]:
        """The incident's action items, oldest first."""
        return await self.where(action_items.c.incident == incident, order=action_items.c.number)

    async def scrub(self, incident: str, words: str) -> None:
        """Remove redacted words from the incident's action items."""
        for item in await self.of(incident):
            if holds(item.text, words):
                await self.save(item.model_copy(update={"text": without(words, item.text)}))
