"""The Agents Playground: Microsoft's own stand-in for Teams, on a loopback port.

with playground(directory, f"http://127.0.0.1:{port}/teams/messages", me="bob") as address:
    async with joined(address) as teams:
        await teams.say(teams.alone, "help")
        card = await teams.until(lambda one: "What you can do" in one.text)
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import yaml

from tests.fakes.bot_framework import BOT, INCIDENTS, MENTION, TEAM, TENANT, actions, written
from tests.fakes.child import Account, Child, free_port
from tests.fakes.peers import node, package

PEOPLE = ("alice", "bob", "carol", "dave", "erin", "zoe")
PATIENCE_S = 20.0
Json = dict[str, Any]


@dataclass
class Message:
    """A message as the people of the Playground see it now."""

    id: str
    conversation: str
    body: Json
    edits: int = 0

    @property
    def card(self) -> Json:
        """The card in it; an empty one where it holds words."""
        attachments = self.body.get("attachments") or [{}]
        card: Json = attachments[0].get("content", {})
        return card

    @property
    def text(self) -> str:
        """Every word of it."""
        return written(self.card) or str(self.body.get("text", ""))

    @property
    def titles(self) -> list[str]:
        """What can be pressed."""
        return [one["title"] for one in actions(self.card)]


@dataclass
class Playground:
    """One person's Teams. ``messages`` are Tocsin's, oldest first."""

    address: str
    me: str
    client: httpx2.AsyncClient
    messages: dict[str, Message] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def alone(self) -> str:
        """The conversation with Tocsin alone."""
        return f"a:{self.me}"

    async def say(self, conversation: str, text: str) -> None:
        """Type words; in a channel, Tocsin is mentioned."""
        body: Json = {"type": "text", "textFormat": "plain", "from": {"id": f"29:{self.me}"}}
        if conversation != self.alone:
            text = f"{MENTION} {text}"
            body["mentions"] = [{"mentioned": BOT, "text": MENTION}]
        await self._do(f"v1/conversations/{conversation}/messages", body | {"text": text})

    async def press(self, message: Message, title: str, /, **values: str) -> Json:
        """Press the button that begins so; returns what the Playground shows for it."""
        action = next(one for one in actions(message.card) if one["title"].startswith(title))
        data = dict(action["data"])
        data |= {f"{data.get('part')}.{name}": value for name, value in values.items()}
        pressed = {"type": "Action.Execute", "title": action["title"], "verb": action["verb"]}
        return await self._do(
            "v1/invoke",
            {
                "name": "adaptiveCard/action",
                "conversation": {"id": message.conversation},
                "from": {"id": f"29:{self.me}"},
                "replyToId": message.id,
                "value": {"action": pressed | {"data": data}, "trigger": "manual"},
            },
        )

    async def until(self, fits: Callable[[Message], bool]) -> Message:
        """The newest message that fits, as soon as there is one."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in reversed(self.messages.values()):
                    if fits(message):
                        return message
                self.changed.clear()
                await self.changed.wait()

    async def hear(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        """Keep what the Playground shows, until the stream ends."""
        async for frame in stream:
            told = json.loads(frame.data)
            if told.get("action") in ("createMessage", "updateMessage"):
                self._keep(told)

    def _keep(self, told: Json) -> None:
        body = told["message"]
        known = self.messages.get(body["messageId"])
        if known:
            known.body, known.edits = body, known.edits + 1
        else:
            where = body.get("postConversationId") or told["actionConversationId"]
            self.messages[body["messageId"]] = Message(body["messageId"], where, body)
        self.changed.set()

    async def _do(self, path: str, body: Json) -> Json:
        answer = await self.client.post(f"{self.address}/_conversation/{path}", json=body)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown


@asynccontextmanager
async def playground(directory: Path, endpoint: str, me: str) -> AsyncIterator[str]:
    """One that posts to ``endpoint``; gives its address. Raises `PeerMissing`.

    It looks for its bot before it answers, so nobody may wait for it in the bot's own thread.
    """
    cli = package("@microsoft/m365agentsplayground") / "cli.js"
    (directory / ".m365agentsplayground.yml").write_text(yaml.safe_dump(_people(me)))
    port = free_port()
    argv = [
        "env", "TEAMSAPPTESTER_BROWSER=none", node(), str(cli), "start", "-e", endpoint,
        "-c", "msteams", "-p", str(port), "--disable-telemetry",
    ]  # fmt: skip
    child = Child(argv, directory / "playground.log", "TERM", Account())
    address = f"http://127.0.0.1:{port}"
    try:
        await asyncio.to_thread(child.wait_until, lambda: _answers(address))
        yield address
    finally:
        await asyncio.to_thread(child.stop)


@asynccontextmanager
async def joined(address: str, me: str) -> AsyncIterator[Playground]:
    """The Playground as ``me`` sees it."""
    stream = f"{address}/_ws_conversation/v1/conversations/stream"
    async with (
        httpx2.AsyncClient(timeout=PATIENCE_S) as client,
        aiohttp.ClientSession() as session,
        session.ws_connect(stream) as listening,
    ):
        made = Playground(address, me, client)
        hearing = asyncio.create_task(made.hear(listening))
        yield made
        hearing.cancel()


def _people(me: str) -> Json:
    return {
        "version": "0.1.0",
        "tenantId": TENANT,
        "bot": BOT,
        "currentUser": _person(me),
        "users": [_person(one) for one in PEOPLE if one != me],
        "personalChat": {"id": f"a:{me}"},
        "groupChat": {"id": "19:group@thread.v2", "name": "Group"},
        "team": {
            "id": TEAM,
            "name": "Acme",
            "aadGroupId": "7d0f8e3c-0000-4000-8000-000000000031",
            "channels": [{"id": INCIDENTS, "name": "incidents"}],
        },
    }


def _person(name: str) -> Json:
    return {
        "id": f"29:{name}",
        "name": name.title(),
        "userPrincipleName": f"{name}@example.com",
        "aadObjectId": f"aad-{name}",
        "givenName": name.title(),
        "surname": "Example",
        "email": f"{name}@example.com",
    }


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/_internal/v1/config").status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False
