"""What steps say, kept every other second while they are done, so that people read along."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.pace import EDITS_APART
from domain.run_output import LOOKED_THROUGH, Attempt, Heard, tail, whole_lines
from storage.store import Act, Store

log = structlog.get_logger()

# A letter is at most four bytes.
MOST_BYTES = 4 * LOOKED_THROUGH


@dataclass
class _Said:
    """The end of what was said so far; ``news`` where that changed, or nothing more will come."""

    kept: bytearray = field(default_factory=bytearray)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, part: bytes) -> None:
        self.kept += part
        del self.kept[:-MOST_BYTES]
        self.news.set()

    def end(self) -> None:
        self.over.set()
        self.news.set()


@dataclass(frozen=True)
class StoredOutputs:
    """Keeps it with the run, not more often than every ``apart_s``."""

    store: Store
    secrets: Callable[[], tuple[str, ...]]
    apart_s: float = EDITS_APART.total_seconds()

    @contextlib.asynccontextmanager
    async def hearing(self, attempt: Attempt) -> AsyncIterator[Heard]:
        """What is told meanwhile is kept; the very end is not waited for, it comes with the
        outcome."""
        said = _Said()
        keeping = asyncio.create_task(self._keep(attempt, said))
        try:
            yield said.hear
        finally:
            said.end()
            await keeping

    def clean(self, said: str) -> str:
        """Without what this installation knows to be secret, and what looks like it."""
        return tail(said, self.secrets())

    async def _keep(self, attempt: Attempt, said: _Said) -> None:
        """A step is not to fail because nobody could read along."""
        try:
            while await self._is_news(said):
                text = self.clean(whole_lines(said.kept.decode(errors="replace")))
                async with self.store.write(Act("tocsin", "job")) as unit:
                    await unit.runs.said(attempt, text)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.apart_s):
                        await said.over.wait()
        except SQLAlchemyError as error:
            log.warning("output not kept", run=attempt.run, step=attempt.step, error=repr(error))

    @staticmethod
    async def _is_news(said: _Said) -> bool:
        await said.news.wait()
        said.news.clear()
        return not said.over.is_set()
