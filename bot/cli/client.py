"""The command line as a client of a running Tocsin."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bot.cli.output import DENIED, FAILED, NOT_FOUND, UNAVAILABLE, USAGE, fail
from bot.settings import Client, SettingsError, client, environment

HERE = "http://127.0.0.1:8000"
DEMO_FILE = "demo.json"
PATIENCE_S = 30.0
SERVER_ERROR = 500
FAULT = 400
CODES = {
    400: USAGE, 401: DENIED, 403: DENIED, 404: NOT_FOUND, 413: USAGE, 415: USAGE, 422: USAGE,
    429: UNAVAILABLE,
}  # fmt: skip


@dataclass(frozen=True)
class Reached:
    """Where a running Tocsin is, and the tokens by which it knows us."""

    url: str
    tokens: dict[str, str]
    token: str | None
    hooks_token: str | None

    def bearer(self, person: str | None = None) -> str:
        """Our token, or in the demo ``person``'s; ends the program where there is none."""
        if person is not None:
            if person not in self.tokens:
                fail(f"The demo has no {person}: there are {', '.join(self.tokens)}", USAGE)
            return self.tokens[person]
        token = self.token or next(iter(self.tokens.values()), None)
        return token or fail(
            "Say who you are: set TOCSIN_TOKEN (an admin makes one: tocsin token create)", DENIED
        )


def reach() -> Reached:
    """By ``TOCSIN_URL`` and ``TOCSIN_TOKEN``; else the demo that runs here."""
    try:
        told = client(environment())
    except SettingsError as error:
        fail(str(error), USAGE)
    demo = {} if told.url else _demo(told)
    return Reached(
        url=told.url or demo.get("url", HERE),
        tokens=demo.get("tokens", {}),
        token=told.token,
        hooks_token=demo.get("hooks_token"),
    )


def ask(reached: Reached, method: str, path: str, **options: Any) -> httpx2.Response:
    """One request as ``bearer`` (an option here); ends the program where nobody answers."""
    bearer = options.pop("bearer", None) or reached.bearer()
    headers = {"Authorization": f"Bearer {bearer}", **options.pop("headers", {})}
    try:
        return httpx2.request(
            method, f"{reached.url}{path}", headers=headers, timeout=PATIENCE_S, **options
        )
    except httpx2.HTTPError as error:
        reason = str(error) or type(error).__name__
        fail(f"Tocsin does not answer at {reached.url}: {reason}. Start it: tocsin up", UNAVAILABLE)


def need(answer: httpx2.Response) -> httpx2.Response:
    """The answer, unless it is a problem, which ends the program in its own words."""
    if answer.status_code >= FAULT:
        code = UNAVAILABLE if answer.status_code >= SERVER_ERROR else FAILED
        fail(_detail(answer), CODES.get(answer.status_code, code))
    return answer


def _detail(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    told = problem.get("detail") or problem.get("title") or answer.reason_phrase
    return f"{told} ({answer.status_code})"


def _demo(told: Client) -> dict[str, Any]:
    path: Path = told.data_dir / DEMO_FILE
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
