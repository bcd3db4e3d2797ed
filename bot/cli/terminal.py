"""A line editor in the terminal, with room for what arrives while one types."""

import asyncio
import readline
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass


@dataclass
class Screen:
    """A terminal that keeps the half-typed line below what arrives meanwhile."""

    interactive: bool
    prompt: Callable[[], str] = lambda: "> "

    def show(self, text: str) -> None:
        """Print ``text`` above the line being typed."""
        if not self.interactive:
            print(text, flush=True)
            return
        typing = f"{self.prompt()}{readline.get_line_buffer()}"
        sys.stdout.write(f"\r\x1b[K{text}\n{typing}")
        sys.stdout.flush()


async def typed(prompt: Callable[[], str]) -> AsyncIterator[str]:
    """Lines from the keyboard. A daemon thread reads, so that leaving waits for no Enter."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def read() -> None:
        try:
            while True:
                loop.call_soon_threadsafe(lines.put_nowait, input(prompt()))
        except EOFError:
            loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line
