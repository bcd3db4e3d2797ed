"""Rooms in Teams: channels by name or id, and the posts in them."""

from dataclasses import dataclass, field

from domain.base import Frozen
from domain.errors import Permanent
from domain.ports import ChatKeep
from integrations.chat.teams.activity import Activity
from integrations.chat.teams.connector import PLATFORM, Connector

TEAMS = "teams"
GENERAL = "General"


class Channel(Frozen):
    """A channel of a team; ``private`` says that the team's other people cannot see it,
    ``shared`` that people of other teams, and of other companies, can."""

    id: str
    name: str
    private: bool = False
    shared: bool = False


@dataclass
class Channels:
    """The channels of every team that Tocsin was added to; ``external`` are the shared ones, by
    name or id, that it may speak in (rules.md 1)."""

    connector: Connector
    keep: ChatKeep
    external: frozenset[str] = frozenset()
    known: dict[str, Channel] = field(default_factory=dict)

    async def find(self, named: str) -> Channel:
        """The channel of that name or id. Raises `Permanent` where there is none."""
        if named.casefold() not in self.known:
            await self.look()
        found = self.known.get(named.casefold())
        if found is None:
            raise Permanent(f"no channel {named} in the teams that Tocsin was added to")
        if found.shared and not self._is_listed(found):
            raise Permanent(f"{named} is shared with others (chat.external_channels lists it not)")
        return found

    def _is_listed(self, one: Channel) -> bool:
        listed = {named.casefold() for named in self.external}
        return not listed.isdisjoint({one.id.casefold(), one.name.casefold()})

    async def look(self) -> None:
        """Ask for the channels as they are now."""
        found: dict[str, Channel] = {}
        for team in await self._teams():
            for one in await self.connector.channels(team):
                made = Channel(
                    id=one.id or team,
                    name=one.name or GENERAL,
                    private=one.type == "private",
                    shared=one.type == "shared",
                )
                found[made.id.casefold()] = made
                found.setdefault(made.name.casefold(), made)
        self.known = found

    async def met(self, activity: Activity) -> None:
        """Remember a team in which Tocsin is."""
        team = activity.channel_data.team.id
        known = await self._teams() if team else ()
        if team and team not in known:
            await self.keep.refer(PLATFORM, TEAMS, {"ids": [*known, team]})

    async def _teams(self) -> tuple[str, ...]:
        kept = await self.keep.reference(PLATFORM, TEAMS)
        return tuple(kept["ids"]) if kept else ()
