"""The outside chats of an installation: which are set up, and who holds their connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.configuration import Settings
from bot.duties import DutyHolder, nothing_waits
from bot.pulses import Pulses
from domain.errors import Permanent, Retry
from domain.message import Message
from domain.ports import ChatKeep, Clock, Ids
from integrations.chat.edge import ChatEdge
from integrations.chat.platform import Platform, Shortened
from storage.unit import Unit

log = structlog.get_logger()

AGAIN = timedelta(seconds=2)
REFUSED = timedelta(seconds=60)
LEASE_S = 4.0


@dataclass(frozen=True)
class Around:
    """What a platform's adapter is built with; ``dress`` marks what the demo answers, and
    ``shortened`` counts, by platform, messages that did not fit whole.

    ``seconds`` is real time in Unix seconds, by which platforms stamp their requests also where
    the demo's clock was moved.
    """

    edge: ChatEdge
    keep: ChatKeep
    clock: Clock
    ids: Ids
    dress: Callable[[Message], Message]
    seconds: Callable[[], float]
    shortened: Shortened


Builder = Callable[[Settings, Around], Platform | None]


def _slack(settings: Settings, around: Around) -> Platform | None:
    """Nobody pays for the SDK who does not use Slack."""
    if settings.slack.bot_token is None:
        return None
    from bot.slack import slack

    return slack(settings, settings.slack.bot_token, around)


def _teams(settings: Settings, around: Around) -> Platform | None:
    """Nobody pays for the SDK who does not use Teams."""
    if settings.teams.app_id is None:
        return None
    from bot.teams import teams

    return teams(settings, around)


def _discord(settings: Settings, around: Around) -> Platform | None:
    """Nor for the library of Discord."""
    if settings.discord.bot_token is None:
        return None
    from bot.discord import discord

    return discord(settings, settings.discord.bot_token, around)


BUILDERS: tuple[Builder, ...] = (_slack, _teams, _discord)


def connected(settings: Settings, around: Around) -> tuple[Platform, ...]:
    """The platforms that are set up, none of them listening yet."""
    made = (build(settings, around) for build in BUILDERS)
    return tuple(one for one in made if one)


def listed(channels: Iterable[str]) -> frozenset[str]:
    """Channels as settings name them, without the sign before a name."""
    return frozenset(one.removeprefix("#") for one in channels)


def set_up(settings: Settings) -> tuple[str, ...]:
    """Every chat of the installation, the home of incidents first; the built-in one is always
    there."""
    given = {
        "slack": settings.slack.bot_token,
        "teams": settings.teams.app_id,
        "discord": settings.discord.bot_token,
    }
    known = (*(name for name, token in given.items() if token), "console")
    home = settings.chat.home
    return (home, *(one for one in known if one != home)) if home in known else known


@asynccontextmanager
async def listening(
    platforms: tuple[Platform, ...], holder: DutyHolder, pulses: Pulses
) -> AsyncIterator[None]:
    """Hold every connection for the length of the block, whatever breaks."""
    holders = [_Holding(one, holder, pulses) for one in platforms]
    tasks = [asyncio.create_task(one.run(), name=one.name) for one in holders]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for one in platforms:
            await one.close()


@dataclass(frozen=True)
class _Holding:
    """One platform's connection, kept up; where one process may hold it, while that is ours."""

    platform: Platform
    holder: DutyHolder
    pulses: Pulses

    @property
    def name(self) -> str:
        return self.platform.chat.platform

    async def run(self) -> None:
        while True:
            wait = AGAIN
            try:
                await (self._held() if self.platform.single else self._listen())
            except Retry as broken:
                log.warning("chat connection lost", platform=self.name, error=str(broken))
                wait = broken.after or AGAIN
            except Permanent as refused:
                log.error("chat connection refused", platform=self.name, error=str(refused))
                wait = REFUSED
            await asyncio.sleep(wait.total_seconds())

    async def _listen(self) -> None:
        await self.platform.listen(lambda: self.pulses.finished(self.name))

    async def _held(self) -> None:
        """Listen while the duty is ours, and stop when another process has it."""
        if not await self._is_ours():
            return None
        listening = asyncio.create_task(self._listen(), name=f"{self.name} listens")
        try:
            while await self._is_ours():
                done, _ = await asyncio.wait((listening,), timeout=LEASE_S)
                if done:
                    return await listening
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    async def _is_ours(self) -> bool:
        return await self.holder.cycle(self.name, nothing_waits, _no_more)


async def _no_more(_unit: Unit) -> None:
    """Holding the duty is all there is to do."""
