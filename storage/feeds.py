"""Secret addresses of calendars, kept as hashes."""

from datetime import datetime

from sqlalchemy import func, insert, select, update

from domain.calendar import Calendar, CalendarFeed, CalendarShared, CalendarsRevoked, events
from storage.catalog import Schedules
from storage.facts import Facts
from storage.people import People, hashed
from storage.scope import Scope
from storage.tables.catalog import feeds
from storage.tables.ledger import facts as facts_table


class Feeds:
    """The addresses, and what stands behind each."""

    def __init__(self, scope: Scope, facts: Facts, people: People, schedules: Schedules) -> None:
        self.scope = scope
        self.facts = facts
        self.people = people
        self.schedules = schedules

    async def share(self, owner: str, schedule: str | None) -> str:
        """Make an address of a schedule, or of the owner's own shifts; returns its secret."""
        secret = self.scope.ids.secret()
        row = {
            "id": self.scope.ids.new(),
            "hash": hashed(secret),
            "owner": owner,
            "schedule": schedule,
            "created_at": self.scope.now,
        }
        await self.scope.connection.execute(insert(feeds), row)
        await self.facts.add(f"person:{owner}", CalendarShared(what=schedule or "their own shifts"))
        return secret

    async def revoke(self, owner: str) -> int:
        """End every address of the owner; returns how many that were."""
        live = (feeds.c.owner == owner, feeds.c.revoked_at.is_(None))
        ended = update(feeds).where(*live).values(revoked_at=self.scope.now)
        count = int((await self.scope.connection.execute(ended)).rowcount)
        if count:
            await self.facts.add(f"person:{owner}", CalendarsRevoked(count=count))
        return count

    async def behind(self, secret: str) -> Calendar | None:
        """The calendar of an address; None where it was revoked or its owner may not read it."""
        query = select(feeds).where(feeds.c.hash == hashed(secret), feeds.c.revoked_at.is_(None))
        row = (await self.scope.connection.execute(query)).mappings().first()
        if row is None:
            return None
        feed = CalendarFeed(**{name: row[name] for name in CalendarFeed.model_fields})
        owner = await self.people.actor(feed.owner)
        return await self._calendar(feed, owner.name) if owner and owner.bindings else None

    async def _calendar(self, feed: CalendarFeed, owner: str) -> Calendar | None:
        schedules = await self.schedules.everything()
        meant = [one for one in schedules if feed.schedule in (None, one.id)]
        if feed.schedule and not meant:
            return None
        names = {one.id: one.name for one in await self.people.everybody()}
        only = None if feed.schedule else feed.owner
        count, changed = await self._changes([one.id for one in meant])
        return Calendar(
            name=f"On call: {meant[0].name if feed.schedule else owner}",
            events=events(meant, names, self.scope.now, only),
            sequence=count,
            changed_at=changed or feed.created_at,
        )

    async def _changes(self, schedules: list[str]) -> tuple[int, datetime | None]:
        """How many changes the schedules have seen, and when the last was."""
        named = facts_table.c.subject.in_([f"schedule:{one}" for one in schedules])
        query = select(func.count(), func.max(facts_table.c.at)).where(named)
        count, changed = (await self.scope.connection.execute(query)).one()
        return int(count), changed
