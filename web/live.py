"""``GET /api/v1/live``: nudges that something changed, as server-sent events.

A nudge names topics, never what changed in them, so a lost one costs nothing: whoever connects
again (with ``Last-Event-ID``) is told ``*``, to read everything anew. A reader that is slow is
told the same by `storage.live`, whose backlog is bounded.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import StreamingResponse

from domain.actor import Actor
from storage.live import Live, Reader
from storage.views.topics import audible
from web.reading import Read
from web.reading import Reader as Reading

EVERYTHING = frozenset({"*"})
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Proxies would hold the stream back otherwise."""
HEARTBEAT = ": still here\n\n"


@dataclass(frozen=True)
class Pace:
    """How a stream keeps time, in seconds.

    ``look_s`` is how soon it sees that the process ends, ``gather_s`` how long nudges gather,
    so that a storm of commits is one event. ``longest_s`` is when it ends by itself: to connect
    again a reader needs a credential that still holds.
    """

    heartbeat_s: float = 15.0
    look_s: float = 1.0
    gather_s: float = 0.1
    longest_s: float = 900.0


@dataclass(frozen=True)
class LiveParts:
    """What the stream is made of; ``ending`` says that the process shuts down."""

    read: Read
    live: Live
    ending: Callable[[], bool]
    pace: Pace = Pace()


def router(parts: LiveParts) -> APIRouter:
    """The route of the stream."""
    made = APIRouter(prefix="/api/v1")

    async def live(request: Request, actor: Reading) -> StreamingResponse:
        """Events named ``nudge`` with ``{"topics": […]}``; reading again is up to the client."""
        missed = "last-event-id" in request.headers
        stream = events(parts, actor, missed=missed)
        return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)

    made.add_api_route(
        "/live", live, methods=["GET"], tags=["live"], response_class=StreamingResponse
    )
    return made


async def events(parts: LiveParts, actor: Actor, *, missed: bool) -> AsyncGenerator[str, None]:
    """The stream's text, until its time is up, the process ends or the reader goes."""
    loop, number = asyncio.get_running_loop(), 0
    over = loop.time() + parts.pace.longest_s
    with parts.live.reading() as reader:
        yield _event(number, EVERYTHING) if missed else HEARTBEAT
        while not parts.ending() and loop.time() < over:
            topics = await _next(parts, reader)
            if topics is None:
                yield HEARTBEAT
                continue
            heard = await _audible(parts, actor, topics)
            if heard:
                number += 1
                yield _event(number, heard)


async def _next(parts: LiveParts, reader: Reader) -> frozenset[str] | None:
    """The next topics, gathered; None when a heartbeat is due or the process ends."""
    pace, quiet = parts.pace, 0.0
    while quiet < pace.heartbeat_s and not parts.ending():
        if topics := await reader.next(pace.look_s):
            await asyncio.sleep(pace.gather_s)
            return topics | await reader.next(0)
        quiet += pace.look_s
    return None


async def _audible(parts: LiveParts, actor: Actor, topics: frozenset[str]) -> frozenset[str]:
    async with parts.read() as unit:
        return await audible(unit.scope, actor.user, topics)


def _event(number: int, topics: frozenset[str]) -> str:
    told = json.dumps({"topics": sorted(topics)})
    return f"id: {number}\nevent: nudge\ndata: {told}\n\n"
