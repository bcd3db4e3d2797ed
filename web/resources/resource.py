"""A resource is a list and one of it; its routes follow from that."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from domain.actor import Role
from storage.scope import Scope
from storage.views.listing import Cut, Listing
from web.reading import Read, Reader, as_json, need_role

ListView = Callable[[Scope, str | None, Any], Awaitable[Listing[Any]]]
OneView = Callable[[Scope, str | None, str], Awaitable[BaseModel]]


@dataclass(frozen=True)
class Resource:
    """``listed(scope, viewer, query)`` and ``shown(scope, viewer, key)``, found at ``/name``.

    ``query`` is what the list's query string may hold; ``role`` the least that may read it.
    """

    name: str
    item: type[BaseModel]
    listed: ListView
    shown: OneView | None = None
    query: type[Cut] = Cut
    role: Role = Role.MEMBER


def add_routes(router: APIRouter, read: Read, resource: Resource) -> None:
    """Add the resource's routes."""
    summary = resource.name.replace("-", " ").replace("/", ": ")
    router.add_api_route(
        f"/{resource.name}",
        _list_route(read, resource),
        methods=["GET"],
        summary=f"List {summary}",
        response_model=Listing[resource.item],  # type: ignore[name-defined] # a type all the same
        tags=[resource.name],
    )
    if resource.shown is not None:
        router.add_api_route(
            f"/{resource.name}/{{key}}",
            _one_route(read, resource, resource.shown),
            methods=["GET"],
            summary=f"Show one of {summary}",
            response_model=resource.item,
            tags=[resource.name],
        )


def _list_route(read: Read, resource: Resource) -> Callable[..., Awaitable[Response]]:
    query_of: Any = Annotated[resource.query, Query()]

    async def listed(request: Request, actor: Reader, query: query_of) -> Response:
        need_role(actor, resource.role)
        async with read() as unit:
            found = await resource.listed(unit.scope, actor.user, query)
        return as_json(request, found)

    return listed


def _one_route(read: Read, resource: Resource, view: OneView) -> Callable[..., Awaitable[Response]]:
    async def shown(request: Request, actor: Reader, key: str) -> Response:
        need_role(actor, resource.role)
        async with read() as unit:
            found = await view(unit.scope, actor.user, key)
        return as_json(request, found)

    return shown
