"""One HTTP request for each connection, for servers on loopback that answer in JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

CUT = 0

Json = dict[str, Any]
# From a request's first line, credential and body: the status, or `CUT`, and what is said.
Answering = Callable[[str, str, bytes], tuple[int, Json]]


# The same from all headers, their names in lower case; further headers may be said too.
Said = tuple[int, Json] | tuple[int, Json, dict[str, str]]
Hearing = Callable[[str, dict[str, str], bytes], Said]


@asynccontextmanager
async def listening(answer: Answering, port: int = 0) -> AsyncIterator[int]:
    """A server on loopback for the length of the block; gives its port, any where 0 is given."""

    def hear(first: str, fields: dict[str, str], body: bytes) -> tuple[int, Json]:
        return answer(first, fields.get("authorization", ""), body)

    async with hearing(hear, port) as found:
        yield found


@asynccontextmanager
async def hearing(answer: Hearing, port: int = 0) -> AsyncIterator[int]:
    """A server that looks at headers too."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _one_request(reader, writer, answer)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _one_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Hearing
) -> None:
    """Read it and answer; `CUT` hangs up without a word."""
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    named = (line.partition(": ") for line in rest if line)
    fields = {name.casefold(): value for name, _, value in named}
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    status, told, *more = answer(first, fields, body)
    if status != CUT:
        words = json.dumps(told).encode()
        lines = f"HTTP/1.1 {status} X\r\nConnection: close\r\n"
        lines += "".join(f"{name}: {said}\r\n" for one in more for name, said in one.items())
        writer.write(f"{lines}Content-Length: {len(words)}\r\n\r\n".encode() + words)
        await writer.drain()
    writer.close()
