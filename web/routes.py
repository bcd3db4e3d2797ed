"""Routes for people and their browsers: they answer with pages, so OpenAPI does not list them."""

from collections.abc import Awaitable, Callable

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]


def shown(path: str, endpoint: Endpoint) -> APIRoute:
    """A route that shows something: GET, and HEAD as the same without a body."""
    return APIRoute(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)


def posted(path: str, endpoint: Endpoint) -> APIRoute:
    """A route that a form is posted to."""
    return APIRoute(path, endpoint, methods=["POST"], include_in_schema=False)
