"""Discord as the process holds it: the way in, the way out, and one connection for both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from starlette.routing import BaseRoute

from domain.actor import Role
from domain.base import Frozen
from domain.finding import Finding
from domain.ports import Clock
from integrations.chat.discord import check
from integrations.chat.discord.answer import Answers, Dress
from integrations.chat.discord.api import Api
from integrations.chat.discord.connection import Connection
from integrations.chat.discord.interactions import Interactions
from integrations.chat.discord.limits import accepting
from integrations.chat.discord.listen import Ears, Gateway, Picker
from integrations.chat.discord.messages import Messages
from integrations.chat.discord.places import Places
from integrations.chat.discord.send import DiscordChat
from integrations.chat.discord.server import Server
from integrations.chat.edge import ChatEdge
from integrations.chat.platform import Alive, Shortened, uncounted

GATEWAY = "wss://gateway.discord.gg/"


class DiscordAccess(Frozen):
    """What is told about the one server: see the settings of the same names."""

    token: str
    api_url: str
    gateway_url: str | None = None
    guild: str | None = None
    roles: Mapping[str, Role] = {}
    incidents_room: str


@dataclass(frozen=True)
class Around:
    """What Discord's adapter is built with; ``dress`` marks what the demo answers, ``shortened``
    counts what did not fit whole."""

    edge: ChatEdge
    clock: Clock
    dress: Dress
    shortened: Shortened = uncounted


@dataclass(frozen=True)
class Discord:
    """`integrations.chat.platform.Platform` for Discord."""

    chat: DiscordChat
    ears: Ears
    connection: Connection
    single: bool = True

    @classmethod
    def of(cls, access: DiscordAccess, around: Around) -> Self:
        """Discord as the library reaches it."""
        Route.BASE = access.api_url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(access.gateway_url or GATEWAY)
        api = Api(access.token)
        server = Server(api, around.clock, access.guild, access.roles)
        chat = DiscordChat(
            api,
            around.edge.keep,
            server,
            access.incidents_room,
            accepting(around.shortened),
        )
        return cls.around(chat, around.edge, around.dress, access.gateway_url)

    @classmethod
    def around(
        cls, chat: DiscordChat, edge: ChatEdge, dress: Dress, gateway_url: str | None
    ) -> Self:
        """Discord with this way out."""
        answers, places = Answers(chat, dress), Places(chat.server, edge.keep)
        ears = Ears(
            interactions=Interactions(edge, places, answers),
            messages=Messages(edge, places, answers),
            picker=Picker(chat.api, edge.keep, chat.server, edge.registry),
            gateway_url=gateway_url,
        )
        return cls(chat, ears, Connection(chat.api, chat.server, lambda: Gateway(ears)))

    def routes(self) -> Sequence[BaseRoute]:
        """Everything comes over the gateway."""
        return ()

    async def listen(self, alive: Alive) -> None:
        """Hold a session with the gateway."""
        await self.connection.hold(alive)

    async def check(self) -> tuple[Finding, ...]:
        """Token, server, permissions, roles, and the room of all incidents."""
        api, server = self.chat.api, self.chat.server
        found = await check.of_bot(api)
        if found[0].level == "failure":
            return found
        found = (*found, *await check.of_server(api, server), check.of_roles(server.roles))
        return (*found, await check.of_room(server, self.chat.incidents_room))

    async def close(self) -> None:
        """Give back every connection."""
        await self.chat.api.close()
