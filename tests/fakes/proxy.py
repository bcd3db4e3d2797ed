"""A TCP proxy that breaks connections on purpose, to stand before a database or a chat.

What it does to a connection is its `Mode`, which may be changed at any time; it counts for
connections that are open already.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CHUNK = 65_536
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset, and nothing is flushed


@dataclass
class Link:
    """One connection through the proxy: what was ``sent`` up, and how much has ``come`` down."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    sent: bytearray = field(default_factory=bytearray)
    come: int = 0

    async def up(self, chunk: bytes) -> None:
        """Hand ``chunk`` to the server."""
        assert self.server
        self.sent += chunk
        self.server.write(chunk)
        await self.server.drain()

    async def down(self, chunk: bytes) -> None:
        """Hand ``chunk`` to the client."""
        self.come += len(chunk)
        self.client.write(chunk)
        await self.client.drain()

    def reset(self) -> None:
        """Both ends see their connection reset."""
        for writer in (self.client, self.server):
            if writer and not writer.is_closing():
                made: socket.socket = writer.get_extra_info("socket")
                made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                writer.transport.abort()


class Mode:
    """Everything passes."""

    def made(self, link: Link) -> None:
        """A client has connected."""

    async def up(self, link: Link, chunk: bytes) -> None:
        """The client has sent ``chunk``."""
        await link.up(chunk)

    async def down(self, link: Link, chunk: bytes) -> None:
        """The server has sent ``chunk``."""
        await link.down(chunk)


class Refuse(Mode):
    """Every connection is reset as soon as it is made."""

    def made(self, link: Link) -> None:
        link.reset()


class Blackhole(Mode):
    """Connections stay open and nothing passes any more."""

    async def up(self, link: Link, chunk: bytes) -> None:
        """It goes nowhere."""

    async def down(self, link: Link, chunk: bytes) -> None:
        """It goes nowhere."""


@dataclass
class ResetBeforeUp(Mode):
    """The client sends ``marker`` some time after ``armed_by``: it is lost, and a reset comes."""

    marker: bytes
    armed_by: bytes = b""
    cuts: int = 0

    async def up(self, link: Link, chunk: bytes) -> None:
        if self.marker in chunk and self.armed_by in link.sent + chunk:
            self.cuts += 1
            link.reset()
        else:
            await link.up(chunk)


@dataclass
class ResetAfterUp(Mode):
    """As `ResetBeforeUp`, but the server gets it: what is lost is its answer."""

    marker: bytes
    armed_by: bytes = b""
    cuts: int = 0

    async def down(self, link: Link, chunk: bytes) -> None:
        armed = link.sent.find(self.armed_by)
        if armed >= 0 and link.sent.find(self.marker, armed) >= 0:
            self.cuts += 1
            link.reset()
        else:
            await link.down(chunk)


@dataclass
class TruncateDown(Mode):
    """The client gets ``after`` bytes on each connection, and then a reset."""

    after: int

    async def down(self, link: Link, chunk: bytes) -> None:
        left = max(self.after - link.come, 0)
        if chunk[:left]:
            await link.down(chunk[:left])
        if len(chunk) > left:
            link.reset()


@dataclass
class Slow(Mode):
    """Each way carries so many bytes a second."""

    bytes_s: float

    async def up(self, link: Link, chunk: bytes) -> None:
        await asyncio.sleep(len(chunk) / self.bytes_s)
        await link.up(chunk)

    async def down(self, link: Link, chunk: bytes) -> None:
        await asyncio.sleep(len(chunk) / self.bytes_s)
        await link.down(chunk)


@dataclass
class Proxy:
    """Stands before ``host``:``port``; listens on ``listening``. ``links`` counts connections."""

    host: str
    port: int
    listening: int = 0
    mode: Mode = field(default_factory=Mode)
    links: int = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until one of its ends has gone."""
        self.links += 1
        link = Link(writer)
        self.mode.made(link)
        if writer.is_closing():
            return
        above, link.server = await asyncio.open_connection(self.host, self.port)
        ways: list[asyncio.Future[None]] = [
            asyncio.ensure_future(self._way(link, reader, up=True)),
            asyncio.ensure_future(self._way(link, above, up=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(link, ways)

    async def _way(self, link: Link, reader: asyncio.StreamReader, *, up: bool) -> None:
        while chunk := await reader.read(CHUNK):
            await (self.mode.up if up else self.mode.down)(link, chunk)


async def _end(link: Link, ways: list[asyncio.Future[None]]) -> None:
    """Close what is still open; a connection that broke is what this is about."""
    for way in ways:
        way.cancel()
    await asyncio.gather(*ways, return_exceptions=True)
    for writer in (link.client, link.server):
        if writer:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@asynccontextmanager
async def proxied(port: int, host: str = "127.0.0.1") -> AsyncIterator[Proxy]:
    """A proxy before ``host``:``port``, on a loopback port of its own."""
    proxy = Proxy(host, port)
    carrying: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.carry(reader, writer))
        carrying.add(task)
        task.add_done_callback(carrying.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    proxy.listening = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        await server.wait_closed()
