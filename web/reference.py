"""The reference of the HTTP interface: OpenAPI 3.1, and the same as a page of our own.

The page loads nothing from elsewhere, so the content security policy needs no hole for it.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from domain.base import Frozen
from web.templating import bare, render

METHODS = ("get", "post", "put", "patch", "delete")
BEARER = {"type": "http", "scheme": "bearer", "description": "A token of `tocsin token add`."}
COOKIE = {"type": "apiKey", "in": "cookie", "name": "tocsin_session"}
OPEN = ("/healthz", "/livez")


class Parameter(Frozen):
    """One thing an operation takes."""

    name: str
    where: str
    required: bool
    text: str


class Operation(Frozen):
    """A method at a path."""

    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str], ...]


class ReferencePage(Frozen):
    """What ``reference.html`` shows: operations by tag."""

    version: str
    groups: tuple[tuple[str, tuple[Operation, ...]], ...]


def routes(app: FastAPI) -> list[BaseRoute]:
    """``/openapi.json`` and ``/docs``."""

    async def openapi(request: Request) -> Response:
        return JSONResponse(described(app))

    async def docs(request: Request) -> Response:
        html = render("reference.html", bare(request.scope), _page(app))
        return Response(html, media_type="text/html")

    return [
        Route("/openapi.json", openapi, methods=["GET"]),
        Route("/docs", docs, methods=["GET"]),
    ]
