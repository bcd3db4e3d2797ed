"""The reference of the HTTP interface: OpenAPI 3.1, and the same as a page of our own.

The page loads nothing from elsewhere, so the content security policy needs no hole for it.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from domain.base import Frozen
from domain.command import Registry
from web.commands import operations
from web.routes import shown
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
    text: str
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str], ...]


class ReferencePage(Frozen):
    """What ``reference.html`` shows: operations by tag."""

    version: str
    groups: tuple[tuple[str, tuple[Operation, ...]], ...]


def routes(app: FastAPI, registry: Registry) -> list[BaseRoute]:
    """``/openapi.json`` and ``/docs``; made beside the other requests, as it takes a while."""

    async def openapi(_request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(described, app, registry))

    async def docs(request: Request) -> Response:
        document = await asyncio.to_thread(described, app, registry)
        html = render("reference.html", bare(request.scope), _page(document))
        return Response(html, media_type="text/html")

    return [shown("/openapi.json", openapi), shown("/docs", docs)]


def described(app: FastAPI, registry: Registry) -> dict[str, Any]:
    """The OpenAPI document, with what FastAPI does not see: hooks, each command by itself, and
    how to prove oneself."""
    document = app.openapi()
    paths = document["paths"] | {"/hooks/{source}": {"post": HOOK}}
    paths |= operations(document["paths"], registry)
    for path in OPEN:
        paths[path] = {"get": paths[path]["get"] | {"security": []}}
    schemes = {"securitySchemes": {"token": BEARER, "session": COOKIE}}
    return document | {
        "paths": paths,
        "components": document.get("components", {}) | schemes,
        "security": [{"token": []}, {"session": []}],
    }


HOOK = {
    "tags": ["hooks"],
    "summary": "Deliver alerts",
    "description": "Answered once the delivery is on disk; send it again after 429 and 503.",
    "parameters": [
        {"name": "source", "in": "path", "required": True, "schema": {"type": "string"}}
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
    "responses": {
        "202": {"description": "On disk: how many alerts, and their ids"},
        "400": {"description": "Not JSON"},
        "401": {"description": "No valid token or signature"},
        "404": {"description": "No such source"},
        "413": {"description": "Over 1 MiB"},
        "415": {"description": "Not JSON by its Content-Type"},
        "422": {"description": "Wrong shape; the field is named"},
        "429": {"description": "Faster than this token may; see Retry-After"},
        "503": {"description": "Not stored; see Retry-After"},
    },
}


def _page(document: dict[str, Any]) -> ReferencePage:
    found = list(_operations(document))
    tags = list(dict.fromkeys(tag for tag, _ in found))
    groups = ((tag, tuple(one for its, one in found if its == tag)) for tag in tags)
    return ReferencePage(version=document["info"]["version"], groups=tuple(groups))


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if told := methods.get(method):
                yield next(iter(told.get("tags", ())), "other"), _operation(method, path, told)


def _operation(method: str, path: str, told: dict[str, Any]) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        text=told.get("description") or told.get("summary", ""),
        parameters=tuple(_parameter(one) for one in told.get("parameters", ())),
        answers=tuple((code, one["description"]) for code, one in told["responses"].items()),
    )


def _parameter(told: dict[str, Any]) -> Parameter:
    return Parameter(
        name=told["name"],
        where=told["in"],
        required=told.get("required", False),
        text=told.get("description", ""),
    )
