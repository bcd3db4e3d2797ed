"""Bob in Teams: the Agents Playground, over HTTP and its WebSocket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.site import build_site
from tests.fakes.bot_framework import APP, INCIDENTS, TENANT, actions
from tests.fakes.cards import complaints
from tests.fakes.hands.hand import BOB, MOMENT, pace_by_the_story
from tests.fakes.playground import Message, Playground, joined, playground
from tests.fakes.served import served
from tests.fakes.tocsin import Template, Tocsin, opened

SETTINGS = {"teams.app_id": APP, "teams.tenant_id": TENANT, "chat.home": "teams"}


@dataclass
class TeamsHand:
    """`Hand` with Tocsin in his chats and in his team. What is drawn follows what was done, so
    looking is waiting for it."""

    tocsin: Tocsin
    teams: Playground

    async def type(self, line: str, *, inside: bool = False) -> None:
        """Words to Tocsin alone, or to its mention in the incident's post; it answers directly."""
        where = (await self.tocsin.incident()).home_room if inside else None
        seen = len(self.teams.messages)
        await self.teams.say(where or self.teams.alone, line.removeprefix("/"))
        await self.teams.until(lambda one: len(self.teams.messages) > seen)
        await self.tocsin.advance(MOMENT)

    async def press(self, on: str, label: str) -> None:
        """A button of a card, also one that is folded."""
        message = await self.teams.until(lambda one: _fits(one, (on,), label))
        await self.teams.press(message, label)
        await self.tocsin.advance(MOMENT)

    async def fill(self, **values: str) -> None:
        """The inputs of the newest card that has any."""
        form = await self.teams.until(lambda one: _submit(one) is not None)
        await self.teams.press(form, str(_submit(form)), **values)
        await self.tocsin.advance(MOMENT)

    async def see(self, *words: str) -> str:
        """All that stands in it."""
        return (await self.teams.until(lambda one: _fits(one, words))).text


def _fits(one: Message, words: tuple[str, ...], label: str = "") -> bool:
    shown = all(word in one.text for word in words)
    return shown and (not label or any(made.startswith(label) for made in one.titles))


def _submit(one: Message) -> str | None:
    """The title of the button that sends the fields of a card."""
    found = [str(made["title"]) for made in actions(one.card) if made["data"].get("part")]
    return found[0] if found else None


@asynccontextmanager
async def teams_hand(made: Template, folder: Path) -> AsyncIterator[TeamsHand]:
    """Bob adds Tocsin to his team. Raises `PeerMissing`."""
    async with (
        opened(made.url, folder, made.seeded, **SETTINGS) as tocsin,
        served(build_site(tocsin.parts)) as port,
        playground(folder, f"http://127.0.0.1:{port}/teams/messages", BOB) as address,
        joined(address, BOB) as teams,
    ):
        pace_by_the_story(tocsin)
        await teams.say(INCIDENTS, "help")
        await teams.until(lambda one: "What you can do" in one.text)
        yield TeamsHand(tocsin, teams)
        for one in teams.messages.values():
            assert complaints(one.card) == []
        for platform in tocsin.parts.platforms:
            await platform.close()
