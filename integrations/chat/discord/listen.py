"""The gateway: what Discord tells reaches those who hear it, and its commands are kept true."""

import hashlib
import json
from dataclasses import dataclass

import discord
import structlog
import yarl

from domain.command import Registry
from domain.errors import Permanent, Retry
from domain.ports import ChatKeep
from integrations.chat.discord.api import Api
from integrations.chat.discord.interactions import Event, Interactions
from integrations.chat.discord.manifest import command_tree, intents
from integrations.chat.discord.messages import Messages
from integrations.chat.discord.server import PLATFORM, Server

log = structlog.get_logger()

COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"


@dataclass(frozen=True)
class Picker:
    """The commands that Discord offers, which are written only when they have changed."""

    api: Api
    keep: ChatKeep
    server: Server
    registry: Registry

    async def settle(self) -> None:
        """Write the commands of the server where they are not those of the last time."""
        tree = command_tree(self.registry)
        digest = hashlib.sha256(json.dumps(tree).encode()).hexdigest()
        try:
            ids = {
                "application_id": await self.api.application(),
                "guild_id": await self.server.id(),
            }
            key = "commands:{application_id}:{guild_id}".format(**ids)
            if await self.keep.reference(PLATFORM, key) == {"digest": digest}:
                return
            await self.api.call("PUT", COMMANDS, tree, **ids)
            await self.keep.refer(PLATFORM, key, {"digest": digest})
        except (Retry, Permanent) as refused:
            log.warning("commands not registered", platform=PLATFORM, error=str(refused))


@dataclass(frozen=True)
class Ears:
    """Who hears what; ``gateway_url`` is where a broken connection is taken up again, if it is
    not where Discord says."""

    interactions: Interactions
    messages: Messages
    picker: Picker
    gateway_url: str | None = None


class Gateway(discord.Client):
    """One session with Discord's gateway. It caches channels and roles, and no people."""

    def __init__(self, ears: Ears) -> None:
        super().__init__(
            intents=intents(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
        )
        self.ears = ears

    async def on_connect(self) -> None:
        """A new session has begun."""
        if self.ears.gateway_url:
            self.ws.gateway = yarl.URL(self.ears.gateway_url)

    async def on_ready(self) -> None:
        """Everything is known: the commands can be compared."""
        await self.ears.picker.settle()
        await self._greet()

    async def on_guild_join(self, _guild: discord.Guild) -> None:
        """Invited while connected: the session knows the server from now on."""
        await self._greet()

    async def _greet(self) -> None:
        """Only in the server that Tocsin belongs to."""
        try:
            server = int(await self.ears.picker.server.id())
        except (Retry, Permanent) as refused:
            log.warning("room not welcomed", platform=PLATFORM, error=str(refused))
            return
        await self.ears.messages.greet(self.get_guild(server))

    async def on_interaction(self, event: Event) -> None:
        """A command, a press, a form, or a field that is being filled in."""
        await self.ears.interactions.hear(event)

    async def on_message(self, message: discord.Message) -> None:
        """Words in a channel or written directly."""
        if self.user:
            await self.ears.messages.hear(message, self.user.id)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """A reaction to any message, however old."""
        channel = self.get_channel(event.channel_id) or discord.Object(event.channel_id)
        await self.ears.messages.react(event, channel)
