"""Incidents. A saved incident owes its cards a redraw: the repository adds that job itself."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import bindparam, select, update

from domain.errors import Stale
from domain.facts import Fact
from domain.incident import OPEN, Incident, missing, with_call
from domain.incident_jobs import (
    Announce,
    ArchiveRoom,
    InviteToRoom,
    OpenRoom,
    RemindUpdate,
    ShowIncident,
    ShowPages,
)
from domain.place import Place
from storage.facts import Facts
from storage.jobs import Jobs
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.incidents import incidents, members, rooms

REMINDED = (RemindUpdate,)
ARCHIVED_AFTER = timedelta(days=7)
# a thread may be an incident's own; else it belongs to that of its room
_AT = (
    select(rooms.c.incident)
    .where(rooms.c.platform == bindparam("platform"), rooms.c.room == bindparam("room"))
    .where(rooms.c.thread.in_((bindparam("thread"), "")))
    .order_by(rooms.c.thread.desc())
    .limit(1)
)


class Incidents(Rows[Incident]):
    """The incidents, their members and their rooms."""

    table = incidents
    model = Incident
    noun = "incident"
    found_by = "see /incident list all"

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs

    async def begin(self, incident: Incident, declared: Fact) -> Incident:
        """Store a new incident with the fact that started it; returns it as it is kept."""
        begun = with_call(incident, self.scope.installation.call_template)
        await self.add(begun)
        await self.facts.add(begun.subject, declared, begun.title)
        await self._owe(begun, before=None)
        return begun

    async def save(self, value: Incident) -> Incident:
        """Store a change: whoever read an older version is refused."""
        before = await self.need(value.id)
        if value == before:
            return value
        changed = value.model_copy(update={"version": before.version + 1})
        if value.stage != before.stage:
            changed = with_call(changed, self.scope.installation.call_template)
        row = self.write(changed)
        same = (incidents.c.id == value.id, incidents.c.version == value.version)
        done = await self.connection.execute(update(incidents).where(*same).values(**row))
        if done.rowcount != 1:
            raise Stale(f"{value.id} was changed by somebody else just now: look and try again.")
        await self._owe(changed, before)
        return changed

    async def announce(self, incident: Incident, fact: str) -> None:
        """Owe the home place a new message that says ``fact``."""
        job = Announce(incident=incident.id, fact=fact)
        await self.jobs.add(job, key=f"announce:{fact}", subject=incident.subject)

    async def relay(self, incident: Incident, fact: str) -> None:
        """Owe ``fact`` to its rooms on other platforms than the one on which it is done now."""
        job = Announce(incident=incident.id, fact=fact, done_on=self.scope.surface)
        await self.jobs.add(job, key=f"announce:{fact}", subject=incident.subject)

    async def open_ones(self) -> tuple[Incident, ...]:
        """Every open incident, newest first; for jobs, not for readers."""
        return await self.where(incidents.c.status.in_(OPEN), order=incidents.c.number.desc())

    async def open_of_service(self, service: str) -> str | None:
        """The id of the newest open, public incident of a service."""
        return next(iter(await self.open_of_services((service,))), None)

    async def open_of_services(self, services: Iterable[str]) -> tuple[str, ...]:
        """The ids of the open, public incidents of these services, newest first."""
        wanted = (
            incidents.c.service.in_(tuple(services)),
            incidents.c.status.in_(OPEN),
            incidents.c.private.is_(False),
        )
        query = select(incidents.c.id).where(*wanted).order_by(incidents.c.number.desc())
        return tuple((await self.connection.execute(query)).scalars())

    async def join(self, incident: Incident, *people: str) -> None:
        """Let people read a private incident; harmless for a public one."""
        for person in people:
            joined = self.scope.insert_new(members, "incident", "user")
            await self.connection.execute(joined.values(incident=incident.id, user=person))
        if incident.home and incident.home.platform != "console":
            await self._bring(incident, *people)

    async def members(self, incident: str) -> tuple[str, ...]:
        """Who may read it when it is private."""
        query = select(members.c.user).where(members.c.incident == incident)
        rows = await self.connection.execute(query.order_by(members.c.user))
        return tuple(rows.scalars())

    async def readable(self, key: str, user: str | None) -> Incident:
        """As `need`, for a reader: a private incident of others does not exist."""
        found = await self.get(key)
        if found is None or (found.private and user not in await self.members(key)):
            raise missing(key)
        return found

    async def named(self, names: Iterable[str]) -> dict[str, Incident]:
        """These incidents by their ids, not locked; for jobs, not for readers."""
        found = await self.where(incidents.c.id.in_(tuple(names)))
        return {incident.id: incident for incident in found}

    async def hold(self, *names: str | None) -> None:
        """Lock several, always in one order: two who want the same ones wait for one another."""
        for name in sorted({name for name in names if name}):
            await self.get(name)

    async def settle(self, incident: Incident, place: Place) -> None:
        """Remember that ``place`` belongs to the incident."""
        row = {"platform": place.platform, "room": place.room, "thread": place.thread or ""}
        made = self.scope.insert_new(rooms, "platform", "room", "thread")
        await self.connection.execute(made, row | {"incident": incident.id})

    async def at(self, place: Place) -> str | None:
        """The id of the incident that a room or thread belongs to."""
        where = {"platform": place.platform, "room": place.room, "thread": place.thread or ""}
        return (await self.connection.execute(_AT, where)).scalar()

    async def _owe(self, incident: Incident, before: Incident | None) -> None:
        key = f"~show:{incident.id}"
        await self.jobs.add(ShowIncident(incident=incident.id), key=key, subject=incident.subject)
        if incident.wants_room:
            opened = f"room:{incident.id}"
            await self.jobs.add(OpenRoom(incident=incident.id), key=opened)
        if before and incident.home:
            await self._owe_room(incident, incident.home, before)
        if before and (before.open, before.commander) != (incident.open, incident.commander):
            pages = ShowPages(incident=incident.id)
            await self.jobs.add(pages, key=f"~pages:{incident.id}", subject=incident.subject)
        if before is None or before.next_update_at != incident.next_update_at:
            await self._owe_reminder(incident)
        self.scope.topics.update({incident.subject, "incidents"})

    async def _owe_room(self, incident: Incident, home: Place, before: Incident) -> None:
        """An outside room has its people in it, and is closed some time after the end."""
        if home.platform == "console":
            return
        come = incident.people - (before.people if before.home else frozenset())
        if come:
            await self._bring(incident, *come)
        if before.open and not incident.open:
            closed = ArchiveRoom(incident=incident.id)
            due = self.scope.now + ARCHIVED_AFTER
            await self.jobs.add(closed, due=due, key=f"~archive:{incident.id}")

    async def _bring(self, incident: Incident, *people: str) -> None:
        job = InviteToRoom(incident=incident.id, people=tuple(sorted(people)))
        await self.jobs.add(job, subject=incident.subject)

    async def _owe_reminder(self, incident: Incident) -> None:
        await self.jobs.cancel(incident.subject, REMINDED)
        if incident.next_update_at is None:
            return
        job = RemindUpdate(incident=incident.id, due=incident.next_update_at)
        await self.jobs.add(job, due=incident.next_update_at, subject=incident.subject)
