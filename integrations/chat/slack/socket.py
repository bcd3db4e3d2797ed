"""Socket Mode: one session at a time, replaced when it is deaf, dead or has been quiet for long.

Whether the library thinks that it is connected is not asked. What counts is the age of the last
sign of life: an answered ping, or anything that was delivered.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from domain.errors import Retry
from integrations.chat.platform import Alive
from integrations.chat.slack.api import SlackApi, quiet

SILENT_PULSES = 3
"""So many pulses without a sign of life, and the session is given up."""

CONNECT_S = 10.0
PULSE_S = 10.0
QUIET_S = 40.0
"""A session that only answers pings may deliver nothing any more: after this, two pulses and the
time to connect it is replaced, within a minute; where Slack opens none so soon, at the next."""

REREAD_S = 600.0
"""Nor is it known whether a session that was replaced so had missed anything: this often it is
looked for. What Slack got no answer for, it repeats over the new one."""

CatchUp = Callable[[float], Awaitable[None]]


@dataclass
class SlackSocket:
    """Holds the socket. ``missed`` is called after a break, and now and then while nothing comes:
    what came since the last delivery, in Unix seconds, may not have been delivered."""

    app: AsyncApp
    api: SlackApi
    token: str
    missed: CatchUp
    seconds: Callable[[], float]
    pulse_s: float = PULSE_S
    quiet_s: float = QUIET_S
    reread_s: float = REREAD_S
    connect_s: float = CONNECT_S
    delivered: int = 0
    _since: float | None = field(default=None, init=False)
    _looked: float = field(default=0.0, init=False)

    async def hold(self, alive: Alive) -> None:
        """Listen until cancelled. Raises `Retry` where a session broke, `Permanent` where Slack
        refuses the token."""
        async with AsyncExitStack() as line:
            client = await line.enter_async_context(self._session())
            await self._look_for_missed()
            while True:
                await self._watch(client, alive)
                client = await self._replaced(client, line)
                if self.seconds() - self._looked >= self.reread_s:
                    await self._look_for_missed()

    async def _replaced(self, client: SocketModeClient, line: AsyncExitStack) -> SocketModeClient:
        """A fresh session, and only then is the other closed; where Slack opens none now, the
        other stays."""
        async with AsyncExitStack() as opening:
            try:
                fresh = await opening.enter_async_context(self._session())
            except Retry:
                return client
            before = line.pop_all()
            line.push_async_exit(opening.pop_all())
            await before.aclose()
        return fresh

    async def _look_for_missed(self) -> None:
        if self._since is not None:
            await self.missed(self._since)
        self._since = self._looked = self.seconds()

    async def _watch(self, client: SocketModeClient, alive: Alive) -> None:
        """Return when a session has been quiet for long. Raises `Retry` where it broke."""
        loop = asyncio.get_running_loop()
        seen, silent, heard_at, count = None, 0, loop.time(), self.delivered
        while loop.time() - heard_at < self.quiet_s:
            await asyncio.sleep(self.pulse_s)
            sign = (client.last_ping_pong_time, self.delivered)
            silent = 0 if sign != seen else silent + 1
            # the library may be about to open a new session, as Slack has asked it to
            if silent + _is_closed(client) * 2 >= SILENT_PULSES:
                raise Retry("the socket gave no sign of life")
            if silent == 0:
                alive()
            if self.delivered != count:
                heard_at, count = loop.time(), self.delivered
            seen = sign

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[SocketModeClient]:
        """A fresh session, connected, and closed with the block."""
        answer = await self.api.ask(lambda slack: slack.apps_connections_open(app_token=self.token))
        client = SocketModeClient(
            app_token=self.token,
            logger=quiet("socket"),
            web_client=self.api.client,
            auto_reconnect_enabled=False,
            ping_interval=self.pulse_s,
        )
        client.wss_uri = answer["url"]
        client.socket_mode_request_listeners.append(self._heard)
        try:
            await self._connect(client)
            yield client
        finally:
            await _close(client)

    async def _connect(self, client: SocketModeClient) -> None:
        """The library tries for ever; we do not."""
        try:
            async with asyncio.timeout(self.connect_s):
                await client.connect()  # type: ignore[no-untyped-call] # the library has none
        except TimeoutError:
            raise Retry("the socket does not open") from None

    async def _heard(self, client: Any, request: Any) -> None:
        """One envelope: Bolt answers it as it answers a request."""
        self.delivered += 1
        self._since = started = self.seconds()
        answer = await run_async_bolt_app(self.app, request)
        await send_async_response(client, request, answer, started)


def _is_closed(client: SocketModeClient) -> bool:
    return client.current_session is None or client.current_session.closed


async def _close(client: SocketModeClient) -> None:
    """Close everything: the library leaves the rest open where the line is dead already."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        await client.disconnect()  # type: ignore[no-untyped-call] # the library has none
    client.current_session = None
    await client.close()  # type: ignore[no-untyped-call] # the library has none
