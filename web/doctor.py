"""``/admin/doctor``: what `tocsin doctor` says, looked at by the process that serves the page."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from domain.actor import Role
from domain.base import Frozen
from domain.finding import Finding
from web.carried import header
from web.gate import caller_of
from web.pages.frame import framed
from web.pages.parts import DashboardParts, visit_of
from web.reading import need_role
from web.templating import render, theme

PATH = "/admin/doctor"


class DoctorPage(Frozen):
    """What was looked at, the worst first; how much of it is not well."""

    findings: tuple[Finding, ...]
    failures: int
    warnings: int


@dataclass(frozen=True)
class Doctor:
    """The page, for admins."""

    parts: DashboardParts

    async def show(self, request: Request) -> Response:
        """Look at everything now; a program gets the same as JSON."""
        need_role(caller_of(request).actor, Role.ADMIN)
        found = await self.parts.examined()
        if "application/json" in header(request.scope, b"accept"):
            return JSONResponse([one.model_dump() for one in found])
        async with self.parts.read() as unit:
            visit = visit_of(request, self.parts, unit.scope)
            frame = await framed(visit, "now", theme(request.scope))
        return HTMLResponse(render("doctor.html", frame, _page(found)))


def _page(found: tuple[Finding, ...]) -> DoctorPage:
    graded = {level: [one for one in found if one.level == level] for level in GRAVEST_FIRST}
    return DoctorPage(
        findings=tuple(one for level in GRAVEST_FIRST for one in graded[level]),
        failures=len(graded["failure"]),
        warnings=len(graded["warning"]),
    )


GRAVEST_FIRST = ("failure", "warning", "ok")
