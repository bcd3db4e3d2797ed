"""The HTTP interface under ``/api/v1``: resources, incidents in depth, commands.

Everything needs a token or session; reading needs the scope ``read`` and at least a member, a
command whatever it declares. Lists answer ``{"items": […], "next": cursor or null}``.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from domain.actor import Actor
from domain.base import Frozen
from domain.call import Call
from domain.command import Registry
from domain.freeze import Gate, gate
from domain.pipeline import PROD
from domain.ports import Dispatch, Typed
from domain.timeline import TimelineEntry
from storage.views import freezes, incidents, postmortems
from storage.views.listing import Cut, Listing
from storage.views.postmortems import PostmortemView
from web.automation import Automation
from web.commands import HERE, Answer, Arguments, Commands, Key, accepted, answer_of
from web.gate import Acting
from web.postmortem_file import PostmortemFile
from web.problem import Problem
from web.reading import Read, Reader, as_json
from web.resources.every import RESOURCES
from web.resources.resource import add_routes

PREFIX = "/api/v1"


@dataclass(frozen=True)
class ApiParts:
    """What the interface is made of; ``read`` opens a read unit."""

    read: Read
    registry: Registry
    typed: Typed
    dispatch: Dispatch


class TimelineCut(Cut):
    """Which part of a timeline, which is oldest first."""

    limit: int = Field(default=200, ge=1, le=500)


class GateQuery(Frozen):
    """What is to be deployed where; ``strict`` answers a no with 423, so that ``curl -f`` fails."""

    service: str = Field(min_length=1, max_length=100)
    environment: str = Field(default=PROD, min_length=1, max_length=50)
    strict: bool = False


Wanted = Annotated[GateQuery, Query()]


class Escalation(Frozen):
    """Whom to page now: the next step, or ``target`` (@person, team or service)."""

    incident: str
    target: str = ""


def router(parts: ApiParts) -> APIRouter:
    """Every route under ``/api/v1``, except the live stream."""
    made = APIRouter(prefix=PREFIX)
    depth = Depth(parts)
    depth.add_routes(made)
    for resource in RESOURCES:
        add_routes(made, parts.read, resource)
    Automation(parts.dispatch).add_routes(made)
    Commands(parts.registry, parts.typed, parts.dispatch).add_routes(made)
    return made


@dataclass(frozen=True)
class Depth:
    """What belongs to one incident, and paging somebody for it."""

    parts: ApiParts

    async def timeline(
        self, request: Request, actor: Reader, key: str, cut: Annotated[TimelineCut, Query()]
    ) -> Response:
        """What happened, in sentences, oldest first."""
        async with self.parts.read() as unit:
            found = await incidents.timeline(unit.scope, actor.user, key, cut)
        return as_json(request, found)

    async def postmortem(self, request: Request, actor: Reader, key: str) -> Response:
        """The incident's postmortem."""
        async with self.parts.read() as unit:
            found = await postmortems.shown(unit.scope, actor.user, key)
        return as_json(request, found)

    async def postmortem_file(self, actor: Reader, key: str) -> Response:
        """The incident's postmortem as a Markdown file."""
        return await PostmortemFile(self.parts.read).of(actor, key)

    async def draft(self, actor: Acting, key: str, idempotency: Key = None) -> Answer:
        """Have a draft written; it can be read as soon as it is there."""
        return await self._do(actor, "postmortem draft", {"incident": key}, idempotency)

    async def gate(self, request: Request, actor: Reader, wanted: Wanted) -> Response:  # noqa: ARG002 - who reads is checked
        """Whether something may be deployed there now; 423 with ``strict`` where it may not."""
        async with self.parts.read() as unit:
            found = gate(await freezes.standing(unit.scope), wanted.service, wanted.environment)
        if wanted.strict and not found.allowed:
            raise Problem(423, found.reason)
        return as_json(request, found)

    async def escalate(self, actor: Acting, wanted: Escalation, idempotency: Key = None) -> Answer:
        """Page the next step now, or somebody in particular."""
        return await self._do(actor, "incident escalate", wanted.model_dump(), idempotency)

    def add_routes(self, router: APIRouter) -> None:
        """Add the routes."""
        tagged: dict[str, Any] = {"tags": ["incidents"]}
        router.add_api_route(
            "/deployments/gate",
            self.gate,
            methods=["GET"],
            response_model=Gate,
            tags=["deployments"],
        )
        path = "/incidents/{key}"
        get, post = ["GET"], ["POST"]
        router.add_api_route(
            f"{path}/timeline",
            self.timeline,
            methods=get,
            response_model=Listing[TimelineEntry],
            **tagged,
        )
        router.add_api_route(
            f"{path}/postmortem",
            self.postmortem,
            methods=get,
            response_model=PostmortemView,
            **tagged,
        )
        router.add_api_route(
            f"{path}/postmortem.md",
            self.postmortem_file,
            methods=get,
            response_class=PlainTextResponse,
            **tagged,
        )
        router.add_api_route(
            f"{path}/postmortem", self.draft, methods=post, status_code=202, **tagged
        )
        paging = "/notifications/on-call/escalate"
        router.add_api_route(paging, self.escalate, methods=post, tags=["notifications"])

    async def _do(self, actor: Actor, command: str, args: Arguments, key: str | None) -> Answer:
        call = Call(command=command, args=args, actor=actor, origin=HERE, key=key)
        return answer_of(accepted(await self.parts.dispatch(call)))
