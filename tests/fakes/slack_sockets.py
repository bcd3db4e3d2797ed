"""Slack's end of Socket Mode on loopback: sessions that deliver, fall silent, or go away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import WSMsgType, web

Mood = Literal["well", "deaf", "gone", "closing"]


@dataclass
class SlackSockets:
    """``mood`` of the next sessions: ``deaf`` ones answer nothing, ``gone`` refuse to open,
    ``closing`` ones end at once."""

    url: str = ""
    mood: Mood = "well"
    refuses: str = ""
    asked: int = 0
    opened: int = 0
    acked: list[Any] = field(default_factory=list)
    sessions: list[web.WebSocketResponse] = field(default_factory=list)

    async def deliver(self, envelope: str, **payload: Any) -> None:
        """Send a slash command down the newest session."""
        told = {"envelope_id": envelope, "type": "slash_commands", "payload": payload}
        await self.sessions[-1].send_json(told | {"accepts_response_payload": True})

    async def renew(self) -> None:
        """Ask for a fresh session, as Slack does every hour or so."""
        await self.sessions[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def open_connection(self, request: web.Request) -> web.Response:
        """apps.connections.open."""
        self.asked += 1
        if self.refuses:
            return web.json_response({"ok": False, "error": self.refuses})
        address = str(request.url.with_scheme("ws").with_path("/socket"))
        return web.json_response({"ok": True, "url": address})

    async def session(self, request: web.Request) -> web.StreamResponse:
        """A session, in the mood of the moment."""
        if self.mood == "gone":
            return web.Response(status=502)
        made = web.WebSocketResponse(autoping=self.mood != "deaf")
        await made.prepare(request)
        self.opened += 1
        self.sessions.append(made)
        await made.send_json({"type": "hello"})
        if self.mood == "closing":
            await made.close()
        elif self.mood == "deaf":
            await asyncio.Event().wait()
        async for message in made:
            if message.type is WSMsgType.TEXT:
                self.acked.append(message.json())
        return made


@asynccontextmanager
async def slack_sockets() -> AsyncIterator[SlackSockets]:
    """Serve sessions on a free port of 127.0.0.1 until the block ends."""
    sockets = SlackSockets()
    app = web.Application()
    app.router.add_post("/api/apps.connections.open", sockets.open_connection)
    app.router.add_get("/socket", sockets.session)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    sockets.url = f"http://{host}:{port}/api"
    try:
        yield sockets
    finally:
        await runner.cleanup()
