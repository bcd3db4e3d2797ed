"""``/a/{code}``: the link in a page that acts for one person on one page (rules.md 7).

Mail scanners open links: GET and HEAD only show, POST acts. Needs no login and no script; says
nothing of a private incident; ends with the incident.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from domain.base import Frozen
from domain.call import Call, Origin
from domain.ports import Dispatch
from domain.page_card import headline
from web.carried import address
from web.limits import Buckets
from web.ports import Paged, PageLinks
from web.problem import Problem, busy
from web.templating import bare, render

LONGEST_CODE = 200
MISSES, EVERY_S = 20, 3.0
COMMANDS = {"ack": "page ack", "pass": "page pass"}


class AckPage(Frozen):
    """What ``ack.html`` shows; ``can_pass`` is the button's label, "" where passing is over."""

    state: Literal["open", "acked", "passed", "over"]
    headline: str
    lines: tuple[str, ...] = ()
    person: str = ""
    can_pass: str = ""


@dataclass(frozen=True)
class AckLinks:
    """The two things one can do with a link. Wrong codes are counted by address."""

    links: PageLinks
    dispatch: Dispatch
    misses: Buckets

    async def show(self, request: Request) -> Response:
        """The page as it stands now."""
        paged = await self._behind(request)
        return _html(request, _page(paged), 200)

    async def act(self, request: Request) -> Response:
        """Acknowledge or pass on as the person who was paged."""
        paged = await self._behind(request)
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        command = COMMANDS.get(fields.get("do", ["ack"])[0])
        if command is None:
            raise Problem(422, "A page can be acknowledged or passed on.", field="do")
        call = Call(
            command=command,
            args={"page": paged.page.id},
            actor=paged.person,
            origin=Origin(surface="web"),
        )
        reply = await self.dispatch(call)
        if not reply.refused:
            return RedirectResponse(request.url.path, 303)
        page = _page(paged).model_copy(update={"lines": (plain(reply.message),)})
        return _html(request, page, 409)

    def routes(self) -> list[BaseRoute]:
        """GET shows, POST acts."""
        return [
            Route("/a/{code}", self.show, methods=["GET"]),
            Route("/a/{code}", self.act, methods=["POST"]),
        ]
