"""A simulated Discord server that Tocsin is connected to, and the people on it.

The real library runs against simcord's model of Discord, which keeps Discord's limits, permissions
and deadlines by a clock of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import simcord
from simcord.actors import MemberActor
from simcord.backend.models import Message
from simcord.builders import ChannelHandle, GuildHandle
from simcord.components import walk_components
from simcord.results import InteractionResult

from domain.account import Account
from domain.actor import Actor, Role
from domain.ports import ChatKeep
from integrations.chat.discord.api import Api
from integrations.chat.discord.limits import accept_whole
from integrations.chat.discord.listen import Gateway
from integrations.chat.discord.platform import Discord
from integrations.chat.discord.send import DiscordChat
from integrations.chat.discord.server import Server
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

GUILD = 7001
ROOMS = ("incidents", "general", "alerts-data-platform")
ROLES = {"Responders": Role.RESPONDER, "Everybody": Role.MEMBER}


@dataclass(frozen=True)
class Shown:
    """A message as a reader sees it."""

    channel: int
    id: int
    components: list[dict[str, Any]]

    @property
    def text(self) -> str:
        """All that is written in it, as Markdown."""
        found = (one for one in walk_components(self.components) if one["type"] == 10)
        return "\n".join(one["content"] for one in found)

    @property
    def labels(self) -> list[str]:
        """What can be pressed or picked, in reading order."""
        return [one["label"] for one in _choices(self.components)]

    def made(self, label: str) -> str:
        """The id behind a button, or behind a line of a menu."""
        found = [one for one in _choices(self.components) if one["label"].startswith(label)]
        assert found, f"no {label!r} in {self.labels} of: {self.text}"
        return str(found[0].get("custom_id") or found[0]["value"])


@dataclass(frozen=True)
class SlowKeep:
    """Knows what another keep knows, but nobody before ``ready`` is set."""

    keep: ChatKeep
    env: simcord.Env
    ready: asyncio.Event

    async def actor(self, account: Account) -> Actor:
        """Whom the account acts as."""
        await self.env.external_wait(self.ready.wait(), reason="a slow database")
        return await self.keep.actor(account)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.keep, name)


@dataclass
class DiscordWorld:
    """What people do on Discord, and what stands there. After each step what is due is done."""

    tocsin: Tocsin
    env: simcord.Env
    guild: GuildHandle
    platform: Discord
    people: dict[str, MemberActor] = field(default_factory=dict)

    async def join(self, user: str, *roles: str, linked: bool = True) -> MemberActor:
        """Somebody comes to the server, with these roles; a code has linked their account."""
        known = self.guild.roles
        held = [known.get(one) or self.guild.create_role(one) for one in roles]
        member = self.guild.add_member(self.env.create_user(user), roles=held)
        if linked:
            account = Account(
                platform="discord", workspace=str(GUILD), id=str(member.id), name=user
            )
            async with self.tocsin.parts.store.write(SYSTEM) as unit:
                await unit.links.put(account, user, "code")
        self.people[user] = member
        return member

    def slow(self) -> asyncio.Event:
        """From now on nobody is known before the event is set."""
        gateway: Any = self.env.bot
        heard = gateway.ears.interactions
        ready = asyncio.Event()
        edge = replace(heard.edge, keep=SlowKeep(heard.edge.keep, self.env, ready))
        gateway.ears = replace(gateway.ears, interactions=replace(heard, edge=edge))
        return ready

    async def slash(
        self, user: str, room: str | ChannelHandle, command: str, **options: Any
    ) -> InteractionResult:
        """Choose a command and fill in some of its fields."""
        result = await self.people[user].slash(self.channel(room), command, **options)
        await self.settle()
        return result

    async def press(self, user: str, shown: Shown, label: str) -> InteractionResult:
        """Press a button, or pick that line from the menu it stands in."""
        message, made = self.found(shown), shown.made(label)
        rows = (one for one in walk_components(shown.components) if one["type"] == 3)
        menus = [one["custom_id"] for one in rows if made in str(one["options"])]
        person: Any = self.people[user] if self._in_guild(shown) else self.people[user].user
        if menus:
            result: InteractionResult = await person.select(message, [made], custom_id=menus[0])
        else:
            result = await person.click(message, custom_id=made)
        await self.settle()
        return result

    async def submit(self, user: str, shown: InteractionResult, **values: Any) -> InteractionResult:
        """Fill in a form that was opened."""
        direct = shown._interaction.guild_id is None
        person: Any = self.people[user].user if direct else self.people[user]
        result: InteractionResult = await person.submit_modal(shown, values)
        await self.settle()
        return result

    async def write(self, user: str, room: str | ChannelHandle, text: str) -> Any:
        """Write in a channel."""
        message = await self.people[user].send(self.channel(room), text)
        await self.settle()
        return message

    async def write_directly(self, user: str, text: str) -> None:
        """Write to Tocsin alone."""
        await self.people[user].send_dm(text)
        await self.settle()

    def close(self, user: str) -> None:
        """Somebody takes no direct messages any more."""
        path = f"/channels/{self.people[user].user.dm_channel.id}/messages"
        self.env.inject_error("POST", path, status=403, code=50007, times=None)

    async def settle(self) -> None:
        """Everything that is due has been done."""
        await self.tocsin.settle()
        await self.env.settle()

    async def restart(self) -> None:
        """Tocsin comes back as another process over the same database."""
        self.platform, gateway = connected(self.tocsin)
        await self.env.restart_bot(gateway)
        await self.settle()

    # --- what stands there

    @property
    def mention(self) -> str:
        """Tocsin, as people mention it."""
        return f"<@{self.env.backend.bot_user.id}>"

    def channel(self, room: str | ChannelHandle) -> ChannelHandle:
        """A channel by its name."""
        return room if isinstance(room, ChannelHandle) else self.guild.channels[room]

    def thread(self, beginning: str) -> ChannelHandle:
        """The thread of all incidents' channel whose name begins so."""
        threads = self.channel("incidents").threads
        (found,) = [one for one in threads if (one.name or "").startswith(beginning)]
        return found

    def seen(self, room: str | ChannelHandle) -> list[Shown]:
        """What Tocsin has said in a channel, oldest first."""
        return list(self._said(self.channel(room).id))

    def direct(self, user: str) -> list[Shown]:
        """What Tocsin has written to somebody directly, oldest first."""
        return list(self._said(self.people[user].user.dm_channel.id))

    def found(self, shown: Shown) -> Any:
        """The message to press on."""
        stored = self.env.backend.get_message(shown.channel, shown.id)
        return simcord.results.ResponseMessage(self.env, stored)

    def _said(self, channel: int) -> Iterator[Shown]:
        messages = self.env.backend.messages.get(channel, {}).values()
        ours = self.env.backend.bot_user.id
        for one in sorted(messages, key=lambda message: message.id):
            if one.author_id == ours and one.components and not one.is_ephemeral:
                yield _shown(one)

    def _in_guild(self, shown: Shown) -> bool:
        return self.env.backend.get_channel(shown.channel).guild_id is not None


