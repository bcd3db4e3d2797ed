"""The one Discord server that Tocsin serves: its channels by name, and who its members are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from domain.account import Account, Standing
from domain.actor import Role
from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.ports import Clock
from integrations.chat.discord.api import Api, Denied

PLATFORM: Final = "discord"
THREADS = (10, 11, 12)
WRITABLE = (0, 5)
UNKNOWN_MEMBER = 10007
HOLDS = timedelta(seconds=60)
MOST_HELD = 2000
UNCLEAR = "The bot is in {count} Discord servers: set discord.guild to the id of the one it serves"
NO_CHANNEL = "there is no channel #{name} on the Discord server, or Tocsin may not see it"


class Person(Frozen):
    """A Discord account as an event shows it.

    ``server`` is where it happened, None in a direct message; ``roles`` are the names and ids of
    the roles that the account has there.
    """

    id: str
    name: str
    bot: bool = False
    server: str | None = None
    roles: tuple[str, ...] = ()


@dataclass
class Server:
    """Asks Discord about the server, and holds each answer for a minute.

    ``wanted`` is its id, where the bot may be in several; ``roles`` are Tocsin's roles by the name
    or id of a Discord role.
    """

    api: Api
    clock: Clock
    wanted: str | None
    roles: Mapping[str, Role]
    _held: dict[str, tuple[datetime, Any]] = field(default_factory=dict)

    async def id(self) -> str:
        """The server's id. Raises `Permanent` where it is not clear which one is meant."""
        if self.wanted:
            return self.wanted
        found = await self._ask("/users/@me/guilds")
        if len(found) != 1:
            raise Permanent(UNCLEAR.format(count=len(found)))
        return str(found[0]["id"])

    async def channel(self, room: str) -> str:
        """The id of a channel by its name or id. Raises `Permanent` where there is none."""
        if room.isdecimal():
            return room
        name = room.removeprefix("#").lower()
        found = await self._ask("/guilds/{guild_id}/channels", guild_id=await self.id())
        ids = [one["id"] for one in found if one["name"] == name and one["type"] in WRITABLE]
        if not ids:
            raise Permanent(NO_CHANNEL.format(name=name))
        return str(ids[0])

    async def is_thread(self, channel: str) -> bool:
        """Whether the channel is a thread itself, in which no other can be opened."""
        told = await self._ask("/channels/{channel_id}", channel_id=channel)
        return told["type"] in THREADS

    async def account(self, person: Person) -> Account:
        """Who somebody is to Tocsin: a full member is whoever has a role that the settings map."""
        server = await self.id()
        given = await self._roles_of(person, server) if self.roles and not person.bot else ()
        standing: Standing = "bot" if person.bot else "full" if given else "guest"
        return Account(
            platform=PLATFORM,
            workspace=server,
            id=person.id,
            name=person.name,
            standing=standing,
            roles=given,
        )

    async def _roles_of(self, person: Person, server: str) -> tuple[Role, ...]:
        if person.server not in (server, None):
            return ()
        held = person.roles if person.server else await self._member_roles(person, server)
        return tuple(dict.fromkeys(self.roles[one] for one in held if one in self.roles))

    async def _member_roles(self, person: Person, server: str) -> Iterable[str]:
        """Of somebody who writes directly, where no event shows them."""
        path = "/guilds/{guild_id}/members/{user_id}"
        member = await self._ask(path, guild_id=server, user_id=person.id)
        known = await self._ask("/guilds/{guild_id}/roles", guild_id=server)
        held = member["roles"] if member else ()
        return (*held, *(one["name"] for one in known if one["id"] in held))

    async def _ask(self, path: str, **ids: str) -> Any:
        """Read something; what is not answered now is as it was when last heard of."""
        key, now = path.format(**ids), self.clock.now()
        asked_at, told = self._held.get(key, (None, None))
        if asked_at and now - asked_at < HOLDS:
            return told
        try:
            told = await self._read(path, **ids)
        except Retry:
            if asked_at is None:
                raise
        if len(self._held) >= MOST_HELD:
            self._held.clear()
        self._held[key] = (now, told)
        return told

    async def _read(self, path: str, **ids: str) -> Any:
        try:
            return await self.api.get(path, **ids)
        except Denied as gone:
            if gone.code == UNKNOWN_MEMBER:
                return None
            raise
