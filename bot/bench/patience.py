"""Waiting for another process: look, and look again a moment later."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable


async def until(ready: Callable[[], Awaitable[bool]], within_s: float, again_s: float) -> None:
    """Return once ``ready`` says so; ``TimeoutError`` after ``within_s``."""
    async with asyncio.timeout(within_s):
        async for _ in _looks(again_s):
            if await ready():
                return


async def _looks(again_s: float) -> AsyncIterator[None]:
    while True:
        yield
        await asyncio.sleep(again_s)
