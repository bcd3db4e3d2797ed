"""The web application, put together from its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.command import Registry
from domain.ports import Clock, Dispatch, Ids
from integrations.alerts.discovery import Source, sources
from web import health, reference
from web.ack import AckLinks
from web.acknowledged import Acknowledged
from web.assets import assets
from web.body import Bodies
from web.calendars import CalendarFeeds
from web.edge import LOOPBACK, Edge, EdgeTerms
from web.gate import Gate, GateTerms, origin_of
from web.heard import TestLinks
from web.hooks import Hooks, HooksTerms
from web.ports import Banner, CalendarLinks, Credentials, Intake, PageLinks, Vitals
from web.routes import shown
from web.sessions import Sessions, SessionTerms
from web.tokens import Tokens


@dataclass(frozen=True)
class Terms:
    """What an admin has settled, as far as the web depends on it.

    ``signing`` holds the secrets of senders that sign, by source, the newest first. In the demo
    a browser is ``opens_as`` without a login.
    """

    public_url: str
    version: str
    demo: bool = False
    opens_as: str = ""
    signing: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """What the web is made of; ``routers`` are the API's, the chat's and the pages'.

    ``platforms`` are the routes of outside chats, whose requests carry their own proof.
    """

    terms: Terms
    clock: Clock
    ids: Ids
    credentials: Credentials
    intake: Intake
    links: PageLinks
    calendars: CalendarLinks
    registry: Registry
    dispatch: Dispatch
    vitals: Vitals
    banner: Banner
    routers: Sequence[APIRouter] = ()
    platforms: Sequence[BaseRoute] = ()
    sources: Mapping[str, Source] = field(default_factory=sources)


def build(parts: Parts) -> ASGIApp:
    """The whole web, ready to be served."""
    tokens = Tokens(parts.credentials)
    return _edged(parts, _hooks(parts, tokens), application(parts, tokens))


def build_outside(parts: Parts) -> ASGIApp:
    """Only what may face the internet: hooks and acknowledge links (``TOCSIN_ACK_ADDR``)."""
    tokens = Tokens(parts.credentials)
    app = _empty(parts, [Middleware(Bodies)])
    app.router.routes += _open_routes(parts)
    return _edged(parts, _hooks(parts, tokens), app)


def application(parts: Parts, tokens: Tokens) -> FastAPI:
    """Everything but the hooks."""
    sessions = Sessions(_session_terms(parts.terms), parts.credentials, tokens, parts.banner)
    terms = GateTerms(origin=sessions.terms.origin, cookie=sessions.terms.cookie)
    around = [
        Middleware(Bodies),
        Middleware(Gate, terms=terms, credentials=parts.credentials, tokens=tokens),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
    ]
    app = _empty(parts, around)
    app.router.routes += [*_open_routes(parts), *sessions.routes()]
    for router in (health.router(parts.vitals, parts.terms.version), *parts.routers):
        app.include_router(router)
    app.router.routes += reference.routes(app, parts.registry)
    return app


@dataclass(frozen=True)
class Doors:
    """The hooks have a door of their own: nothing else stands in the hot path."""

    hooks: Hooks
    rest: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to one or the other."""
        hook = scope["type"] == "http" and scope["path"].startswith("/hooks/")
        await (self.hooks if hook else self.rest)(scope, receive, send)


def _hooks(parts: Parts, tokens: Tokens) -> Hooks:
    terms = HooksTerms(sources=parts.sources, secrets=parts.terms.signing)
    return Hooks(terms, tokens, parts.intake, parts.clock)


def _open_routes(parts: Parts) -> list[BaseRoute]:
    """Routes that carry their own proof, and the static files."""
    static = shown("/static/{path:path}", assets().serve)
    around = (parts.links, parts.dispatch, parts.banner)
    feeds = CalendarFeeds(parts.calendars, parts.terms.public_url)
    acknowledged = Acknowledged(parts.links, parts.dispatch)
    links = (AckLinks(*around), TestLinks(*around), acknowledged, feeds)
    return [*(route for one in links for route in one.routes()), *parts.platforms, static]


def _empty(parts: Parts, around: list[Middleware]) -> FastAPI:
    """FastAPI without its own pages (they load from elsewhere), redirects and error bodies."""
    left_to_the_edge = (HTTPException, RequestValidationError, Exception)
    return FastAPI(
        title="Tocsin",
        version=parts.terms.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=around,
        exception_handlers=dict.fromkeys(left_to_the_edge, _raise),
    )


def _edged(parts: Parts, hooks: Hooks, rest: ASGIApp) -> Edge:
    terms = EdgeTerms(
        hosts=LOOPBACK if parts.terms.demo else frozenset(),
        https=_session_terms(parts.terms).https,
    )
    return Edge(Doors(hooks, rest), terms, parts.clock, parts.ids, parts.vitals)


def _session_terms(terms: Terms) -> SessionTerms:
    origin = origin_of(terms.public_url)
    return SessionTerms(origin=origin, demo=terms.demo, opens_as=terms.opens_as)


async def _raise(_request: Request, error: Exception) -> Response:
    """Leave it to the edge, where every error becomes the same kind of answer."""
    raise error
