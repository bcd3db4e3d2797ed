"""What asking a pipeline over HTTP has in common: what was surely not done, and waiting."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
from pydantic import SecretStr

from domain.errors import Permanent, Retry
from domain.ports import Clock
from integrations.notify.reached import PATIENCE_S, need_taken, reached

LOOK_S = 5.0
MINUTE = timedelta(minutes=1)
LONGEST = 60 * MINUTE
Json = Any


@dataclass(frozen=True)
class Api:
    """A pipeline's interface; ``header`` and ``scheme`` are how its token is shown."""

    name: str
    url: str
    token: SecretStr
    header: str = "Authorization"
    scheme: str = "Bearer "
    more: Mapping[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: str) -> Json:
        """Read something."""
        return await self._ask("GET", path, {"params": query})

    async def post(self, path: str, body: Json = None) -> Json:
        """Ask for something; what comes back may be empty."""
        return await self._ask("POST", path, {"json": body} if body is not None else {})

    async def _ask(self, method: str, path: str, told: dict[str, Any]) -> Json:
        shown = {self.header: self.scheme + self.token.get_secret_value(), **self.more}
        async with (
            reached(self.name),
            httpx2.AsyncClient(base_url=self.url, headers=shown, timeout=PATIENCE_S) as client,
        ):
            answer = await client.request(method, path, **told)
            need_taken(answer, self.name, "message")
            return self._read(answer)

    def _read(self, answer: httpx2.Response) -> Json:
        try:
            return answer.json() if answer.content else {}
        except ValueError as wrong:
            raise Retry(f"{self.name} answered no JSON") from wrong


@asynccontextmanager
async def nothing_done_yet() -> AsyncIterator[None]:
    """Whatever goes wrong before the pipeline is asked, nothing was done."""
    try:
        yield
    except Retry as lost:
        raise Permanent(str(lost)) from lost
    except (KeyError, TypeError, ValueError) as odd:
        raise Permanent(f"its answer was not understood ({odd})") from odd


@dataclass(frozen=True)
class Patience:
    """Looks again and again, by the clock it is given; ``pause`` waits for so many seconds."""

    clock: Clock
    pause: Callable[[float], Awaitable[None]]

    async def until(
        self, look: Callable[[], Awaitable[Json]], what: str, longest: timedelta = LONGEST
    ) -> Json:
        """What ``look`` gives as soon as it gives something. Raises `Retry`: nobody knows.

        A look that fails is none: the pipeline works on.
        """
        began = self.clock.now()
        while self.clock.now() - began < longest:
            await self.pause(LOOK_S)
            try:
                found = await look()
            except Retry:
                continue
            except (Permanent, KeyError, TypeError, ValueError) as lost:
                raise Retry(f"{what}: {lost}") from lost
            if found:
                return found
        raise Retry(f"{what} has not been seen for {longest // MINUTE} min")


def instant(said: Json) -> datetime:
    """A time as interfaces write it."""
    return datetime.fromisoformat(str(said))
