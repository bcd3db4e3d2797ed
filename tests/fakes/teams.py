"""A Tocsin that is connected to Teams: the Bot Framework posts to its real web application."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bot.site import build_site
from integrations.chat.teams.platform import Teams
from integrations.chat.teams.render import render_strictly
from tests.fakes.bot_framework import APP, TENANT, BotFramework, Json, Said
from tests.fakes.tocsin import Template, Tocsin, opened

PATH = "/teams/messages"
SETTINGS = {
    "teams.app_id": APP,
    "teams.app_password": "the-password-of-the-app",
    "teams.tenant_id": TENANT,
    "teams.private_room": "war-room",
    "chat.home": "teams",
}


@dataclass
class Connected:
    """``tocsin`` with ``teams`` before its door."""

    tocsin: Tocsin
    teams: BotFramework
    client: httpx2.AsyncClient

    async def send(self, activity: Any, headers: dict[str, str] | None = None) -> httpx2.Response:
        """Post an activity, signed unless ``headers`` say otherwise, and do what is due."""
        headers = self.teams.headers() if headers is None else headers
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        told = headers | {"Content-Type": "application/json"}
        answer = await self.client.post(PATH, content=body, headers=told)
        await self.tocsin.settle()
        return answer

    async def say(self, person: str, text: str) -> list[Said]:
        """Type words in the chat with Tocsin alone; returns what stands there now."""
        answer = await self.send(self.teams.activity(person, text=text))
        assert answer.status_code == 200
        return self.teams.room(f"a:{person}")

    async def press(self, person: str, said: Said, title: str, /, **values: str) -> Json:
        """Press a button; returns what Teams shows for it."""
        answer = await self.send(self.teams.pressed(person, said, title, **values))
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    async def in_team(self) -> None:
        """An admin adds Tocsin to the team."""
        added = self.teams.in_channel("alice", "") | {"type": "conversationUpdate"}
        assert (await self.send(added)).status_code == 200


@asynccontextmanager
async def connected(
    template: Template, data_dir: Path, teams: BotFramework, **told: str
) -> AsyncIterator[Connected]:
    """Build Tocsin over a copied database, with its tokens fixed and its cards held to limits."""
    given = SETTINGS | {"teams.openid_url": f"{teams.url}/openid"} | told
    async with opened(template.url, data_dir, template.seeded, **given) as tocsin:
        platform = tocsin.parts.platforms[0]
        assert isinstance(platform, Teams)
        platform.connector.client.token = "the-token-of-the-app"
        platform.chat.render = render_strictly
        transport = httpx2.ASGITransport(app=build_site(tocsin.parts))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield Connected(tocsin, teams, client)
        await platform.close()
