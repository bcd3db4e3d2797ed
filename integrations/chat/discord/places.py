"""Where something happens on Discord, and who does it, as Tocsin names both."""

from dataclasses import dataclass
from typing import Any

import discord

from domain.place import Place
from domain.ports import ChatKeep
from integrations.chat.discord.server import PLATFORM, Person, Server


@dataclass(frozen=True)
class Places:
    """Tells an incident's own thread from a thread beneath a card."""

    server: Server
    keep: ChatKeep

    async def place(self, channel: Any) -> Place:
        """A thread is a room of its own where one was opened for an incident."""
        own = Place(platform=PLATFORM, room=str(channel.id))
        if not isinstance(channel, discord.Thread) or await self.keep.incident(own):
            return own
        return Place(platform=PLATFORM, room=str(channel.parent_id), thread=str(channel.id))


def person(user: discord.User | discord.Member, server: int | None) -> Person:
    """An account as the library has read it from an event."""
    roles = user.roles if isinstance(user, discord.Member) else ()
    return Person(
        id=str(user.id),
        name=user.display_name,
        bot=user.bot,
        server=None if server is None else str(server),
        roles=tuple(word for role in roles for word in (str(role.id), role.name)),
    )
