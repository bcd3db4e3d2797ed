"""Names looked up once, so that what was looked at is what is connected to."""

import asyncio
import socket


async def resolved(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, as this machine finds them. Raises `OSError` and `UnicodeError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))
