"""A line editor in the terminal, with room for what arrives while one types."""

import asyncio
import readline
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

Put = Callable[[str | None], object]


@dataclass
class Screen:
    """A terminal that keeps the half-typed line below what arrives meanwhile.

    ``interactive`` is whether a person looks: without one nothing is drawn anew.
    """

    interactive: bool
    prompt: Callable[[], str] = lambda: "> "
    typing: bool = False

    def show(self, text: str) -> None:
        """Print ``text``, above the line being typed if there is one."""
        if not (self.interactive and self.typing):
            print(text, flush=True)
            return
        line = f"{self.prompt()}{readline.get_line_buffer()}"
        sys.stdout.write(f"\r\x1b[K{text}\n{line}")
        sys.stdout.flush()

    async def lines(self) -> AsyncIterator[str]:
        """Lines from the keyboard, each asked for when the one before is dealt with.

        A daemon thread reads, so that leaving waits for no Enter.
        """
        loop, typed = asyncio.get_running_loop(), asyncio.Queue[str | None]()
        wanted = threading.Semaphore(0)

        def put(line: str | None) -> None:
            loop.call_soon_threadsafe(typed.put_nowait, line)

        threading.Thread(target=self._read, args=(wanted, put), daemon=True).start()
        while True:
            wanted.release()
            line = await typed.get()
            if line is None:
                return
            yield line

    def _read(self, wanted: threading.Semaphore, put: Put) -> None:
        line: str | None = ""
        while line is not None:
            wanted.acquire()
            line = self._line()
            put(line)

    def _line(self) -> str | None:
        self.typing = True
        try:
            return input(self.prompt() if self.interactive else "")
        except EOFError:
            return None
        finally:
            self.typing = False
