"""Slack's end of signed HTTP: what people do there arrives at a Tocsin's own web application."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2

from bot.site import build_site
from integrations.chat.slack.connect import SlackPlatform
from integrations.chat.slack.render import render_strictly
from tests.fakes.local_slack import SECRET
from tests.fakes.slack_api import TEAM, SlackApiStub, slack_api
from tests.fakes.tocsin import Template, Tocsin, opened

FORM = "application/x-www-form-urlencoded"
HEADERS = ("x-slack-signature", "x-slack-request-timestamp")
PEOPLE = ("alice", "bob", "carol", "dave")

Sent = list[tuple[bytes, bytes]]
Json = dict[str, Any]


def payload(**told: Any) -> bytes:
    """A press or form as Slack sends it."""
    return urlencode({"payload": json.dumps(told)}).encode()


def sign(body: bytes, stamp: str, secret: str = SECRET) -> str:
    """The signature that Slack would give."""
    made = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return f"v0={made.hexdigest()}"


def now(shift: int = 0) -> str:
    """Slack's stamp, so many seconds from now."""
    return str(int(time.time()) + shift)


def two(signature: str | bytes | None, stamp: str | bytes | None) -> Sent:
    """Both headers, as far as they are given."""
    pairs = zip(HEADERS, (signature, stamp), strict=True)
    return [
        (name.encode(), one if isinstance(one, bytes) else one.encode())
        for name, one in pairs
        if one is not None
    ]


@dataclass
class SlackDoor:
    """What people do in Slack; ``stub`` remembers what Tocsin asked it to show."""

    tocsin: Tocsin
    stub: SlackApiStub
    platform: SlackPlatform
    client: httpx2.AsyncClient
    numbers: Any

    async def send(self, kind: str, person: str, **told: Any) -> Json:
        """Something that somebody does; returns what is shown for it at once."""
        body = payload(
            type=kind,
            user={"id": f"U0{person.upper()}"},
            team={"id": TEAM},
            trigger_id=f"1.2.{next(self.numbers)}",
            **told,
        )
        proof = two(sign(body, now()), now())
        headers = [(b"content-type", FORM.encode()), *proof]
        answer = await self.client.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 200
        await self.platform.turns.settle()
        await self.tocsin.settle()
        shown: Json = answer.json() if answer.content else {}
        return shown

    @property
    def form(self) -> Json:
        """The window that was opened last."""
        view: Json = self.stub.calls("views.open")[-1]["view"]
        return view

    async def fill(self, by: str, /, **values: str) -> Json:
        """Fill in that window; what stands in its other fields stays."""
        state = {
            one["block_id"]: {one["element"]["action_id"]: _filled(one, values)}
            for one in self.form["blocks"]
            if one["type"] == "input"
        }
        return await self.send("view_submission", by, view=self.form | {"state": {"values": state}})


def _filled(block: Json, values: dict[str, str]) -> Json:
    element, value = block["element"], values.get(block["block_id"])
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": value or element.get("initial_value")}
    chosen = {"value": value} if value else element.get("initial_option")
    return {"type": kind, "selected_option": chosen}


@asynccontextmanager
async def slack_door(made: Template, folder: Path) -> AsyncIterator[SlackDoor]:
    """A workspace with the demo's people, whose requests are signed."""
    async with slack_api() as stub:
        stub.users |= {f"U0{one.upper()}": _member(one) for one in PEOPLE}
        stub.channels |= {"C0INCIDENTS": "incidents", "C0ALERTS": "alerts-data-platform"}
        told = {
            "slack.bot_token": "xoxb-1", "slack.signing_secret": SECRET, "slack.api_url": stub.url,
        }  # fmt: skip
        async with opened(made.url, folder, made.seeded, **told) as tocsin:
            (platform,) = tocsin.parts.platforms
            assert isinstance(platform, SlackPlatform)
            platform.chat.render = render_strictly
            await platform.people.meet()
            transport = httpx2.ASGITransport(app=build_site(tocsin.parts))
            base = "http://127.0.0.1:8000"
            async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
                yield SlackDoor(tocsin, stub, platform, client, count(1))
            await platform.close()


def _member(name: str) -> Json:
    profile = {"real_name": name.title(), "email": f"{name}@example.com"}
    key = f"U0{name.upper()}"
    return {
        "id": key, "name": name, "team_id": TEAM, "is_email_confirmed": True, "profile": profile,
    }  # fmt: skip
