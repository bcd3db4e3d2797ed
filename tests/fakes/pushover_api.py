"""Pushover's API on loopback for the real client: what sounds, and answers by script.

async with pushover_api() as api:
    pushover = Pushover(api.app)
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlsplit

from pydantic import SecretStr

from integrations.notify.pushover import Pushover, PushoverApp
from tests.fakes.notifiers import reach_by
from tests.fakes.one_request import CUT, Json, listening
from tests.fakes.tocsin import Tocsin

TOKEN = "azGDORePK8gMaC0QOYAMyEEuzJnyUi"
BOB = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
REQUEST = "647d2300-702c-4b38-8b2f-d56326ae460b"
CANCEL = re.compile(r"POST /1/receipts/cancel_by_tag/(\w+)\.json HTTP/1\.1")
ASKED = re.compile(r"GET /1/receipts/([A-Za-z0-9]{30})\.json\?token=")
LIMITS = {"title": 250, "message": 1024, "url": 512, "url_title": 100, "callback": 512}


def refusal(status: int, *errors: str) -> tuple[int, Json]:
    """An error as Pushover words it."""
    return status, {"errors": list(errors), "status": 0, "request": REQUEST}


@dataclass
class FakePushover:
    """Takes messages. ``answers`` are the refusals to come, each used once; `CUT` takes the
    message and hangs up. ``cancelled`` are the tags that sound no more, ``acknowledged`` the
    receipts of what somebody has answered, ``asked`` those that were asked for."""

    port: int = 0
    answers: list[tuple[int, Json]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    @property
    def app(self) -> PushoverApp:
        """What the settings say of it."""
        return PushoverApp(token=SecretStr(TOKEN), url=f"http://127.0.0.1:{self.port}")

    def to(self, user: str) -> list[dict[str, str]]:
        """What the app shows, oldest first."""
        return [one for one in self.sent if one["user"] == user]

    def sounding(self, user: str) -> list[dict[str, str]]:
        """What still sounds there."""
        loud = [one for one in self.to(user) if one.get("priority") == "2"]
        return [one for one in loud if one.get("tags") not in self.cancelled]

    def answer(self, asked: str, _credential: str, body: bytes) -> tuple[int, Json]:
        """What is said to a request."""
        fields = dict(parse_qsl(body.decode(), strict_parsing=True)) if body else _query(asked)
        if fields.get("token") != TOKEN:
            return refusal(400, "application token is invalid")
        if asked.startswith("GET "):
            return self._told(asked)
        if self.answers and self.answers[0][0] != CUT:
            return self.answers.pop(0)
        if tag := CANCEL.fullmatch(asked):
            self.cancelled.append(tag[1])
            return 200, {"status": 1, "request": REQUEST, "canceled": 1}
        if asked != "POST /1/messages.json HTTP/1.1":
            return refusal(404, "not found")
        return self._taken(fields)

    def _taken(self, fields: dict[str, str]) -> tuple[int, Json]:
        if wrong := list(_faults(fields)):
            return refusal(400, *wrong)
        self.sent.append(fields)
        if self.answers:
            return self.answers.pop(0)
        taken: Json = {"status": 1, "request": REQUEST}
        if fields.get("priority") == "2":
            taken["receipt"] = receipt_of(len(self.sent))
        return 200, taken

    def _told(self, asked: str) -> tuple[int, Json]:
        """How many messages are left, or what came of one."""
        if asked.startswith("GET /1/apps/limits.json?"):
            return 200, {"limit": 10000, "remaining": 9999, "reset": 1798761600, "status": 1}
        receipt = ASKED.match(asked)
        if receipt is None or receipt[1] not in map(receipt_of, range(len(self.sent) + 1)):
            return refusal(404, "receipt not found; may be invalid or expired")
        self.asked.append(receipt[1])
        yes = int(receipt[1] in self.acknowledged)
        told = {"status": 1, "acknowledged": yes, "acknowledged_at": 1360019238 * yes}
        more = {"expired": 0, "expires_at": 1360019290, "last_delivered_at": 1360001238}
        return 200, {**told, **more, "called_back": 0, "request": REQUEST}


def receipt_of(number: int) -> str:
    """The receipt of the emergency that was sent as the ``number``-th message."""
    return f"rLqVuqTRh62UzxtmqiaLzQmVcPgi{number:02}"


def _query(asked: str) -> dict[str, str]:
    query = parse_qs(urlsplit(asked.split(" ")[1]).query)
    return {name: given[-1] for name, given in query.items()}


def _faults(fields: dict[str, str]) -> list[str]:
    """What Pushover would not take, in its words."""
    found = [
        f"{one} is too long" for one, most in LIMITS.items() if len(fields.get(one, "")) > most
    ]
    if not fields.get("message", "").strip():
        found.append("message cannot be blank")
    if not re.fullmatch(r"[A-Za-z0-9]{30}", fields.get("user", "")):
        found.append("user key is invalid")
    if fields.get("priority") == "2" and int(fields.get("retry", 0)) < 30:
        found.append("retry must be supplied with priority=2, and be at least 30")
    if fields.get("priority") == "2" and not 0 < int(fields.get("expire", 0)) <= 10800:
        found.append("expire must be supplied with priority=2, and be at most 10800")
    return found


@asynccontextmanager
async def pushover_api() -> AsyncIterator[FakePushover]:
    """An application for the length of the block."""
    made = FakePushover()
    async with listening(made.answer) as made.port:
        yield made


@asynccontextmanager
async def pushing(tocsin: Tocsin) -> AsyncIterator[FakePushover]:
    """An application by which a Tocsin rings telephones for the length of the block."""
    async with pushover_api() as api:
        reach_by(tocsin, Pushover(api.app))
        yield api
