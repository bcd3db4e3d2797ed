"""Bob in the built-in chat, over its HTTP API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from bot.site import build_site
from tests.fakes.hands.hand import BOB, MOMENT
from tests.fakes.tocsin import Template, Tocsin, opened

Json = dict[str, Any]


@dataclass
class ConsoleHand:
    """`Hand` with Bob's token; ``form`` is what he was asked to fill in."""

    tocsin: Tocsin
    client: httpx2.AsyncClient
    form: Json = field(default_factory=dict)

    async def type(self, line: str, *, inside: bool = False) -> None:
        """Say it among all incidents, or in the incident's room."""
        room = (await self.tocsin.incident()).home_room if inside else "incidents"
        await self._do("say", {"room": room, "text": line})

    async def press(self, on: str, label: str) -> None:
        """Press a button by its id, as the page does."""
        message = await self._newest((on,), label)
        (button, *_) = [one for one in message["buttons"] if one["label"].startswith(label)]
        await self._do("press", {"message": message["id"], "button": button["id"]})

    async def fill(self, **values: str) -> None:
        """Send the form with what stands in its other fields."""
        asked = {one["name"]: one.get("value", "") for one in self.form["inputs"]}
        await self._do("submit", {"form": self.form["id"], "values": asked | values})

    async def see(self, *words: str) -> str:
        """In the direct room or any other."""
        return str((await self._newest(words))["text"])

    async def _newest(self, words: tuple[str, ...], label: str = "") -> Json:
        rooms = [one["id"] for one in (await self.client.get("rooms")).json()["items"]]
        seen = [one for room in rooms if _may_tell(room) for one in await self._messages(room)]
        fitting = [
            one
            for one in sorted(seen, key=lambda one: str(one["id"]))
            if all(word in one["text"] for word in words)
            and any(made["label"].startswith(label) for made in one["buttons"] or [{"label": ""}])
        ]
        assert fitting, f"no {words} with {label!r} among {[one['text'][:60] for one in seen[-9:]]}"
        return fitting[-1]

    async def _messages(self, room: str) -> list[Json]:
        answer = await self.client.get(f"rooms/{room}/messages")
        found: list[Json] = answer.json()["items"]
        return found

    async def _do(self, what: str, body: Json) -> None:
        answer = await self.client.post(what, json=body)
        assert answer.status_code == 200, answer.text
        await self.tocsin.advance(MOMENT)
        nodes = [node for one in answer.json()["messages"] for node in one["nodes"]]
        self.form = next((node for node in nodes if node["kind"] == "form"), self.form)


def _may_tell(room: str) -> bool:
    """Rooms of older incidents have nothing new."""
    return not room.startswith("inc-") or room.startswith("inc-13")


@asynccontextmanager
async def console_hand(made: Template, folder: Path) -> AsyncIterator[ConsoleHand]:
    """The built-in chat alone."""
    async with opened(made.url, folder, made.seeded) as tocsin:
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=build_site(tocsin.parts)),
            base_url="http://127.0.0.1:8000/console/api/",
            headers={"Authorization": f"Bearer {made.seeded.tokens[BOB]}"},
        )
        async with client:
            yield ConsoleHand(tocsin, client)
