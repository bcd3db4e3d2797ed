"""Storms: incidents that share one card, because a room got too many in a short time."""

from sqlalchemy import func, select

from domain.pace import STORM_OVER, STORM_WINDOW, is_storm
from domain.ports import Place
from storage.scope import Scope
from storage.tables.incidents import shown_in


class Storms:
    """In which room an incident is shown, and by whose card."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def place(self, incident: str, place: Place) -> str | None:
        """The storm whose card shows the incident there; None where it gets its own.

        It is decided once, by how many the room got just before.
        """
        for storm in await self._known(incident, place):
            return storm
        await self.scope.exclusively(f"storm:{place.platform}:{place.room}")
        storm = await self._blowing(place) if is_storm(await self._lately(place)) else None
        made = self.scope.insert_new(shown_in, "incident", "platform", "room")
        here = {"platform": place.platform, "room": place.room}
        row = here | {"incident": incident, "storm": storm, "at": self.scope.now}
        await self.scope.connection.execute(made, row)
        return storm

    async def of(self, storm: str) -> tuple[str, ...]:
        """The ids of its incidents, newest first."""
        query = select(shown_in.c.incident).where(shown_in.c.storm == storm)
        query = query.order_by(shown_in.c.at.desc(), shown_in.c.incident.desc())
        return tuple((await self.scope.connection.execute(query)).scalars())

    async def over(self, incident: str) -> tuple[tuple[str, Place], ...]:
        """The storms in which the incident is shown, each with its room."""
        query = select(shown_in).where(
            shown_in.c.incident == incident, shown_in.c.storm.is_not(None)
        )
        rows = (await self.scope.connection.execute(query)).mappings()
        return tuple(
            (row["storm"], Place(platform=row["platform"], room=row["room"])) for row in rows
        )

    async def _known(self, incident: str, place: Place) -> tuple[str | None, ...]:
        query = select(shown_in.c.storm).where(
            shown_in.c.incident == incident,
            shown_in.c.platform == place.platform,
            shown_in.c.room == place.room,
        )
        return tuple((await self.scope.connection.execute(query)).scalars())

    async def _lately(self, place: Place) -> int:
        """How many incidents the room got within the window, whoever's card shows them."""
        query = select(func.count()).where(
            shown_in.c.platform == place.platform,
            shown_in.c.room == place.room,
            shown_in.c.at > self.scope.now - STORM_WINDOW,
        )
        return int((await self.scope.connection.execute(query)).scalar_one())

    async def _blowing(self, place: Place) -> str:
        """The room's storm of late, or a new one."""
        query = select(shown_in.c.storm).where(
            shown_in.c.platform == place.platform,
            shown_in.c.room == place.room,
            shown_in.c.at > self.scope.now - STORM_OVER,
            shown_in.c.storm.is_not(None),
        )
        found = (await self.scope.connection.execute(query.limit(1))).scalar()
        return str(found) if found else self.scope.ids.new()