def answer(result: InteractionResult) -> Shown:
    """What was answered to the person alone."""
    assert result.response, f"no answer: {result}"
    assert result.response.ephemeral
    return Shown(result.response.channel_id, result.response.id, result.response.components)


def fields(result: InteractionResult) -> dict[str, dict[str, Any]]:
    """The controls of a form that was opened, by name."""
    assert result.modal, f"no form: {result}, {result.response and answer(result).text}"
    controls = [one["component"] for one in result.modal["components"]]
    return {one["custom_id"]: one for one in controls}


def connected(tocsin: Tocsin) -> tuple[Discord, Gateway]:
    """Tocsin's side of Discord, and the client whose API and gateway are the simulated ones."""
    made: list[Gateway] = []
    api, edge = Api("t", lambda: made[0]), tocsin.parts.edge
    server = Server(api, tocsin.clock, str(GUILD), ROLES)
    chat = DiscordChat(api, edge.keep, server, "incidents", accept_whole)
    platform = Discord.around(chat, edge, lambda message: message, None)
    made.append(Gateway(platform.ears))
    worker = tocsin.parts.worker
    worker.ports = replace(worker.ports, chats=worker.ports.chats | {"discord": chat})
    return platform, made[0]


@asynccontextmanager
async def discord_world(tocsin: Tocsin) -> AsyncIterator[DiscordWorld]:
    """A server with its channels, which is the home of incidents."""
    platform, gateway = connected(tocsin)
    tocsin.settled(platforms=("discord", "console"))
    env = simcord.Env(gateway)
    guild = env.create_guild(id=GUILD)
    for room in ROOMS:
        guild.create_text_channel(room)
    await env.start()
    try:
        world = DiscordWorld(tocsin, env, guild, platform)
        await world.settle()
        yield world
        env.raise_errors()
    finally:
        await env.shutdown()


def _choices(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in walk_components(components):
        if one["type"] == 2:
            yield one
        yield from one.get("options", ())


def _shown(message: Message) -> Shown:
    return Shown(message.channel_id, message.id, message.components)
