"""The web application, put together from its parts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.ports import Clock, Dispatch, Ids
from integrations.alerts.discovery import sources
from web import health, reference
from web.ack import AckLinks
from web.assets import assets
from web.edge import LOOPBACK, Edge, EdgeTerms
from web.gate import Gate, GateTerms, origin_of
from web.hooks import Hooks, HooksTerms
from web.ports import Credentials, Intake, PageLinks, Vitals
from web.sessions import Sessions, SessionTerms
from web.tokens import Tokens


@dataclass(frozen=True)
class Terms:
    """What an admin has settled, as far as the web depends on it.

    ``signing`` holds the secrets of senders that sign, by source, the newest first.
    """

    public_url: str
    version: str
    demo: bool = False
    signing: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """What the web is made of; ``routers`` are the API's, the chat's and the pages'."""

    terms: Terms
    clock: Clock
    ids: Ids
    credentials: Credentials
    intake: Intake
    links: PageLinks
    dispatch: Dispatch
    vitals: Vitals
    routers: Sequence[APIRouter] = ()


def build(parts: Parts) -> FastAPI:
    """The whole application."""
    app = _empty(parts)
    tokens = Tokens(parts.credentials)
    sessions = Sessions(_session_terms(parts.terms), parts.credentials, tokens)
    app.router.routes += open_routes(parts, tokens)
    app.router.routes += sessions.routes()
    app.include_router(health.router(parts.vitals, parts.terms.version))
    for router in parts.routers:
        app.include_router(router)
    app.router.routes += reference.routes(app)
    terms = GateTerms(origin=sessions.terms.origin, cookie=sessions.terms.cookie)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Gate, terms=terms, credentials=parts.credentials, tokens=tokens)
    _add_edge(app, parts)
    return app


def build_outside(parts: Parts) -> FastAPI:
    """Only what may face the internet: hooks and acknowledge links (``TOCSIN_ACK_ADDR``)."""
    app = _empty(parts)
    app.router.routes += open_routes(parts, Tokens(parts.credentials))
    _add_edge(app, parts)
    return app


def open_routes(parts: Parts, tokens: Tokens) -> list[BaseRoute]:
    """Routes that carry their own proof, and the static files."""
    terms = HooksTerms(sources=sources(), secrets=parts.terms.signing)
    hooks = Hooks(terms, tokens, parts.intake, parts.clock)
    return [
        Route("/hooks/{source}", hooks),
        Route("/hooks/{source}/{token}", hooks),
        *AckLinks(parts.links, parts.dispatch).routes(),
        Route("/static/{path:path}", assets().serve, methods=["GET"]),
    ]


def _empty(parts: Parts) -> FastAPI:
    """FastAPI without its own pages (they load from elsewhere), redirects and error bodies."""
    return FastAPI(
        title="Tocsin",
        version=parts.terms.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: _raise, RequestValidationError: _raise},
    )


def _add_edge(app: FastAPI, parts: Parts) -> None:
    terms = EdgeTerms(
        hosts=LOOPBACK if parts.terms.demo else frozenset(),
        https=_session_terms(parts.terms).https,
    )
    app.add_middleware(Edge, terms=terms, clock=parts.clock, ids=parts.ids, vitals=parts.vitals)


def _session_terms(terms: Terms) -> SessionTerms:
    return SessionTerms(origin=origin_of(terms.public_url), demo=terms.demo)


async def _raise(_request: Request, error: Exception) -> Response:
    """Leave it to the edge, where every error becomes the same kind of answer."""
    raise error
