"""``/a/{code}``: the link in a page that acts for one person on one page (rules.md 7).

Mail scanners open links: GET and HEAD only show, POST acts. Needs no login and no script; says
nothing of a private incident; ends with the incident.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from domain.base import Frozen
from domain.call import Call, Origin
from domain.page_card import headline
from domain.paging import Page
from domain.plain import plain
from domain.ports import Dispatch
from web.carried import address
from web.limits import Buckets
from web.ports import Banner, Paged, PageLinks
from web.problem import Problem, busy
from web.routes import posted, shown
from web.templating import bare, render

LONGEST_CODE = 200
MISSES, EVERY_S = 20, 3.0
COMMANDS = {"ack": "page ack", "pass": "page pass"}


Led = TypeVar("Led")
State = Literal["open", "acked", "passed", "over"]


class AckPage(Frozen):
    """What ``ack.html`` shows; ``can_pass`` is the button's label, "" where passing is over."""

    state: State
    headline: str
    lines: tuple[str, ...] = ()
    person: str = ""
    can_pass: str = ""


@dataclass(frozen=True)
class AckLinks:
    """The two things one can do with a link. Wrong codes are counted by address."""

    links: PageLinks
    dispatch: Dispatch
    banner: Banner
    misses: Buckets = field(default_factory=lambda: Buckets(1 / EVERY_S, MISSES))

    async def show(self, request: Request) -> Response:
        """The page as it stands now."""
        return await self._html(request, _page(await self._behind(request)))

    async def act(self, request: Request) -> Response:
        """Acknowledge or pass on as the person who was paged."""
        paged = await self._behind(request)
        command = COMMANDS.get(await _wanted(request))
        if command is None:
            raise Problem(422, "A page can be acknowledged or passed on.", field="do")
        page = _page(paged)
        if page.state == "over":
            return await self._html(request, page)
        reply = await self.dispatch(_call(command, paged))
        if not reply.refused:
            return RedirectResponse(request.url.path, 303)
        said = (plain(reply.message),)
        return await self._html(request, page.model_copy(update={"lines": said}), 409)

    def routes(self) -> list[BaseRoute]:
        """GET shows, POST acts."""
        return [shown("/a/{code}", self.show), posted("/a/{code}", self.act)]

    async def _html(self, request: Request, page: AckPage, status: int = 200) -> Response:
        """The page; 410 for one whose incident has ended."""
        html = render("ack.html", bare(request.scope, await self.banner()), page)
        return Response(html, 410 if page.state == "over" else status, media_type="text/html")

    async def _behind(self, request: Request) -> Paged:
        return await followed(request, self.links.behind, self.misses)


async def followed(
    request: Request, behind: Callable[[str], Awaitable[Led | None]], misses: Buckets
) -> Led:
    """What the address's code leads to. Raises `Problem`; wrong ones are counted by address."""
    code = request.path_params["code"]
    found = await behind(code) if len(code) <= LONGEST_CODE else None
    if found is not None:
        return found
    now = asyncio.get_running_loop().time()
    if wait := misses.take(address(request.scope), now):
        raise busy("Too many links that lead nowhere.", wait, 429)
    raise Problem(404, "This link leads nowhere: it is wrong, or long over.")


async def _wanted(request: Request) -> str:
    """Which of the buttons was pressed; a bare POST acknowledges."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"))
    return fields.get("do", ["ack"])[0]


def _call(command: str, paged: Paged) -> Call:
    args = {"page": paged.page.id}
    origin = Origin(surface="web", incident=paged.incident.id)
    return Call(command=command, args=args, actor=paged.person, origin=origin)


def _page(paged: Paged) -> AckPage:
    page, incident = paged.page, paged.incident
    if not incident.open:
        return AckPage(state="over", headline=f"{incident.id} is {incident.status.value}.")
    state = _state(page)
    return AckPage(
        state=state,
        headline=headline(incident),
        lines=() if incident.private else _lines(paged, state),
        person=paged.person.name,
        can_pass=f"Can't: page {page.next} now" if page.next else "Can't",
    )


def _state(page: Page) -> State:
    if page.state == "sent":
        return "open"
    if page.state == "acked" and page.ended_by == page.user:
        return "acked"
    return "passed" if page.state == "passed" else "over"


def _lines(paged: Paged, state: State) -> tuple[str, ...]:
    page = paged.page
    if state == "over":
        return ("Somebody else has it, or a newer page has come.",)
    if state != "open":
        return ()
    return (f"You are {page.why}.", *_unless(page, paged.person.timezone))


def _unless(page: Page, zone: str) -> tuple[str, ...]:
    if not page.next or not page.next_at:
        return ()
    at = f"{page.next_at.astimezone(ZoneInfo(zone)):%H:%M}"
    return (f"{page.next} is paged at {at} unless you acknowledge.",)
