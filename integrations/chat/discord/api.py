"""Discord's REST API through the library: one login, bounded waits, and errors as Tocsin's own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
import discord
from discord.http import Route

from domain.errors import Permanent, Retry

PATIENCE_S = 6.0
LONGEST_WAIT_S = 4.0
REFUSED = (
    "Discord does not accept the bot's token: make a new one at Bot, Reset Token in the developer"
    " portal, set DISCORD_BOT_TOKEN and restart"
)
# What Discord says for good, in words that help; other codes keep Discord's own words.
HELP = {
    10003: "that channel has gone, or Tocsin may not see it",
    10008: "that message has gone",
    50001: "Tocsin may not see that channel or server: give its role View Channel there",
    50007: "the person does not take direct messages from this server's bots",
    50013: "Tocsin's role lacks a permission there: invite it again with the link of its set-up",
}


class Denied(Permanent):
    """Discord said no; ``code`` is its own, 0 where it gave none."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


def rest_client() -> discord.Client:
    """A client that speaks to the API and holds no connection."""
    return discord.Client(intents=discord.Intents(guilds=True))


@dataclass
class Api:
    """Calls of Discord's API. Every one raises `Retry` (busy, unknown) or `Denied`."""

    token: str
    make: Callable[[], discord.Client] = rest_client
    patience_s: float = PATIENCE_S
    _client: discord.Client | None = None
    _entering: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, path: str, **ids: str) -> Any:
        """Read something."""
        return await self.call("GET", path, None, **ids)

    async def call(self, method: str, path: str, body: Any, **ids: str) -> Any:
        """Do something; ``ids`` fill in the path. The outcome of a `Retry` is unknown."""
        client = await self._entered()
        sent = {} if body is None else {"json": body}
        with _told():
            async with asyncio.timeout(self.patience_s):
                return await client.http.request(Route(method, path, **ids), **sent)

    async def application(self) -> str:
        """The id of the application the token belongs to."""
        return str((await self._entered()).application_id)

    async def bot(self) -> str:
        """The id of the bot's own account."""
        user = (await self._entered()).user
        return str(user.id) if user else ""

    async def close(self) -> None:
        """Give back every connection."""
        if self._client:
            await self._client.close()
            self._client = None

    async def _entered(self) -> discord.Client:
        async with self._entering:
            if self._client is None:
                self._client = await self._enter()
            return self._client

    async def _enter(self) -> discord.Client:
        client = self.make()
        # the library would wait in our place, for half a minute at the least
        client.http.max_ratelimit_timeout = LONGEST_WAIT_S
        return client if client.user else await signed_in(client, self.token)


async def signed_in(client: discord.Client, token: str) -> discord.Client:
    """The client, signed in. Raises `Retry` or `Denied`, and gives back what it opened."""
    async with AsyncExitStack() as opened:
        opened.push_async_callback(client.close)
        with _told():
            async with asyncio.timeout(PATIENCE_S):
                await client.login(token)
        opened.pop_all()
    return client


@contextmanager
def _told() -> Iterator[None]:
    """What the library raises, as `Retry` or `Denied`."""
    try:
        yield
    except discord.LoginFailure as refused:
        raise Denied(REFUSED) from refused
    except discord.RateLimited as busy:
        raise Retry("Discord is busy", timedelta(seconds=busy.retry_after)) from busy
    except discord.HTTPException as refused:
        raise _refusal(refused) from refused
    except (TimeoutError, OSError, aiohttp.ClientError) as broken:
        raise Retry(f"no answer from Discord: {str(broken) or type(broken).__name__}") from broken


def _refusal(refused: discord.HTTPException) -> Retry | Denied:
    status = refused.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = float(refused.response.headers.get("Retry-After", LONGEST_WAIT_S))
        return Retry("Discord is busy", timedelta(seconds=wait))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Retry(f"Discord failed: {status}")
    if status == HTTPStatus.UNAUTHORIZED:
        return Denied(REFUSED)
    words = HELP.get(refused.code, refused.text or HTTPStatus(status).phrase)
    return Denied(f"{words} (Discord {status}/{refused.code})", refused.code)
