"""The edge: what every request and every answer passes.

Requests get an id and a look at their host; answers get the security headers; whatever goes
wrong beneath becomes one problem. The web's only `except Exception`.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.ports import Clock, Ids
from web.carried import header, masked
from web.ports import Vitals
from web.problem import Problem, answer, problem_of, request_id

log = structlog.get_logger()

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FAILED = 400
UNREMARKABLE = ("/hooks/", "/static/", "/healthz", "/livez", "/readyz", "/metrics")
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
        " object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SECURE = {"Strict-Transport-Security": "max-age=31536000"}


@dataclass(frozen=True)
class EdgeTerms:
    """What the edge insists on. ``hosts`` empty means any name; the demo names loopback only."""

    hosts: frozenset[str] = frozenset()
    https: bool = False


class Edge:
    """ASGI middleware around everything."""

    def __init__(
        self, app: ASGIApp, terms: EdgeTerms, clock: Clock, ids: Ids, vitals: Vitals
    ) -> None:
        self.app = app
        self.terms = terms
        self.clock = clock
        self.ids = ids
        self.vitals = vitals
        self.headers = _encoded(SECURITY | (SECURE if terms.https else {}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request through and answer for whatever comes of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = self.ids.new()
        began = asyncio.get_running_loop().time()
        given = _Answer(send, request_id(scope), self.clock.now(), self.headers)
        try:
            self._look_at(scope)
            await self.app(scope, receive, given.send)
        except ClientDisconnect:
            log.debug("client went away", path=masked(scope["path"]))
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                log.exception("request failed", path=masked(scope["path"]))
                problem = Problem(500, "Something went wrong here.")
            if given.status == 0:
                await answer(problem, scope)(scope, receive, given.send)
        self._tell(scope, given.status, asyncio.get_running_loop().time() - began)

    def _look_at(self, scope: Scope) -> None:
        if self.terms.hosts and _name(header(scope, b"host")) not in self.terms.hosts:
            raise Problem(421, "This Tocsin answers on this machine only: use http://127.0.0.1.")
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            raise Problem(400, "An address cannot hold a NUL character.")

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope["state"].get("route") or getattr(scope.get("route"), "path", "")
        self.vitals.answered(route, status, seconds)
        if scope["path"].startswith(UNREMARKABLE) and status < FAILED:
            return
        log.info(
            "request",
            method=scope["method"],
            path=masked(scope["path"]),
            status=status,
            ms=round(seconds * 1000, 1),
            request_id=request_id(scope),
        )


@dataclass
class _Answer:
    """The way out; ``status`` is 0 until the answer has begun."""

    onward: Send
    request_id: str
    now: datetime
    headers: list[tuple[bytes, bytes]]
    status: int = 0

    async def send(self, message: Message) -> None:
        """Add the headers to the beginning of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = list(message.get("headers", ()))
            named = {name.lower() for name, _ in own}
            added = (*self.headers, *self._of_this_request())
            message["headers"] = own + [one for one in added if one[0] not in named]
        await self.onward(message)

    def _of_this_request(self) -> Iterable[tuple[bytes, bytes]]:
        yield b"x-request-id", self.request_id.encode()
        yield b"x-tocsin-now", self.now.isoformat().encode()
        yield b"cache-control", b"no-store"


def _name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
