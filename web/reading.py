"""Reading for people: a view's answer as JSON, with an ETag, for those who may read at all."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Protocol

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from domain.actor import Actor, Role
from domain.authorize import roles_of, suffices
from domain.errors import NotAllowed
from storage.scope import Scope
from web.gate import Acting

JSON = "application/json"
GUEST = "You are a guest here and can read nothing. Ask an admin of Tocsin to add you."
ADMINS = "This is for admins. Ask an admin of Tocsin."


class Reading(Protocol):
    """A read unit, as far as views need it."""

    @property
    def scope(self) -> Scope:
        """The transaction."""


Read = Callable[[], AbstractAsyncContextManager[Reading]]


def need_role(actor: Actor, role: Role) -> None:
    """Raise `NotAllowed` unless some role of the actor gives what ``role`` gives."""
    if not any(suffices(held, role) for held in roles_of(actor, None)):
        raise NotAllowed(ADMINS if role is Role.ADMIN else GUEST)


def reader_of(actor: Acting) -> Actor:
    """Whoever reads: at least a member (rules.md 1)."""
    need_role(actor, Role.MEMBER)
    return actor


Reader = Annotated[Actor, Depends(reader_of)]


def as_json(request: Request, value: BaseModel) -> Response:
    """``value`` as JSON; 304 where the caller holds the same already."""
    body = value.model_dump_json().encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


def _tags(header: str) -> set[str]:
    """The tags of If-None-Match, all in their weak form."""
    found = (tag.strip() for tag in header.split(","))
    return {tag if tag.startswith("W/") else f"W/{tag}" for tag in found if tag}
