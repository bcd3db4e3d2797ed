"""One incident from its alert to its postmortem, told in chapters by a driver that may be killed.

The driver keeps its ledger in a file. Whoever tells the story again goes on where the ledger
ends: a delivery without a 2xx is sent again, a call without an answer is made again under its key.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import advance
from bot.wiring import Parts, build, system_ids
from domain.alert import Parsed
from domain.call import Call, Origin
from domain.ports import Chat
from jobs.registry import Ports
from tests.fakes.stores import NOON, SYSTEM, StillClock
from tests.fakes.tocsin import settings
from tests.faults.ledger import Accepted, Answered, Ledger, Moved, Started, Stopped
from tests.faults.rig import SOUND, Fault
from tests.faults.world import HEARD, LONG_AGO, world
from web.ports import Arrived

PATIENCE_S = 60.0
SECOND = timedelta(seconds=1)
INCIDENT = "INC-13"


class RememberedClock(StillClock):
    """Stands where the ledger says it was moved to."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(max((moved.to for moved in ledger.of(Moved)), default=NOON))
        self.ledger = ledger

    def forward(self, to: datetime) -> None:
        if to > self.at:
            self.ledger.write(Moved(to=to))
            self.at = to


@dataclass(frozen=True)
class Teller:
    """One process that tells the story."""

    parts: Parts
    clock: RememberedClock
    ledger: Ledger

    async def begin(self) -> None:
        """Start; after a crash a second has passed, and what was left undone is done first."""
        if not self.ledger.events:
            await self._first_contact()
            return
        self.ledger.write(Stopped(at=self.clock.at))
        self.clock.forward(self.clock.at + SECOND)
        first = self.parts.store.ids.new()
        await self.parts.worker.drain()
        last = self.parts.store.ids.new()
        self.ledger.write(Started(at=self.clock.at, first=first, last=last))

    async def is_delivered(self) -> None:
        """An alert arrives."""
        signal = world()[0].turn(NOON)
        if not any(self.ledger.of(Accepted)):
            arrived = Arrived(
                source=signal.source,
                integration=signal.integration,
                received_at=self.clock.at,
                body=b"{}",
                parsed=Parsed(signals=(signal,)),
            )
            delivery = await self.parts.intake.accept(arrived)
            told = Accepted(delivery=delivery, signals=(signal,), at=self.clock.at)
            self.ledger.write(told)
        await self.parts.worker.drain()

    async def is_called(self, person: str, command: str, **args: str) -> None:
        """Somebody gives a command, once."""
        if not any(answered.key == command for answered in self.ledger.of(Answered)):
            await self._call(person, command, args)
        await self.parts.worker.drain()

    async def is_time(self, since_noon: timedelta) -> None:
        """The clock comes to so long after noon; everything due until then happens."""
        left = max(NOON + since_noon - self.clock.at, timedelta())
        worker, store = self.parts.worker, self.parts.store
        assert await advance(store, worker, self.clock, left, PATIENCE_S), "the work has no end"

    async def made(self, person: str, command: str, **args: str) -> Call:
        """A call whose key is the command's name: however often it is made, it is one."""
        async with self.parts.store.read() as unit:
            actor = await unit.people.actor(person)
        assert actor
        return Call(
            command=command,
            args={"incident": INCIDENT, **args},
            actor=actor,
            origin=Origin(surface="console"),
            key=command,
        )

    async def _call(self, person: str, command: str, args: dict[str, str]) -> None:
        reply = await self.parts.dispatch(await self.made(person, command, **args))
        assert reply.refused == "", reply
        self.ledger.write(
            Answered(
                key=command,
                command=command,
                person=person,
                at=self.clock.at,
                refused="",
                audited=False,
            )
        )

    async def _first_contact(self) -> None:
        async with self.parts.store.write(SYSTEM) as unit:
            await unit.settings.put(f"first_contact:{HEARD}", LONG_AGO)


async def alert(teller: Teller) -> None:
    """An alert becomes an incident; bob is paged, and rung again."""
    await teller.is_delivered()
    await teller.is_time(timedelta(minutes=4, seconds=30))


async def step(teller: Teller) -> None:
    """Bob does not answer; carol is paged."""
    await teller.is_time(timedelta(minutes=5, seconds=30))


async def answer(teller: Teller) -> None:
    """Carol takes it, and it is worse than it looked."""
    await teller.is_called("carol", "incident ack")
    await teller.is_called("carol", "incident severity", severity="1")
    await teller.is_time(timedelta(minutes=9))


async def end(teller: Teller) -> None:
    """It is over; a postmortem is drafted and shown."""
    await teller.is_called("carol", "incident resolve", text="rolled back")
    await teller.is_time(timedelta(minutes=20))


Chapter = Callable[[Teller], Awaitable[None]]
CHAPTERS: tuple[Chapter, ...] = (alert, step, answer, end)


@asynccontextmanager
async def telling(
    url: str, home: Path, wrapped: Callable[[Parts, Chat], Chat], fault: Fault = SOUND
) -> AsyncIterator[Teller]:
    """A process over the database at ``url``, its ledger in ``home``, its chat wrapped."""
    ledger = Ledger(home / "ledger.jsonl")
    clock = RememberedClock(ledger)
    parts = build(settings(url, home), clock, system_ids(clock), demo=True)
    real = parts.worker
    ports = Ports({"console": wrapped(parts, real.ports.chats["console"])}, real.ports.advisor)
    worker = fault.worker(parts.store, fault.behaviours(real.behaviours), ports)
    try:
        yield Teller(replace(parts, worker=worker), clock, ledger)
    finally:
        await parts.core.close()
