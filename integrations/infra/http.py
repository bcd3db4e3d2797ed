"""Steps that ask by HTTP: resolved once, connected to that very address, no redirect followed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx2

from domain.egress import may_reach
from domain.errors import Permanent
from domain.run import StepOrder, StepOutcome
from domain.run_output import Heard
from domain.runbook import HttpRequest
from integrations.resolving import resolved
from integrations.trusting import trusted

MOST_BYTES = 65_536
SAFE = ("GET", "HEAD")
GOOD = range(200, 300)
Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True)
class HttpSteps:
    """``hosts`` are those of one's own network that may be asked."""

    hosts: tuple[str, ...]
    resolve: Resolve = resolved

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Ask once, within the time of the step."""
        request = order.action.http
        if request is None:
            raise Permanent("this is no request")
        try:
            async with asyncio.timeout(order.timeout.total_seconds()):
                return await self._ask(request, order)
        except (TimeoutError, httpx2.TimeoutException):
            return _unheard(request, "no answer in time")
        except httpx2.ConnectError as lost:
            raise Permanent(f"not connected: {lost}") from lost
        except httpx2.HTTPError as lost:
            return _unheard(request, f"the line was cut: {lost!r}")

    async def _ask(self, request: HttpRequest, order: StepOrder) -> StepOutcome:
        url = urlsplit(request.url)
        address = await self._address(url)
        host = f"[{address}]" if ":" in address else address
        there = url._replace(netloc=f"{host}:{_port(url)}").geturl()
        content, kind = _body(request)
        headers = {"Host": url.netloc, **kind, **request.headers}
        told = {"sni_hostname": url.hostname or ""}
        async with (
            httpx2.AsyncClient(
                timeout=None, trust_env=False, follow_redirects=False, verify=trusted()
            ) as client,
            client.stream(
                request.method, there, headers=headers, content=content, extensions=told
            ) as answer,
        ):
            said = await _beginning(answer, order.heard)
            return _outcome(request, answer.status_code, said)

    async def _address(self, url: SplitResult) -> str:
        """Where to connect to: every address of the host has to be allowed. Raises `Permanent`."""
        host = url.hostname or ""
        try:
            found = await self.resolve(host, _port(url))
        except (OSError, UnicodeError) as error:
            raise Permanent(f"{host} has no address: {error}") from error
        if not found or not all(may_reach(host, one, self.hosts) for one in found):
            raise Permanent(
                f"{host} is in a network of its own: an admin names it in runbooks.hosts first"
            )
        return found[0]


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _body(request: HttpRequest) -> tuple[bytes | None, dict[str, str]]:
    if request.send is None:
        return None, {}
    if isinstance(request.send, str):
        return request.send.encode(), {"Content-Type": "text/plain; charset=utf-8"}
    return json.dumps(request.send).encode(), {"Content-Type": "application/json"}


async def _beginning(answer: httpx2.Response, heard: Heard) -> str:
    """Its first 64 KiB, whatever they are."""
    kept = b""
    async for part in answer.aiter_bytes():
        heard(part)
        kept += part
        if len(kept) > MOST_BYTES:
            break
    return kept[:MOST_BYTES].decode(errors="replace")


def _outcome(request: HttpRequest, status: int, said: str) -> StepOutcome:
    fits = status in (request.expect or GOOD)
    return StepOutcome(ok=fits, detail=f"answered {status}", exit_code=status, output=said)


def _unheard(request: HttpRequest, told: str) -> StepOutcome:
    """Whoever only looked knows that nothing has changed; nobody else does."""
    return StepOutcome(ok=False if request.method in SAFE else None, detail=told)


@dataclass(frozen=True)
class WaitSteps:
    """Looks once whether what is waited for holds."""

    http: HttpSteps

    async def perform(self, order: StepOrder) -> StepOutcome:
        """As any request."""
        return await self.http.perform(order)
