"""Logging in and out, and the session's cookie. In the demo also: who one acts as.

The cookie's secret is made afresh at each login and stored hashed. Tries are counted by address
and name together, so that nobody can lock somebody else out, and by address alone.
"""

import asyncio
import math
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from domain.base import Frozen
from domain.errors import NotFound
from web.carried import address, cookie, local
from web.gate import comes_from_us
from web.limits import Buckets
from web.ports import Banner, Credentials, NewSession
from web.problem import Problem, busy
from web.routes import posted, shown
from web.templating import bare, render
from web.tokens import Tokens

JSON = "application/json"
WRONG = "That name and password do not fit together."
DEMO = "This is the demo: open the link that `tocsin demo` printed."
TRIES, EVERY_S = 5, 12.0
TRIES_BY_ADDRESS, EVERY_S_BY_ADDRESS = 30, 2.0


class LoginPage(Frozen):
    """What ``login.html`` shows; ``next`` is where to go afterwards."""

    next: str = "/"
    name: str = ""
    error: str = ""


class ActAs(Frozen):
    """Whom to act as: a seeded person's id."""

    user: str


class Acts(Frozen):
    """The form token of the new session."""

    user: str
    csrf: str


@dataclass(frozen=True)
class SessionTerms:
    """``origin`` is the public address; ``demo`` opens the ways that exist only there.

    ``opens_as`` is whom a browser of the demo is without a login, "" for nobody.
    """

    origin: str
    demo: bool = False
    opens_as: str = ""

    @property
    def https(self) -> bool:
        """Whether browsers reach us by TLS."""
        return self.origin.startswith("https://")

    @property
    def cookie(self) -> str:
        """The cookie's name: by TLS one that no neighbour below our domain can set."""
        return "__Host-tocsin" if self.https else "tocsin_session"


class Sessions:
    """The login, by its three ways."""

    def __init__(
        self, terms: SessionTerms, credentials: Credentials, tokens: Tokens, banner: Banner
    ) -> None:
        self.terms = terms
        self.credentials = credentials
        self.banner = banner
        self.tokens = tokens
        self._by_name = Buckets(1 / EVERY_S, TRIES)
        self._by_address = Buckets(1 / EVERY_S_BY_ADDRESS, TRIES_BY_ADDRESS)

    async def show(self, request: Request) -> Response:
        """The form; in the demo there is none, and a link may carry a person's token."""
        target = local(request.query_params.get("next", "/"))
        key = request.query_params.get("key")
        if self.terms.demo and key is not None:
            return await self._by_link(request, key, target)
        if self.terms.demo and self.terms.opens_as:
            begun = await self._new(request, self.terms.opens_as)
            return self._with_cookie(RedirectResponse(target, 303), begun)
        shown = LoginPage(next=target, error=DEMO if self.terms.demo else "")
        return await self._form(request, shown, 200)

    async def log_in(self, request: Request) -> Response:
        """Check name and password and begin a session."""
        if not comes_from_us(request.scope, self.terms.origin, must_say=True):
            raise Problem(403, "This form came from another site and was not carried out.")
        fields = _fields(await request.body())
        name, target = fields.get("name", ""), local(fields.get("next", "/"))
        self._count(request, name)
        user = await self.credentials.person(name, fields.get("password", ""))
        if user is None:
            return await self._form(request, LoginPage(next=target, name=name, error=WRONG), 401)
        begun = await self._new(request, user)
        return self._with_cookie(RedirectResponse(target, 303), begun)

    async def log_out(self, request: Request) -> Response:
        """End the session of this browser."""
        await self.credentials.end(cookie(request.scope, self.terms.cookie))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(self.terms.cookie, secure=self.terms.https, httponly=True)
        return answer

    async def act_as(self, request: Request, wanted: ActAs) -> Response:
        """Become a seeded person; demo only."""
        begun = await self._new(request, wanted.user)
        told = Acts(user=wanted.user, csrf=begun.csrf)
        return self._with_cookie(Response(told.model_dump_json(), media_type=JSON), begun)

    def routes(self) -> list[BaseRoute]:
        """The routes, those of the demo only there."""
        found: list[BaseRoute] = [
            shown("/login", self.show),
            posted("/login", self.log_in),
            posted("/logout", self.log_out),
        ]
        if self.terms.demo:
            path = "/console/api/act-as"
            found.append(
                APIRoute(path, self.act_as, methods=["POST"], response_model=Acts, tags=["console"])
            )
        return found

    async def _by_link(self, request: Request, key: str, target: str) -> Response:
        token = await self.tokens.find(key)
        if token is None or token.actor is None or token.actor.user is None:
            return await self._form(request, LoginPage(next=target, error=DEMO), 401)
        begun = await self._new(request, token.actor.user)
        return self._with_cookie(RedirectResponse(target, 303), begun)

    async def _new(self, request: Request, user: str) -> NewSession:
        """Begin a session in place of the one this browser may have."""
        begun = await self.credentials.begin(user)
        if begun is None:
            raise NotFound(f"There is no person {user}.", field="user")
        if old := cookie(request.scope, self.terms.cookie):
            await self.credentials.end(old)
        return begun

    async def _form(self, request: Request, page: LoginPage, status: int) -> Response:
        html = render("login.html", bare(request.scope, await self.banner()), page)
        return Response(html, status, media_type="text/html")

    def _with_cookie(self, answer: Response, begun: NewSession) -> Response:
        answer.set_cookie(
            self.terms.cookie,
            begun.secret,
            expires=begun.expires_at,
            secure=self.terms.https,
            httponly=True,
            samesite="lax",
        )
        return answer

    def _count(self, request: Request, name: str) -> None:
        now, from_where = asyncio.get_running_loop().time(), address(request.scope)
        wait = self._by_address.take(from_where, now)
        wait = wait or self._by_name.take(f"{from_where} {name.strip().lower()[:200]}", now)
        if wait:
            raise busy(f"Too many tries: wait {math.ceil(wait)} s.", wait, 429)


def _fields(body: bytes) -> dict[str, str]:
    """The fields of a form, the first of each name."""
    try:
        found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        raise Problem(400, "The form has too many fields.") from None
    return {name: values[0] for name, values in found.items()}
