"""Paging one person: how a new page may ring, and its first ring owed."""

from datetime import timedelta

from domain.contact import ring_after
from domain.paging import Page, Reason
from domain.rest import ZERO, is_dm_only, is_new_service
from storage.incidents import Incidents
from storage.paging import NO_REASON, Pages
from storage.people import People
from storage.roster import Roster


class Pager:
    """The one way in which a page is made, whoever asks for it."""

    def __init__(self, people: People, roster: Roster, incidents: Incidents, pages: Pages) -> None:
        self.people = people
        self.roster = roster
        self.incidents = incidents
        self.pages = pages

    async def page(self, page: Page, said: Reason = NO_REASON) -> Page:
        """Store the page and owe its first ring, as its person may be rung now."""
        made = page.model_copy(update={"dm_only": await self._is_dm_only(page)})
        methods = await self.roster.methods(made.user)
        first = ring_after(made.urgency, methods, 0, await self.chat_for(made))
        return await self.pages.send(made, first.kind if first else "chat", said)

    async def chat_for(self, page: Page) -> timedelta:
        """For how long from its creation on the page rings by chat alone."""
        person = await self.people.get(page.user) if page.dm_only else None
        if person is None or person.awake_until is None:
            return ZERO
        return max(person.awake_until - page.created_at, ZERO)

    async def is_spared(self, page: Page) -> bool:
        """Whether it rings by chat alone at this moment."""
        return self.pages.scope.now - page.created_at < await self.chat_for(page)

    async def _is_dm_only(self, page: Page) -> bool:
        person, now = await self.people.get(page.user), self.pages.scope.now
        if person is None or person.awake_until is None or now >= person.awake_until:
            return False
        incident = await self.incidents.need(page.incident)
        known = await self.pages.services(page.user, besides=incident.id)
        new = is_new_service(incident.service, known)
        return is_dm_only(person.awake_until, now, incident.severity, new_service=new)
