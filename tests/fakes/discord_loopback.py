"""Discord on loopback: simcord's model behind a real API and a real gateway, and faults on order.

async with discord_loopback() as discord:
    ... DISCORD_API_URL=discord.api_url, DISCORD_GATEWAY_URL=discord.gateway_url
    discord.faults.append(Fault(429, retry_after=30))
    discord.hears = "nothing"
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import WSMsgType, web
from simcord import interactions
from simcord.backend import Backend, serializers
from simcord.backend.errors import BackendError
from simcord.http import router

GUILD = 7001
TOKEN = "loopback-token"
HELLO, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 10, 1, 2, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HEARTBEAT_ACK = 8, 9, 11
Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What happens to one request that writes a message.

    ``when`` is whether it counts: a request cut ``after`` it was carried out was accepted; one
    that is ``never`` answered waits until its sender goes.
    """

    status: int = 0
    retry_after: float = 0.0
    when: Literal["before", "after", "never"] = "before"


@dataclass
class Loopback:
    """What stands on the server, and how it behaves.

    ``hears``: everything, beats only (it acknowledges heartbeats and tells nothing else), or
    nothing. Who stands in ``closed`` takes no direct messages. ``refuses`` is the code with which
    a new session is closed. ``begun`` tells how each connection began.
    """

    backend: Backend = field(default_factory=Backend)
    port: int = 0
    faults: deque[Fault] = field(default_factory=deque)
    hears: Literal["everything", "beats", "nothing"] = "everything"
    refuses: int | None = None
    resumes: bool = True
    keeps_nonces: bool = True
    closed: set[str] = field(default_factory=set)
    begun: list[str] = field(default_factory=list)
    beat_s: float = 0.05
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _nonces: dict[str, Json] = field(default_factory=dict)
    _sequence: int = 0
    _telling: list[asyncio.Future[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.backend.create_guild("Loopback", id=GUILD)
        for name in ("incidents", "alerts-data-platform"):
            self.backend.create_channel(GUILD, name)
        self.backend.subscribers.append(self._tell)

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.port}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://127.0.0.1:{self.port}/"

    def add_member(self, name: str, *roles: str) -> str:
        """Somebody comes to the server; returns their account."""
        user = self.backend.make_user(name)
        made = [self.backend.create_role(GUILD, role).id for role in roles]
        self.backend.add_member(GUILD, user.id, roles=made)
        return str(user.id)

    def channel(self, name: str) -> int:
        """The id of a channel."""
        channels = self.backend.channels.values()
        return next(one.id for one in channels if one.guild_id == GUILD and one.name == name)

    def said(self, channel: int) -> list[Json]:
        """What Tocsin's messages there are made of, oldest first."""
        found = self.backend.messages.get(channel, {}).values()
        return [{"id": one.id, "components": one.components} for one in found if one.components]

    def directly(self, account: str) -> list[Json]:
        """What was written to somebody directly."""
        return self.said(self.backend.dm_channels.get(int(account), 0))

    def press(self, account: str, message: Json, button: str) -> None:
        """A press arrives over the gateway."""
        channel = next(
            number for number, found in self.backend.messages.items() if message["id"] in found
        )
        stored = self.backend.get_message(channel, message["id"])
        record, payload = interactions.base_payload(
            self.backend,
            type=3,
            channel_id=channel,
            guild_id=self.backend.get_channel(channel).guild_id,
            user_id=int(account),
            data={"custom_id": button, "component_type": 2},
        )
        record.source_message_id = stored.id
        payload["message"] = dict(serializers.message_payload(self.backend, stored))
        self.backend.emit("INTERACTION_CREATE", payload)

    async def tell(self, op: int, told: Any = None) -> None:
        """Say something to every connection that is no event."""
        for one in self._open():
            await one.send_json({"op": op, "d": told, "s": None, "t": None})

    async def hang_up(self, code: int) -> None:
        """Close every connection."""
        for one in self._open():
            await one.close(code=code)

    # --- the API

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Carry out a request, or what was ordered instead."""
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            return _json({"code": 0, "message": "401: Unauthorized"}, 401)
        body = json.loads(await request.read() or b"null")
        writes = request.path.endswith("/messages") and request.method == "POST"
        fault = self.faults.popleft() if writes and self.faults else None
        if fault is None:
            return self._carried_out(request, body) if self._may(request) else _refused(CLOSED)
        if fault.when == "never":
            await asyncio.Event().wait()
        if fault.status:
            return _refused(fault)
        if fault.when == "after":
            self._carried_out(request, body)
        assert request.transport
        request.transport.abort()
        return web.Response()

    def _may(self, request: web.Request) -> bool:
        """Whether the request writes to nobody who takes no direct messages."""
        rooms = {str(self.backend.dm_channels.get(int(one), 0)) for one in self.closed}
        return request.method != "POST" or not rooms & set(request.path.split("/"))

    def _carried_out(self, request: web.Request, body: Any) -> web.Response:
        nonce = body.get("nonce") if isinstance(body, dict) else None
        if nonce in self._nonces and self.keeps_nonces:
            return _json(self._nonces[nonce])
        path = "/" + request.match_info["path"]
        try:
            made = router.dispatch(
                self.backend, request.method, path, json=body, params=dict(request.query)
            )
        except BackendError as refused:
            return _json(refused.to_json(), refused.status)
        if nonce:
            self._nonces[nonce] = made
        return web.Response(status=204) if made is None else _json(made)

    # --- the gateway

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, from its beginning to its end."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        await self._send(socket, HELLO, {"heartbeat_interval": self.beat_s * 1000})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(socket, json.loads(message.data))
        return socket

    async def _hear(self, socket: web.WebSocketResponse, said: Json) -> None:
        op = said["op"]
        if op == IDENTIFY:
            await self._begin(socket)
        if op == RESUME:
            await self._resume(socket)
        if op == HEARTBEAT and self.hears != "nothing":
            await self._send(socket, HEARTBEAT_ACK, None)
        if op == REQUEST_MEMBERS and self.hears == "everything":
            await self._event(socket, "GUILD_MEMBERS_CHUNK", self._members(said["d"]))

    async def _begin(self, socket: web.WebSocketResponse) -> None:
        self.begun.append("new")
        if self.refuses:
            await socket.close(code=self.refuses)
            return
        ready = {
            "v": 10,
            "user": dict(serializers.user_payload(self.backend.bot_user)),
            "guilds": [{"id": str(one), "unavailable": True} for one in self.backend.guilds],
            "session_id": "session",
            "resume_gateway_url": "ws://127.0.0.1:9/",
            "application": {"id": str(self.backend.application_id), "flags": 0},
        }
        await self._event(socket, "READY", ready)
        for guild in self.backend.guilds.values():
            payload = serializers.guild_create_payload(self.backend, guild)
            await self._event(socket, "GUILD_CREATE", dict(payload))

    async def _resume(self, socket: web.WebSocketResponse) -> None:
        self.begun.append("resumed")
        if self.resumes:
            await self._event(socket, "RESUMED", {})
        else:
            await self._send(socket, INVALID_SESSION, False)

    def _members(self, asked: Json) -> Json:
        guild = self.backend.get_guild(int(asked["guild_id"]))
        wanted = [guild.members[int(one)] for one in asked["user_ids"]]
        found = [dict(serializers.member_payload(self.backend, guild, one)) for one in wanted]
        told = {"guild_id": asked["guild_id"], "members": found, "nonce": asked["nonce"]}
        return {**told, "chunk_index": 0, "chunk_count": 1}

    def _tell(self, event: str, payload: Mapping[str, Any]) -> None:
        """What happens on the server is told to every connection that hears."""
        for one in self._open() if self.hears == "everything" else ():
            self._telling.append(asyncio.ensure_future(self._event(one, event, dict(payload))))

    async def _event(self, socket: web.WebSocketResponse, event: str, told: Json) -> None:
        self._sequence += 1
        await socket.send_json({"op": 0, "t": event, "s": self._sequence, "d": told})

    async def _send(self, socket: web.WebSocketResponse, op: int, told: Any) -> None:
        await socket.send_json({"op": op, "d": told, "s": None, "t": None})

    def _open(self) -> list[web.WebSocketResponse]:
        return [one for one in self._sockets if not one.closed]


CLOSED = Fault(403)


def _refused(fault: Fault) -> web.Response:
    headers = {"Via": "1.1 loopback", "Retry-After": str(fault.retry_after)}
    told = {"retry_after": fault.retry_after, "global": False, "code": 0, "message": "no"}
    return _json(told, fault.status, **headers)


def _json(told: Any, status: int = 200, **headers: str) -> web.Response:
    """The library knows JSON by the bare type alone."""
    typed = {"Content-Type": "application/json", **headers}
    return web.Response(body=json.dumps(told), status=status, headers=typed)


@asynccontextmanager
async def discord_loopback() -> AsyncIterator[Loopback]:
    """A Discord on a free port."""
    discord = Loopback()
    app = web.Application()
    app.router.add_route("*", "/api/v10/{path:.*}", discord.answer)
    app.router.add_get("/", discord.connect)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    discord.port = runner.addresses[0][1]
    try:
        yield discord
    finally:
        await runner.cleanup()
