"""Every error as a value: RFC 9457 problem+json, or a page where a browser asked for one."""

import json
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from domain.base import Frozen
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Retry, Stale
from web.carried import header, here
from web.templating import bare, render

MEDIA = "application/problem+json"
STATUS: dict[type[Refused], int] = {Invalid: 422, NotFound: 404, NotAllowed: 403, Stale: 409}
BY_PROGRAMS = ("/api/", "/hooks/", "/console/", "/compat/", "/healthz", "/livez", "/readyz")
TITLES = {413: "Too large", 415: "Unsupported content type", 422: "Wrong shape"}
UNSAID = {
    404: "There is nothing at this address.",
    405: "This address is asked in another way: see the Allow header.",
}
REMEDIES = {
    403: "Sign in as somebody who may, or ask an admin.",
    404: "Check the address, or look for it in the lists.",
    429: "Wait a moment and try again.",
    500: "The error is in the log under this request. Nothing you did is at fault.",
    503: "Try again in a moment.",
}


class Problem(HTTPException):
    """An answer that is an error: raised anywhere, rendered at the edge."""

    def __init__(
        self, status: int, detail: str, *, field: str | None = None, **headers: str
    ) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(status, detail, named)
        self.field = field


class ErrorPage(Frozen):
    """What ``error.html`` shows: what happened, and what to do."""

    status: int
    title: str
    detail: str
    remedy: str = ""
    request_id: str = ""


def problem_of(error: Exception) -> Problem | None:
    """The answer to an expected error; None for one that nobody meant to raise."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _validation(error)
    if isinstance(error, HTTPException):
        return _unsaid(error)
    if isinstance(error, Retry):
        return busy(str(error), error.after.total_seconds() if error.after else 1)
    if isinstance(error, Refused):
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
        return Problem(status, error.text, field=error.field)
    return None


def busy(detail: str, after_s: float, status: int = 503) -> Problem:
    """Not now: come back in ``after_s`` seconds."""
    return Problem(status, detail, Retry_After=str(max(1, round(after_s))))


def answer(problem: Problem, scope: Scope) -> Response:
    """The response; browsers get a page, and are shown where to sign in."""
    if not _wants_page(scope):
        return _json(problem, scope)
    if problem.status_code == HTTPStatus.UNAUTHORIZED and scope["method"] == "GET":
        return RedirectResponse(f"/login?next={here(scope)}", status_code=303)
    return _page(problem, scope)


def request_id(scope: Scope) -> str:
    """The id by which this request stands in the log."""
    return str(scope.get("state", {}).get("request_id", ""))


def _json(problem: Problem, scope: Scope) -> Response:
    body = {
        "type": "about:blank",
        "title": _title(problem.status_code),
        "status": problem.status_code,
        "detail": problem.detail,
        "request_id": request_id(scope),
    }
    if problem.field:
        body["field"] = problem.field
    text = json.dumps(body, ensure_ascii=True)
    return Response(text, problem.status_code, dict(problem.headers or {}), MEDIA)


def _page(problem: Problem, scope: Scope) -> Response:
    status = problem.status_code
    page = ErrorPage(
        status=status,
        title=_title(status),
        detail=problem.detail,
        remedy=REMEDIES.get(status, ""),
        request_id=request_id(scope),
    )
    html = render("error.html", bare(scope), page)
    return Response(html, status, dict(problem.headers or {}), "text/html")


def _wants_page(scope: Scope) -> bool:
    path: str = scope["path"]
    return "text/html" in header(scope, b"accept") and not path.startswith(BY_PROGRAMS)


def _title(status: int) -> str:
    return TITLES.get(status) or HTTPStatus(status).phrase


def _unsaid(error: HTTPException) -> Problem:
    """A framework's error: often only the status in words, which says too little."""
    status = error.status_code
    mute = error.detail == HTTPStatus(status).phrase
    detail = UNSAID.get(status, error.detail) if mute else error.detail
    return Problem(status, detail, **dict(error.headers or {}))


def _validation(error: RequestValidationError) -> Problem:
    """The first fault names the field; a body that is no JSON is no shape at all."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return Problem(400, f"The body is not JSON: {first['ctx']['error']}.")
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return Problem(422, f"{field}: {first['msg']}.", field=field)
