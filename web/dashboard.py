"""The dashboard: every page that is found, and what their forms are posted to."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from web import contact_card, postmortem_file
from web.contact_card import ContactCard
from web.doctor import PATH, Doctor
from web.gate import caller_of
from web.pages.discovery import Page, pages
from web.pages.frame import framed
from web.pages.parts import DashboardParts, visit_of
from web.postmortem_file import PostmortemFile
from web.reading import need_role
from web.routes import Endpoint, posted, shown
from web.templating import render, theme
from web.ui import Ui

# Where people look for it.
GUESSED = ("/doctor", "/admin")


def router(parts: DashboardParts) -> APIRouter:
    """Every page, the doctor's, the contact card, ``/ui/command`` and ``/ui/theme``."""
    made, ui = APIRouter(), Ui(parts)
    made.routes.extend(shown(page.path, _endpoint(parts, page)) for page in pages())
    made.routes.append(shown(PATH, Doctor(parts).show))
    made.routes.extend(shown(path, _to_the_doctor) for path in GUESSED)
    made.routes.append(shown(contact_card.PATH, ContactCard(parts).show))
    made.routes.append(shown(postmortem_file.PATH, PostmortemFile(parts.read).show))
    made.routes.append(posted("/ui/command", ui.command))
    made.routes.append(posted("/ui/theme", ui.theme))
    return made


async def _to_the_doctor(_request: Request) -> Response:
    return RedirectResponse(PATH)


def _endpoint(parts: DashboardParts, page: Page) -> Endpoint:
    async def show(request: Request) -> Response:
        need_role(caller_of(request).actor, page.role)
        async with parts.read() as unit:
            visit = visit_of(request, parts, unit.scope)
            value = await page.show(visit)
            frame = await framed(visit, page.active, theme(request.scope))
        return HTMLResponse(render(page.template, frame, value))

    return show
