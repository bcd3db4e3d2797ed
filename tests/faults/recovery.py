"""Kills a running Tocsin with a page in its hand, starts it again, and times its first ring.

``python -m tests.faults.recovery URL HOME`` does so at each point between the alert on disk and
the ring on record, by the real clock and with the real beats, and prints the seconds as JSON.
"""

import asyncio
import json
import sys
import time
from itertools import count
from pathlib import Path

from sqlalchemy import Column, select

from bot.lifecycle import run
from bot.starting import WORKER
from bot.wiring import Parts, build, system_clock, system_ids
from domain.alert import Parsed
from domain.ports import Chat
from jobs.registry import Ports
from storage.tables.alerts import deliveries
from storage.tables.paging import rings
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import settings
from tests.faults.boundaries import AroundChat, AroundCommits, Boundaries
from tests.faults.crash import Ground, Grounds, forked, prepare
from tests.faults.world import HEARD, LONG_AGO, world
from web.ports import Arrived

LOOK_S = 0.02


def main(url: str, home: str) -> None:
    """Print how long each recovery took, by the point of death."""
    prepare()
    template, grounds = Ground(url, Path(home) / "template"), Grounds(Path(home))
    took: dict[int, float] = {}
    for number in count(1):
        with grounds.copied(template) as ground:
            if (seconds := recovery(ground, Boundaries(number))) is None:
                break
            took[number] = seconds
    print(json.dumps(took))


def recovery(ground: Ground, points: Boundaries) -> float | None:
    """Seconds from a restart to the ring; None where the ring was there before the death."""
    if forked(lambda: asyncio.run(live(ground, points))) == 0:
        return None
    began = time.monotonic()
    assert forked(lambda: asyncio.run(live(ground))) == 0
    return round(time.monotonic() - began, 2)


async def live(ground: Ground, points: Boundaries | None = None) -> None:
    """Be a process until bob has been rung; with ``points``, take the alert in and die at one."""
    clock = system_clock()
    async with build(settings(ground.url, ground.home), clock, system_ids(clock)) as parts:
        if points:
            await _be_heard(parts)
        await run(parts, WORKER, (), lambda: _begin(parts, points))


async def _be_heard(parts: Parts) -> None:
    async with parts.store.write(SYSTEM) as unit:
        await unit.settings.put(f"first_contact:{HEARD}", LONG_AGO)


def _watch(parts: Parts, points: Boundaries) -> None:
    AroundCommits(points).listen(parts.store.database.write_engine)
    real = parts.worker.ports
    chats: dict[str, Chat] = {"console": AroundChat(real.chats["console"], points)}
    parts.worker.ports = Ports(chats=chats, advisor=real.advisor)


async def _begin(parts: Parts, points: Boundaries | None) -> None:
    """An alert arrives, unless it has; the process ends when somebody has been rung for it."""
    if points:
        _watch(parts, points)
    if not await _any(parts, deliveries.c.id):
        signal, now = world()[0].turn(parts.store.clock.now()), parts.store.clock.now()
        arrived = Arrived(
            source=signal.source,
            integration=HEARD,
            received_at=now,
            body=b"{}",
            parsed=Parsed(signals=(signal,)),
        )
        await parts.intake.accept(arrived)
    with parts.store.live.reading() as reader:
        while not await _any(parts, rings.c.key):
            await reader.next(LOOK_S)
    if points:
        points.fatal = None
    parts.stop.set()


async def _any(parts: Parts, column: Column[str]) -> bool:
    async with parts.store.read() as unit:
        return (await unit.scope.connection.execute(select(column))).first() is not None


if __name__ == "__main__":
    main(*sys.argv[1:])
