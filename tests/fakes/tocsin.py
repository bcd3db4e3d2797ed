"""A whole Tocsin for stories: real dispatcher, worker and database; only time is moved by hand.

`template` makes a migrated and seeded database once; each story gets a copy of it.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from bot.clock import advance
from bot.configuration import Settings
from bot.demo.seed import Seeded, seed
from bot.ids import TimeOrderedIds
from bot.layers import load
from bot.settings import environment
from bot.wiring import Parts, build, open_core
from domain.actor import Actor
from domain.call import Reply
from domain.console import Heard, Press, Spoken, Submission
from domain.incident import Incident
from domain.message import Message, buttons, form_of
from domain.plain import plain
from integrations.alerts.discovery import sources
from storage.console import Posted
from storage.migrations import migrate
from storage.unit import Unit
from tests.fakes.stores import NOON, StillClock, seeded_ids
from web.ports import Arrived

SEEDED_AT = NOON - timedelta(hours=1)
SECRET_KEY = "a-secret-key-of-the-stories-0123456789"
LONGEST_S = 60.0


@dataclass(frozen=True)
class Template:
    """A seeded database, to be copied, and the secrets it was seeded with."""

    url: str
    seeded: Seeded


@dataclass
class Tocsin:
    """What a story does and sees. After each step everything that is due has been done."""

    parts: Parts
    clock: StillClock
    ids: TimeOrderedIds
    seeded: Seeded

    async def advance(self, by: timedelta) -> None:
        """Let ``by`` pass: everything due meanwhile happens, in its order and at its time."""
        store, worker = self.parts.store, self.parts.worker
        assert await advance(store, worker, self.clock, by, LONGEST_S), "the work has no end"

    async def settle(self) -> None:
        """Do what is due now."""
        await self.parts.worker.drain()

    async def say(
        self, user: str, text: str, room: str = "incidents", thread: str | None = None
    ) -> Reply:
        """Type words in the chat; returns the answer."""
        spoken = Spoken(actor=await self.actor(user), room=room, thread=thread, text=text)
        return await self._answered(await self.parts.chat.say(spoken))

    async def press(self, user: str, posted: Posted, label: str, **values: str) -> Reply:
        """Press the button that begins with ``label`` on a message."""
        found = [one for one in buttons(posted.body) if one.label.startswith(label)]
        assert found, f"no button {label!r} on: {plain(posted.body)}"
        press = Press(
            actor=await self.actor(user), message=posted.id, button=found[0].id, values=values
        )
        return await self._answered(await self.parts.chat.press(press))

    async def submit(self, user: str, asked: Message, values: Mapping[str, str]) -> Reply:
        """Fill in the form of a reply."""
        form = form_of(asked)
        assert form, f"no form in: {plain(asked)}"
        submission = Submission(actor=await self.actor(user), form=form.id, values=dict(values))
        return await self._answered(await self.parts.chat.submit(submission))

    async def deliver(self, source: str, body: Any, integration: str = "story") -> str:
        """A webhook's body arrives, is on disk, and is worked on; returns the delivery's id."""
        now = self.clock.now()
        named = f"{source}/{integration}"
        arrived = Arrived(
            source=source,
            integration=named,
            received_at=now,
            body=b"{}",
            parsed=sources()[source].parse(body, named, now),
        )
        delivery = await self.parts.intake.accept(arrived)
        await self.settle()
        return delivery

    async def dms(self, user: str) -> tuple[Posted, ...]:
        """What stands in somebody's direct room, oldest first."""
        return await self.messages(f"dm-{user}", user)

    async def messages(self, room: str, reader: str = "alice") -> tuple[Posted, ...]:
        """What ``reader`` sees in a room, oldest first."""
        async with self.parts.store.read() as unit:
            return await unit.console.messages(room, reader)

    async def incident(self, number: str) -> Incident:
        """The incident as it stands."""
        async with self.parts.store.read() as unit:
            return await unit.incidents.need(number)

    async def actor(self, user: str) -> Actor:
        """A person with all their rights."""
        async with self.parts.store.read() as unit:
            found = await unit.people.actor(user)
        assert found, f"there is no {user}"
        return found

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Unit]:
        """A read unit, for what has no shorter way."""
        async with self.parts.store.read() as unit:
            yield unit

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator["Tocsin"]:
        """Another process over the same database, as after a restart; the clock goes on."""
        parts = build(self.parts.settings, self.clock, self.ids, demo=True)
        try:
            yield replace(self, parts=parts)
        finally:
            await parts.core.close()

    async def _answered(self, heard: Heard) -> Reply:
        await self.settle()
        assert heard.reply, "these words were no command"
        return heard.reply


@asynccontextmanager
async def opened(url: str, data_dir: Path, seeded: Seeded, **told: str) -> AsyncIterator[Tocsin]:
    """A Tocsin over the database at ``url``, told further settings as flags are."""
    clock = StillClock()
    ids = seeded_ids(clock)
    parts = build(settings(url, data_dir, **told), clock, ids, demo=True)
    try:
        yield Tocsin(parts, clock, ids, seeded)
    finally:
        await parts.core.close()


def settings(url: str, data_dir: Path, **told: str) -> Settings:
    """Settings for a test, and none from the machine it runs on."""
    given = {"data_dir": data_dir, "database_url": url, "secret_key": SECRET_KEY, **told}
    return load(given, environment({})).settings


def template(url: str, data_dir: Path) -> Template:
    """Migrate and seed the empty database at ``url``; nobody is connected to it afterwards."""
    migrate(url)
    return Template(url, asyncio.run(_seeded(settings(url, data_dir))))


def copy_file(source: str, target: Path) -> str:
    """A copy of a SQLite database that nobody has open; returns its URL."""
    shutil.copyfile(make_url(source).database or "", target)
    return f"sqlite:///{target}"


async def _seeded(told: Settings) -> Seeded:
    clock = StillClock(SEEDED_AT)
    core = open_core(told, clock, seeded_ids(clock), demo=True)
    try:
        return await seed(core.store)
    finally:
        await core.close()
