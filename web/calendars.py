"""``/ical/{secret}.ics``: shifts for calendar programs, which cannot sign in.

The secret in the address is the proof; it is masked in logs, and wrong ones are counted by address.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.calendar.ical import written
from web.carried import address, header
from web.limits import Buckets
from web.ports import CalendarLinks
from web.problem import Problem, busy
from web.routes import shown

PATH = "/ical/{name}"
SUFFIX = ".ics"
LONGEST = 200
MISSES, EVERY_S = 20, 3.0
UNKNOWN = "There is no such calendar: it was revoked, or the address is cut. Type /oncall ical."


@dataclass(frozen=True)
class CalendarFeeds:
    """The feeds, as text that changes only when a schedule does."""

    links: CalendarLinks
    url: str
    misses: Buckets = field(default_factory=lambda: Buckets(1 / EVERY_S, MISSES))

    async def show(self, request: Request) -> Response:
        """The calendar; 304 where the program has it already."""
        name = str(request.path_params["name"])
        secret = name.removesuffix(SUFFIX)
        found = await self.links.calendar(secret) if _is_whole(name) else None
        if found is None:
            self._count(request)
            raise Problem(404, UNKNOWN)
        tag = f'"{hashlib.sha256(found.model_dump_json().encode()).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=300"}
        if header(request.scope, b"if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        # a year of short shifts takes a second to write: beside everything else, not before it
        body = await asyncio.to_thread(written, found, self.url)
        return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)

    def routes(self) -> list[BaseRoute]:
        """The one route."""
        return [shown(PATH, self.show)]

    def _count(self, request: Request) -> None:
        now = asyncio.get_running_loop().time()
        if wait := self.misses.take(address(request.scope), now):
            raise busy("Too many wrong addresses.", wait, 429)


def _is_whole(name: str) -> bool:
    return name.endswith(SUFFIX) and len(name) <= LONGEST
