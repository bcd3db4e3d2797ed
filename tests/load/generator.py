"""A load generator that costs little: keep-alive connections, each one request at a time."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httptools


@dataclass
class Load:
    """What came back: how often each status, and how long each answer took (seconds)."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency that ``share`` of the answers kept."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, request: Callable[[], bytes | None], load: Load) -> None:
        self.request = request
        self.load = load
        self.parser = httptools.HttpResponseParser(self)
        self.began = 0.0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.load.latencies.append(time.perf_counter() - self.began)
        self.load.statuses[self.parser.get_status_code()] += 1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _next(self) -> None:
        request = self.request()
        if request is None:
            self.transport.close()
            return
        self.parser = httptools.HttpResponseParser(self)
        self.began = time.perf_counter()
        self.transport.write(request)


async def run(port: int, request: Callable[[], bytes], connections: int, seconds: float) -> Load:
    """Send what ``request`` makes over ``connections`` for ``seconds``."""
    load = Load()
    began = time.perf_counter()

    def more() -> bytes | None:
        return request() if time.perf_counter() - began < seconds else None

    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(more, load), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.over for _, protocol in made))
    load.seconds = time.perf_counter() - began
    return load
