"""The console's API, as the terminal chat speaks it."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

SLOW_S = 30  # advancing the demo's clock answers within 25 s

Json = dict[str, Any]


class Trouble(Exception):
    """What the server said no with, or that it said nothing; for the person at the keyboard."""


@dataclass
class Wire:
    """The console's API as one person after another."""

    client: httpx2.AsyncClient
    tokens: Mapping[str, str]
    person: str

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Ask."""
        return await self._call("GET", path, params=params)

    async def post(self, path: str, body: Json) -> Json:
        """Tell."""
        return await self._call("POST", path, json=body)

    async def nudges(self) -> AsyncIterator[None]:
        """One item when the stream opens and one whenever something may have changed."""
        timeout = httpx2.Timeout(SLOW_S, read=None)
        async with self.client.stream(
            "GET", "/api/v1/live", headers=self._headers(), timeout=timeout
        ) as stream:
            stream.raise_for_status()
            yield
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    yield

    async def _call(self, method: str, path: str, **more: Any) -> Json:
        try:
            answer = await self.client.request(
                method, f"/console/api/{path}", headers=self._headers(), **more
            )
        except httpx2.HTTPError as error:
            raise Trouble(f"The server at {self.client.base_url} does not answer.") from error
        found = _json(answer)
        if answer.is_success:
            return found
        raise Trouble(found.get("detail") or found.get("title") or f"{answer.status_code}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.get(self.person, '')}"}


def _json(answer: httpx2.Response) -> Json:
    try:
        found = answer.json()
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
