"""``/a/test/{code}``: the link in a test letter, by which its reader says that it came.

As with a page's own link, GET and HEAD only show, POST acts; it needs no login and no script.
"""

from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from domain.base import Frozen
from domain.call import Call, Origin
from domain.plain import plain
from domain.ports import Dispatch
from web.ack import EVERY_S, MISSES, followed
from web.limits import Buckets
from web.ports import Banner, PageLinks, Tested
from web.problem import Problem
from web.routes import posted, shown
from web.templating import bare, render


class HeardPage(Frozen):
    """What ``heard.html`` shows."""

    state: Literal["open", "heard"]
    name: str
    person: str


@dataclass(frozen=True)
class TestLinks:
    """The one thing that one can do with such a link."""

    links: PageLinks
    dispatch: Dispatch
    banner: Banner
    misses: Buckets = field(default_factory=lambda: Buckets(1 / EVERY_S, MISSES))

    async def show(self, request: Request) -> Response:
        """The test as it stands now."""
        tested = await followed(request, self.links.tested, self.misses)
        page = _page(tested)
        html = render("heard.html", bare(request.scope, await self.banner()), page)
        return Response(html, media_type="text/html")

    async def act(self, request: Request) -> Response:
        """Say that it came, as the person who was tested."""
        tested = await followed(request, self.links.tested, self.misses)
        args = {"test": tested.test.id}
        origin = Origin(surface="web")
        reply = await self.dispatch(
            Call(command="me got", args=args, actor=tested.person, origin=origin)
        )
        if reply.refused:
            raise Problem(409, plain(reply.message))
        return RedirectResponse(request.url.path, 303)

    def routes(self) -> list[BaseRoute]:
        """GET shows, POST acts."""
        return [shown("/a/test/{code}", self.show), posted("/a/test/{code}", self.act)]


def _page(tested: Tested) -> HeardPage:
    return HeardPage(
        state="heard" if tested.test.confirmed_at else "open",
        name=tested.test.name,
        person=tested.person.name,
    )
