"""The proxy breaks a connection in exactly the way it was told to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from tests.fakes.proxy import (
    Blackhole,
    Mode,
    Proxy,
    Refuse,
    ResetAfterUp,
    ResetBeforeUp,
    Slow,
    TruncateDown,
    proxied,
)


@dataclass
class Echo:
    """A server that says back what it hears, and remembers it."""

    heard: bytes = b""
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1000):
            self.heard += chunk
            self.told.set()
            writer.write(chunk)
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Echo, Proxy]]:
    """An echo, and a proxy before it."""
    one = Echo()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    async with server, proxied(server.sockets[0].getsockname()[1]) as proxy:
        yield one, proxy


async def say(proxy: Proxy, words: bytes) -> bytes:
    """What comes back for ``words``; raises where the connection is reset."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.listening)
    try:
        writer.write(words)
        return await reader.readexactly(len(words))
    finally:
        writer.close()


async def test_everything_passes(echo):
    """Without a fault it is not there."""
    _, proxy = echo
    assert await say(proxy, b"hello") == b"hello"
    assert proxy.links == 1


async def test_a_refused_connection_is_reset(echo):
    """The server never hears of it."""
    one, proxy = echo
    proxy.mode = Refuse()
    with pytest.raises(OSError):
        await say(proxy, b"hello")
    assert one.heard == b""


async def test_a_black_hole_says_nothing(echo):
    """The connection stands and nothing comes."""
    one, proxy = echo
    proxy.mode = Blackhole()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await say(proxy, b"hello")
    assert one.heard == b""


async def test_a_request_is_lost_on_its_way(echo):
    """The client sees a reset, the server nothing."""
    one, proxy = echo
    proxy.mode = ResetBeforeUp(b"commit")
    assert await say(proxy, b"hello") == b"hello"
    with pytest.raises(ConnectionResetError):
        await say(proxy, b"commit")
    assert one.heard == b"hello"


async def test_an_answer_is_lost_on_its_way(echo):
    """The server heard it, and the client sees a reset: it cannot know."""
    one, proxy = echo
    proxy.mode = ResetAfterUp(b"commit")
    with pytest.raises(ConnectionResetError):
        await say(proxy, b"commit")
    assert one.heard == b"commit"


async def test_an_answer_is_cut_short(echo):
    """Some of it comes, then a reset."""
    one, proxy = echo
    proxy.mode = TruncateDown(3)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await say(proxy, b"hello")
    assert one.heard == b"hello"


async def test_a_slow_line_takes_its_time(echo):
    """A thousand bytes at 10 kB/s take a tenth of a second each way."""
    _, proxy = echo
    proxy.mode = Slow(10_000)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await say(proxy, b"x" * 1000)
    assert loop.time() - began >= 0.2


async def test_a_fault_comes_and_goes(echo):
    """What was broken works again when the fault is over."""
    _, proxy = echo
    proxy.mode = Refuse()
    with pytest.raises(OSError):
        await say(proxy, b"hello")
    proxy.mode = Mode()
    assert await say(proxy, b"hello") == b"hello"
