"""A whole Tocsin for stories: real dispatcher, worker and database; only time is moved by hand.

`template` makes a migrated and seeded database once; each story gets a copy of it.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import make_url

from bot.clock import advance
from bot.configuration import Settings
from bot.demo.bodies import Condition, Firing, alertmanager_body
from bot.demo.play import play
from bot.demo.scenarios import scenario
from bot.demo.seed import Seeded, seed
from bot.ids import TimeOrderedIds
from bot.layers import load
from bot.settings import environment
from bot.wiring import Parts, build, open_core
from domain.actor import Actor, Binding, Role
from domain.auditor import Fault
from domain.call import Reply
from domain.console import Heard, Press, Spoken, Submission
from domain.deployer import Deployer
from domain.incident import Incident
from domain.installation import Installation
from domain.message import Message, buttons, form_of
from domain.paging import Page, Ring
from domain.plain import plain
from domain.ports import Advisor
from domain.run import Performer
from domain.timeline import TimelineEntry
from integrations.alerts.discovery import sources
from storage.audit import AuditRow, Verified
from storage.console import Posted
from storage.migrations import migrate
from storage.people import User
from storage.store import Act
from storage.tables.ledger import audit, jobs
from storage.unit import Unit
from storage.views import auditor, incidents, rooms
from storage.views.listing import Cut
from tests.fakes.deployers import Quick
from tests.fakes.stores import NOON, SYSTEM, StillClock, seeded_ids
from web.ports import Arrived

SEEDED_AT = NOON - timedelta(hours=1)
SECRET_KEY = "a-secret-key-of-the-stories-0123456789"
LONGEST_S = 60.0
TROUBLED = ("dead", "unknown", "running")


@dataclass(frozen=True)
class Template:
    """A seeded database, to be copied, and the secrets it was seeded with."""

    url: str
    seeded: Seeded


class Answer(Reply):
    """A reply as the person reads it; ``posted`` is the message that holds it."""

    posted: str = ""

    @property
    def text(self) -> str:
        """All of it in words."""
        return plain(self.message)


@dataclass(frozen=True)
class Shown:
    """A message as its reader sees it."""

    id: str
    room: str
    thread: str | None
    author: str
    at: datetime
    edited: bool
    body: Message

    @property
    def text(self) -> str:
        """All of it in words."""
        return plain(self.body)

    @property
    def labels(self) -> tuple[str, ...]:
        """What can be pressed, in reading order."""
        return tuple(one.label for one in buttons(self.body))


@dataclass
class Tocsin:
    """What a story does and sees. After each step everything that is due has been done."""

    parts: Parts
    clock: StillClock
    ids: TimeOrderedIds
    seeded: Seeded
    begun: dict[Condition, datetime] = field(default_factory=dict)
    forgiven: set[str] = field(default_factory=set)

    # --- time

    async def advance(self, by: timedelta) -> None:
        """Let ``by`` pass: everything due meanwhile happens, in its order and at its time."""
        store, worker = self.parts.store, self.parts.worker
        assert await advance(store, worker, self.clock, by, LONGEST_S), "the work has no end"

    async def settle(self) -> None:
        """Do what is due now."""
        await self.parts.worker.drain()

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator["Tocsin"]:
        """Another process over the same database, as after a restart; the clock goes on."""
        parts = build(self.parts.settings, self.clock, self.ids, demo=True)
        try:
            yield replace(self, parts=parts)
        finally:
            await parts.core.close()

    # --- what people do

    async def say(
        self, user: str, text: str, room: str = "incidents", thread: str | None = None
    ) -> Answer:
        """Type words in the chat; returns the answer."""
        spoken = Spoken(actor=await self.actor(user), room=room, thread=thread, text=text)
        return await self._answered(await self.parts.chat.say(spoken))

    async def press(
        self, user: str, on: Posted | Shown | Answer | str, label: str, **values: str
    ) -> Answer:
        """Press the button that begins with ``label``: on a message or an answer, or on the
        newest message with these words that ``user`` can see, in their direct room first."""
        message, body = await self._card(user, on, label)
        found = [one for one in buttons(body) if one.label.startswith(label)]
        assert found, f"no button {label!r} on: {plain(body)}"
        actor = await self.actor(user)
        press = Press(actor=actor, message=message, button=found[0].id, values=values)
        return await self._answered(await self.parts.chat.press(press))

    async def submit(self, user: str, asked: Message, values: Mapping[str, str]) -> Answer:
        """Fill in the form of a reply; what stands in its fields already stays."""
        form = form_of(asked)
        assert form, f"no form in: {plain(asked)}"
        filled = {one.name: one.value for one in form.inputs} | dict(values)
        submission = Submission(actor=await self.actor(user), form=form.id, values=filled)
        return await self._answered(await self.parts.chat.submit(submission))

    # --- what senders do

    async def deliver(self, source: str, body: Any, integration: str = "demo") -> str:
        """A webhook's body arrives, is on disk, and is worked on; returns the delivery's id."""
        delivery = await self.receive(source, body, integration)
        await self.settle()
        return delivery

    async def receive(self, source: str, body: Any, integration: str = "demo") -> str:
        """As `deliver`, but nothing has been done about it yet."""
        now = self.clock.now()
        named = f"{source}/{integration}"
        arrived = Arrived(
            source=source,
            integration=named,
            received_at=now,
            body=b"{}",
            parsed=sources()[source].parse(body, named, now),
        )
        return await self.parts.intake.accept(arrived)

    async def play(self, name: str) -> None:
        """A scenario of the demo, from its first delivery to its last."""

        async def send(source: str, body: Any) -> None:
            await self.deliver(source, body)

        await play(scenario(name, self.clock.now()), send, self.advance)

    async def fire(self, *conditions: Condition) -> None:
        """These alerts begin to fire now, in one delivery."""
        now = self.clock.now()
        self.begun |= dict.fromkeys(conditions, now)
        await self._tell(Firing(condition=one, starts_at=now) for one in conditions)

    async def heal(self, *conditions: Condition) -> None:
        """These alerts are resolved now, in one delivery."""
        now = self.clock.now()
        await self._tell(
            Firing(condition=one, starts_at=self.begun[one], ends_at=now) for one in conditions
        )

    # --- what people see

    async def dm(self, user: str) -> list[Shown]:
        """What stands in somebody's direct room, oldest first."""
        return await self.room(f"dm-{user}", user)

    async def room(self, name: str, reader: str = "alice") -> list[Shown]:
        """What ``reader`` sees in a room, oldest first. Raises `NotFound` where they may not."""
        async with self.looking() as unit:
            found = await rooms.said(unit.scope, reader, name)
        return [_shown(one) for one in found.items]

    async def rooms(self, reader: str) -> list[str]:
        """The rooms that ``reader`` may enter."""
        async with self.looking() as unit:
            return [one.id for one in await rooms.listed(unit.scope, reader)]

    async def dms(self, user: str) -> tuple[Posted, ...]:
        """What is stored for somebody's direct room, oldest first."""
        return await self.messages(f"dm-{user}", user)

    async def messages(self, room: str, reader: str = "alice") -> tuple[Posted, ...]:
        """What is stored for a room and not private to others, oldest first."""
        async with self.looking() as unit:
            return await unit.console.messages(room, reader)

    # --- how things stand

    async def incident(self, name: str = "INC-13") -> Incident:
        """The incident as it stands; the first that a story opens is INC-13."""
        async with self.looking() as unit:
            return await unit.incidents.need(name)

    async def open_incidents(self) -> list[str]:
        """The ids of all that are open, oldest first."""
        async with self.looking() as unit:
            return [one.id for one in await unit.incidents.open_ones()][::-1]

    async def pages(self, incident: str = "INC-13") -> tuple[Page, ...]:
        """Every page of the incident, oldest first."""
        async with self.looking() as unit:
            return await unit.pages.of(incident)

    async def faults(self) -> tuple[Fault, ...]:
        """What the auditor would find now."""
        async with self.looking() as unit:
            return await auditor.look(unit.scope)

    async def rings(self, incident: str = "INC-13") -> list[tuple[str, Ring]]:
        """Every ring of the incident with whom it rang, in order of time."""
        async with self.looking() as unit:
            pages = await unit.pages.of(incident)
            found = [(one.user, ring) for one in pages for ring in await unit.pages.rings(one.id)]
        return sorted(found, key=lambda one: (one[1].at, one[0]))

    async def told(self, incident: str = "INC-13", reader: str = "alice") -> list[str]:
        """The incident's timeline in sentences."""
        return [entry.text for entry in await self.timeline(incident, reader)]

    async def timeline(
        self, incident: str = "INC-13", reader: str = "alice"
    ) -> tuple[TimelineEntry, ...]:
        """The incident's timeline."""
        async with self.looking() as unit:
            return (await incidents.timeline(unit.scope, reader, incident, Cut(limit=500))).items

    async def actor(self, user: str) -> Actor:
        """A person with all their rights."""
        async with self.looking() as unit:
            found = await unit.people.actor(user)
        assert found, f"there is no {user}"
        return found

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Unit]:
        """A read unit, for what has no shorter way."""
        async with self.parts.store.read() as unit:
            yield unit

    async def audited(self) -> list[AuditRow]:
        """Every row of the audit trail, oldest first."""
        async with self.looking() as unit:
            rows = await unit.scope.connection.execute(select(audit).order_by(audit.c.id))
            return [AuditRow.model_validate(dict(row)) for row in rows.mappings()]

    async def verify(self) -> Verified:
        """Seal what waits, and check the whole audit trail."""
        key = self.parts.core.keys.audit
        async with self.parts.store.write(SYSTEM) as unit:
            await unit.audit.seal(key, limit=100_000)
        async with self.looking() as unit:
            return await unit.audit.verify(key)

    async def troubles(self) -> list[str]:
        """Jobs that failed, or that nobody brought to an end, but for ``forgiven`` kinds."""
        troubled = jobs.c.state.in_(TROUBLED) | jobs.c.error.is_not(None)
        async with self.looking() as unit:
            query = select(jobs.c.kind, jobs.c.state, jobs.c.error).where(troubled)
            rows = (await unit.scope.connection.execute(query)).all()
        return [
            f"{kind} is {state}: {error}"
            for kind, state, error in rows
            if kind not in self.forgiven
        ]

    # --- how it is set up

    async def hire(self, user: str, *roles: Role, team: str = "data-platform") -> Actor:
        """One more person, with these roles everywhere."""
        person = User(id=user, name=user.title(), team=team, created_at=self.clock.now())
        async with self.parts.store.write(Act("alice", "cli")) as unit:
            await unit.people.add(person)
            for role in roles:
                await unit.people.bind(Binding(subject=user, role=role))
        return await self.actor(user)

    def advised_by(self, advisor: Advisor) -> None:
        """Ask ``advisor`` from now on, where a model may be asked."""
        worker = self.parts.worker
        worker.ports = replace(worker.ports, advisor=advisor)

    def deploys_in(self, seconds: float) -> None:
        """The deploy pipeline needs so long from now on, by the story's clock."""
        self.deploys_by(Quick(self.clock, seconds))

    def steps_by(self, performer: Performer) -> None:
        """Every step of a run that acts outside is done by ``performer`` from now on."""
        worker = self.parts.worker
        by = dict.fromkeys(worker.ports.performers, performer)
        worker.ports = replace(worker.ports, performers=by)

    def deploys_by(self, deployer: Deployer) -> None:
        """Ask ``deployer`` from now on, where something is rolled back."""
        worker = self.parts.worker
        worker.ports = replace(worker.ports, deployer=deployer)

    def settled(self, **changes: Any) -> None:
        """Change what an admin has settled."""
        store = self.parts.store
        store.installation = Installation.model_validate(store.installation.model_dump() | changes)

    async def _card(
        self, user: str, on: Posted | Shown | Answer | str, label: str
    ) -> tuple[str, Message]:
        if isinstance(on, Answer):
            return on.posted, on.message
        if not isinstance(on, str):
            return on.id, on.body
        seen = [one for room in await self.rooms(user) for one in await self.room(room, user)]
        fitting = [
            one
            for one in sorted(seen, key=lambda one: (one.room == f"dm-{user}", one.id))
            if on in one.text and any(said.startswith(label) for said in one.labels)
        ]
        assert fitting, f"{user} sees no message with {on!r} and a button {label!r}"
        return fitting[-1].id, fitting[-1].body

    async def _answered(self, heard: Heard) -> Answer:
        await self.settle()
        assert heard.reply, "these words were no command"
        return Answer.model_construct(**dict(heard.reply), posted=heard.messages[-1])

    async def _tell(self, alerts: Iterable[Firing]) -> None:
        await self.deliver("alertmanager", alertmanager_body(list(alerts)))


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
        seeded = await seed(core.store)
        async with core.store.write(SYSTEM) as unit:
            await unit.audit.seal(core.keys.audit, limit=100_000)
        return seeded
    finally:
        await core.close()


def _shown(one: rooms.MessageView) -> Shown:
    return Shown(
        id=one.id,
        room=one.room,
        thread=one.thread,
        author=one.author,
        at=one.at,
        edited=one.edited_at is not None,
        body=one.message,
    )
