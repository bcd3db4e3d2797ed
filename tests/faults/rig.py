"""A whole Tocsin under test for faults: what happens to it, and what is known of it afterwards.

Every part is the real one but the chat, which is a channel in memory; a `Fault` puts a broken
part in place of a real one.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

from bot.clock import advance
from bot.dispatch import Dispatch
from bot.ids import TimeOrderedIds
from bot.intake import Intake
from bot.wiring import build
from bot.worker import Worker
from domain.alert import Parsed, Signal
from domain.call import Call, Origin, Reply
from domain.command import Registry
from domain.ports import Chat
from jobs.registry import Behaviours, Ports
from storage.store import Store
from tests.fakes.stores import NOON, SYSTEM, Secrets, StillClock
from tests.fakes.tocsin import settings
from tests.faults.evidence import Evidence, Witness
from tests.faults.ledger import Accepted, Answered, Ledger, Moved, Started, Stopped
from tests.faults.rooms import Rooms
from tests.faults.world import HEARD, LONG_AGO
from web.ports import Arrived

Part = TypeVar("Part")
PATIENCE_S = 60.0
AUDITED = ("not_found", "not_allowed", "stale")


SHOWING = (
    "announce", "draft_postmortem", "open_room", "post_announcement", "show_card",
    "show_incident", "show_page", "show_postmortem", "show_section",
)  # fmt: skip


def as_it_is(part: Part) -> Part:
    """No fault here."""
    return part


@dataclass(frozen=True)
class Fault:
    """Broken parts: each takes the real one and gives what stands in its place."""

    behaviours: Callable[[Behaviours], Behaviours] = as_it_is
    registry: Callable[[Registry], Registry] = as_it_is
    rooms: type[Rooms] = Rooms
    worker: type[Worker] = Worker
    intake: type[Intake] = Intake
    dispatch: type[Dispatch] = Dispatch
    signal: Callable[[Signal], Signal] = as_it_is


SOUND = Fault()


def without_showing(behaviours: Behaviours) -> Behaviours:
    """Only what decides and what rings: cards and drafts are left to another process."""
    known = behaviours.by_kind
    return Behaviours({kind: known[kind] for kind in known if kind not in SHOWING})


RINGING_ONLY = Fault(behaviours=without_showing)


@dataclass
class Rig:
    """Tocsin, and the hands that use it. Jobs are carried out at each step while ``up``."""

    store: Store
    clock: StillClock
    dispatch: Dispatch
    intake: Intake
    worker: Worker
    rooms: Rooms
    witness: Witness
    audit_key: bytes
    fault: Fault
    ledger: Ledger = field(default_factory=Ledger)
    up: bool = True
    calls: int = 0

    # --- what happens

    async def deliver(self, *signals: Signal) -> None:
        """A sender's delivery arrives and is accepted."""
        parsed = Parsed(signals=tuple(self.fault.signal(one) for one in signals))
        first, now = signals[0], self.clock.now()
        arrived = Arrived(
            source=first.source,
            integration=first.integration,
            received_at=now,
            body=b"{}",
            parsed=parsed,
        )
        delivery = await self.intake.accept(arrived)
        self.ledger.write(Accepted(delivery=delivery, signals=signals, at=now))
        await self._settle()

    async def call(self, person: str, command: str, **args: str) -> Reply:
        """Somebody gives a command."""
        self.calls += 1
        key = f"call-{self.calls}"
        async with self.store.read() as unit:
            actor = await unit.people.actor(person)
        assert actor, f"there is no {person}"
        origin = Origin(surface="console")
        reply = await self.dispatch(
            Call(command=command, args=args, actor=actor, origin=origin, key=key)
        )
        answered = Answered(
            key=key,
            command=command,
            person=person,
            refused=reply.refused,
            audited=reply.refused in AUDITED,
            at=self.clock.now(),
        )
        self.ledger.write(answered)
        await self._settle()
        return reply

    async def move(self, by: timedelta) -> None:
        """Time passes; everything due meanwhile happens at its time, unless jobs are stopped."""
        if self.up:
            done = await advance(self.store, self.worker, self.clock, by, PATIENCE_S)
            assert done, "the work has no end"
        else:
            self.clock.forward(self.clock.now() + by)
        self.ledger.write(Moved(to=self.clock.now()))

    async def stop(self) -> None:
        """From now on no job is carried out."""
        self.up = False
        self.ledger.write(Stopped(at=self.clock.now()))

    async def start(self) -> None:
        """Jobs are carried out again, those that are overdue at once."""
        first = self.store.ids.new()
        self.up = True
        await self._settle()
        last = self.store.ids.new()
        self.ledger.write(Started(at=self.clock.now(), first=first, last=last))

    async def outage(self, lasting: timedelta) -> None:
        """No job is carried out for so long, and then again."""
        await self.stop()
        await self.move(lasting)
        await self.start()

    # --- what is known

    def evidence(self) -> Evidence:
        """Everything the checkers look at."""
        seen = self.witness.evidence(self.ledger, self.clock.now(), self.rooms.posts, up=self.up)
        known = self.worker.behaviours.by_kind
        return replace(seen, jobs=tuple(job for job in seen.jobs if job.kind in known))

    async def seal(self) -> list[str]:
        """Seal the audit trail; returns what is wrong with it."""
        async with self.store.write(SYSTEM) as unit:
            await unit.audit.seal(self.audit_key, limit=100_000)
        async with self.store.read() as unit:
            verified = await unit.audit.verify(self.audit_key)
        return [*verified.problems, *(["unsealed rows"] if verified.unsealed else [])]

    async def _settle(self) -> None:
        if self.up:
            await self.worker.drain()


@asynccontextmanager
async def rigged(template: Path, home: Path, fault: Fault = SOUND) -> AsyncIterator[Rig]:
    """A rig over a copy of the database file ``template``, kept in ``home``."""
    file = home / "tocsin.db"
    shutil.copyfile(template, file)
    clock = StillClock(NOON)
    ids = TimeOrderedIds(clock, Random(11).randbytes, Secrets().token)
    url = f"sqlite:///{file}"
    parts, witness = build(settings(url, home), clock, ids, demo=True), Witness(url)
    rooms = fault.rooms(clock, ids)
    async with parts.store.write(SYSTEM) as unit:  # what fires is news, not the baseline
        await unit.settings.put(f"first_contact:{HEARD}", LONG_AGO)
    parts.store.installation = parts.store.installation.model_copy(update={"model_purposes": ()})
    try:
        yield Rig(
            store=parts.store,
            clock=clock,
            dispatch=fault.dispatch(fault.registry(parts.registry), parts.store),
            intake=fault.intake(parts.store),
            worker=_worker(parts.worker, rooms, fault),
            rooms=rooms,
            witness=witness,
            audit_key=parts.core.keys.audit,
            fault=fault,
        )
    finally:
        witness.close()
        await parts.core.close()


def _worker(real: Worker, rooms: Chat, fault: Fault) -> Worker:
    ports = Ports(chats={"console": rooms}, advisor=real.ports.advisor)
    return fault.worker(real.store, fault.behaviours(real.behaviours), ports)
