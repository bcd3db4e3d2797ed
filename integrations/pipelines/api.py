"""What asking a pipeline over HTTP has in common, and what was surely not done."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from pydantic import SecretStr

from domain.errors import Permanent, Retry
from integrations.notify.reached import PATIENCE_S, need_taken, reached

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


@asynccontextmanager
async def understood() -> AsyncIterator[None]:
    """What an answer means that nobody expected: its end will not be seen."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as odd:
        raise Permanent(f"its answer was not understood ({odd})") from odd


def instant(said: Json) -> datetime:
    """A time as interfaces write it."""
    return datetime.fromisoformat(str(said))
