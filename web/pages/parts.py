"""What the dashboard is made of, and how a request becomes a visit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from domain.base import Frozen
from domain.command import Registry
from domain.finding import Finding
from domain.message import Message
from domain.ports import Dispatch, Typed
from storage.scope import Scope
from web.gate import caller_of
from web.pages.visit import Visit
from web.reading import Read


class Hidden(Frozen):
    """What every form of a drawn message sends along with its fields."""

    csrf: str
    key: str
    back: str


Stored = Callable[[str], Awaitable[tuple[str, dict[str, str]] | None]]
Examined = Callable[[], Awaitable[tuple[Finding, ...]]]
Drawn = Callable[[Message, Hidden], str]


@dataclass(frozen=True)
class DashboardParts:
    """``stored`` gives the call that was kept for a button, ``drawn`` a message as HTML;
    ``examined`` is what the doctor finds."""

    read: Read
    registry: Registry
    typed: Typed
    dispatch: Dispatch
    stored: Stored
    drawn: Drawn
    examined: Examined


def visit_of(request: Request, parts: DashboardParts, scope: Scope) -> Visit:
    """The visit that ``request`` is, by its caller and its address."""
    caller = caller_of(request)
    return Visit(
        scope=scope,
        actor=caller.actor,
        registry=parts.registry,
        dispatch=parts.dispatch,
        csrf=caller.csrf,
        address=request.url.path,
        path=request.path_params,
        query=request.query_params,
    )
