"""A whole Tocsin that serves a real stand-in for Slack, over sockets or over signed HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.site import build_site
from integrations.chat.slack.connect import SlackPlatform
from integrations.chat.slack.render import render_strictly
from tests.fakes.child import free_port
from tests.fakes.local_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    SECRET,
    LocalSlack,
    Said,
    labels,
    local_slack,
)
from tests.fakes.served import served
from tests.fakes.tocsin import Template, Tocsin, opened

PULSE_S = 0.2

Way = Literal["socket", "http"]


@dataclass
class SlackTocsin:
    """What people do in Slack, and what comes of it; after each step everything due is done."""

    tocsin: Tocsin
    slack: LocalSlack
    platform: SlackPlatform
    way: Way
    signs: int = 0
    listening: asyncio.Task[None] | None = None

    async def hear(self) -> None:
        """Begin to listen; returns when there has been a sign of life."""
        seen = self.signs
        self.listening = asyncio.create_task(self.platform.listen(self._alive))
        await self.slack.until(self._has_life_since(seen))

    async def go_deaf(self) -> None:
        """Stop listening, as when the line is cut."""
        if self.listening:
            self.listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.listening

    def _alive(self) -> None:
        self.signs += 1

    def _has_life_since(self, seen: int) -> Callable[[], Awaitable[bool]]:
        async def has_life() -> bool:
            return self.signs > seen

        return has_life

    async def settle(self) -> None:
        """Wait for answers on their way, and do what is due."""
        await self.platform.turns.settle()
        await self.tocsin.settle()

    async def command(self, person: str, line: str, **where: str) -> None:
        """Type a slash command."""
        await self.slack.command(person, line, **where)
        await self.settle()

    async def press(self, person: str, on: Said, label: str) -> None:
        """Press a button of a message."""
        await self.slack.press(person, on, label)
        await self.settle()

    async def submit(self, by: str, /, **values: str) -> None:
        """Fill in the open form."""
        await self.slack.submit(by, **values)
        await self.settle()

    async def say(self, person: str, text: str, **where: str) -> Said:
        """Write a message."""
        said = await self.slack.say(person, text, **where)
        await self.settle()
        return said

    async def newest(self, channel: str, label: str = "") -> Said:
        """The newest message of a channel that has a button of this label."""
        return _newest(await self.slack.messages(channel), label)

    async def page(self, person: str, label: str = "") -> Said:
        """The newest message in somebody's direct room that has a button of this label."""
        return _newest(await self.slack.direct(person), label)


def _newest(found: list[Said], label: str) -> Said:
    fitting = [
        one for one in found if not label or any(made.startswith(label) for made in labels(one))
    ]
    assert fitting, f"nothing with {label!r} among {[one['text'][:80] for one in found]}"
    return fitting[-1]


@asynccontextmanager
async def slack_tocsin(made: Template, folder: Path, way: Way) -> AsyncIterator[SlackTocsin]:
    """Both, connected: the platform listens, and has met the people."""
    port = free_port()
    tokens = {"socket": {"slack.app_token": APP_TOKEN}, "http": {"slack.signing_secret": SECRET}}
    told = {
        "slack.bot_token": BOT_TOKEN,
        "slack.api_url": f"http://127.0.0.1:{port}/api",
        **tokens[way],
    }
    async with opened(made.url, folder, made.seeded, **told) as tocsin:
        platform = next(iter(tocsin.parts.platforms))
        assert isinstance(platform, SlackPlatform)
        platform.chat.render = render_strictly
        platform.socket.pulse_s = PULSE_S
        async with served(build_site(tocsin.parts)) as web:
            url = f"http://127.0.0.1:{web}/slack/events" if way == "http" else None
            with local_slack(folder, request_url=url, port=port) as slack:
                office = SlackTocsin(tocsin, slack, platform, way)
                try:
                    await office.hear()
                    await platform.people.meet()
                    yield office
                finally:
                    await office.go_deaf()
                    await platform.close()
                    await slack.client.aclose()
