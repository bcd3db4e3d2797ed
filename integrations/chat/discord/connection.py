"""Holding the connection to Discord's gateway, and knowing whether anything still comes through.

The library resumes a session that Discord ends. A connection that is open and silent it notices
late or never, so every few seconds the gateway is asked for the bot's own membership: what comes
back has come the way every event comes.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import aiohttp
import discord

from domain.errors import Permanent, Retry
from integrations.chat.discord.api import REFUSED, Api, signed_in
from integrations.chat.discord.server import Server
from integrations.chat.platform import Alive

MOST_UNHEARD = 2
CLOSING_S = 2.0
GOING_AWAY = 1001
BAD_TOKEN = 4004
INTENTS_REFUSED = (4013, 4014)
NO_INTENTS = (
    "Discord refuses an intent that Tocsin asks for: switch it on at Bot, Privileged Gateway"
    " Intents in the developer portal, and restart"
)
NOT_THERE = "The bot is not on the Discord server {server}: invite it with the link of its set-up"


@dataclass(frozen=True)
class Patience:
    """Seconds between two echoes, for one of them, and until a session has begun.

    Twice the first two is how long the connection may be deaf: 54 s.
    """

    between: float = 15.0
    echo: float = 12.0
    begin: float = 30.0


@dataclass(frozen=True)
class Connection:
    """Opens a session and holds it until it breaks; ``make`` gives a client for each."""

    api: Api
    server: Server
    make: Callable[[], discord.Client]
    patience: Patience = Patience()

    async def hold(self, alive: Alive) -> None:
        """Hold one session. Raises `Retry` where it broke and `Permanent` where it was refused."""
        server = int(await self.server.id())
        client = await signed_in(self.make(), self.api.token)
        tasks = (
            asyncio.create_task(_connected(client), name="discord gateway"),
            asyncio.create_task(self._heard(client, server, alive), name="discord echo"),
        )
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task
        finally:
            await _left(client, tasks)

    async def _heard(self, client: discord.Client, server: int, alive: Alive) -> None:
        """Call ``alive`` at each echo. Raises `Retry` where two in a row stay out."""
        await self._begun(client)
        guild = client.get_guild(server)
        if guild is None:
            raise Permanent(NOT_THERE.format(server=server))
        unheard = 0
        while unheard < MOST_UNHEARD:
            unheard = 0 if await self._echo(client, guild) else unheard + 1
            if unheard == 0:
                alive()
            await asyncio.sleep(self.patience.between)
        raise Retry("nothing comes through the connection to Discord")

    async def _begun(self, client: discord.Client) -> None:
        try:
            async with asyncio.timeout(self.patience.begin):
                await client.wait_until_ready()
        except TimeoutError as late:
            raise Retry("Discord begins no session") from late

    async def _echo(self, client: discord.Client, guild: discord.Guild) -> bool:
        """Whether the gateway answers in time; while a session is taken up again it cannot be
        asked."""
        me = [client.user.id] if client.user else []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.patience.echo):
                heard = await _asked(guild, me)
                while not heard:
                    await asyncio.sleep(self.patience.between / 10)
                    heard = await _asked(guild, me)
                return True
        return False


async def _asked(guild: discord.Guild, me: list[int]) -> bool:
    try:
        await guild.query_members(user_ids=me, cache=False)
    except (OSError, aiohttp.ClientError, discord.DiscordException):
        return False
    return True


async def _connected(client: discord.Client) -> None:
    try:
        await client.connect(reconnect=False)
    except discord.ConnectionClosed as closed:
        raise _refused(closed.code) from closed
    except (TimeoutError, OSError, aiohttp.ClientError, discord.HTTPException) as broken:
        raise Retry(f"the connection to Discord broke: {type(broken).__name__}") from broken
    raise Retry("Discord has closed the connection")


def _refused(code: int) -> Retry | Permanent:
    if code == BAD_TOKEN:
        return Permanent(REFUSED)
    if code in INTENTS_REFUSED:
        return Permanent(f"{NO_INTENTS} (Discord {code})")
    return Retry(f"Discord has closed the connection: {code}")


async def _left(client: discord.Client, tasks: tuple[asyncio.Task[None], ...]) -> None:
    """Leave without waiting for somebody who does not answer."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_S):
            # None before the first connection, which the library's own types do not say
            socket = cast(discord.gateway.DiscordWebSocket | None, client.ws)
            # also where it has broken: closing ends the thread that sends its heartbeats
            if socket is not None:
                await socket.close(GOING_AWAY)
    await client.http.close()
