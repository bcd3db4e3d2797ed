"""``POST /a/acknowledged/…``: an app tells that its owner has acknowledged what rang there.

The address holds the codes of the pages, or of a test; each acts for one person on one page, as the
link in a letter does (rules.md 7). Whoever posts reads nothing in the answer.
"""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from domain.actor import Actor
from domain.call import Call, Origin
from domain.ports import Dispatch
from integrations.notify.acting import ACKNOWLEDGED_AT, BETWEEN, MOST_PAGES
from web.ack import EVERY_S, LONGEST_CODE, MISSES
from web.carried import address
from web.limits import Buckets
from web.ports import PageLinks
from web.problem import Problem, busy
from web.routes import posted


@dataclass(frozen=True)
class Acknowledged:
    """The one thing that such an address does. Wrong ones are counted by who posts them."""

    links: PageLinks
    dispatch: Dispatch
    misses: Buckets = field(default_factory=lambda: Buckets(1 / EVERY_S, MISSES))

    async def pages(self, request: Request) -> Response:
        """Acknowledge each page that still asks."""
        codes = request.path_params["codes"].split(BETWEEN)[:MOST_PAGES]
        led = [await self.links.behind(code) for code in codes if len(code) <= LONGEST_CODE]
        found = [one for one in led if one]
        self._need(request, known=bool(found))
        for one in found:
            if one.page.state == "sent" and one.incident.open:
                await self._do("page ack", {"page": one.page.id}, one.person)
        return Response(status_code=204)

    async def test(self, request: Request) -> Response:
        """Say that a test was heard."""
        code = request.path_params["code"]
        found = await self.links.tested(code) if len(code) <= LONGEST_CODE else None
        self._need(request, known=bool(found))
        if found:
            await self._do("me got", {"test": found.test.id}, found.person)
        return Response(status_code=204)

    def routes(self) -> list[BaseRoute]:
        """Of pages and of tests."""
        return [
            posted(f"{ACKNOWLEDGED_AT}test/{{code}}", self.test),
            posted(f"{ACKNOWLEDGED_AT}{{codes}}", self.pages),
        ]

    async def _do(self, command: str, args: dict[str, str], person: Actor) -> None:
        origin = Origin(surface="web")
        await self.dispatch(Call(command=command, args=args, actor=person, origin=origin))

    def _need(self, request: Request, *, known: bool) -> None:
        if known:
            return
        now = asyncio.get_running_loop().time()
        if wait := self.misses.take(address(request.scope), now):
            raise busy("Too many links that lead nowhere.", wait, 429)
        raise Problem(404, "This link leads nowhere: it is wrong, or long over.")
