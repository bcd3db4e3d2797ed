"""A load generator: keep-alive connections that send prepared requests one after the other."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """Where requests go, and what proves who sends them."""

    port: int
    path: str
    token: str = ""


@dataclass(frozen=True)
class Ready:
    """A body that is not JSON, with the headers that go with it."""

    payload: bytes
    headers: Mapping[str, str]


@dataclass
class Measured:
    """Latencies in seconds, in the order of completion, and how long it all took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Completed requests per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency that ``share`` of the requests stayed within, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


async def send(
    target: Target, bodies: Iterator[object], *, connections: int, seconds: float
) -> Measured:
    """Send ``bodies`` over so many connections until they end or the time is over."""
    measured = Measured()
    start = time.perf_counter()
    end = start + seconds
    await asyncio.gather(*(_sender(target, bodies, end, measured) for _ in range(connections)))
    measured.seconds = time.perf_counter() - start
    return measured


async def _sender(target: Target, bodies: Iterator[object], end: float, measured: Measured) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    for body in bodies:
        began = time.perf_counter()
        if began > end:
            break
        writer.write(_request(target, body))
        status = await _answer(reader)
        measured.latencies.append(time.perf_counter() - began)
        measured.statuses[status] = measured.statuses.get(status, 0) + 1
    writer.close()
    await writer.wait_closed()


def _request(target: Target, body: object) -> bytes:
    made = body if isinstance(body, Ready) else _json(target, body)
    told = {"Host": f"127.0.0.1:{target.port}", "Content-Length": str(len(made.payload))}
    lines = (f"{name}: {value}\r\n" for name, value in (told | dict(made.headers)).items())
    return f"POST {target.path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + made.payload


def _json(target: Target, body: object) -> Ready:
    told = {"Authorization": f"Bearer {target.token}", "Content-Type": "application/json"}
    return Ready(json.dumps(body).encode(), told)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    return status
