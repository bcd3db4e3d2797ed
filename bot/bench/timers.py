"""How late an escalation's next step is while ten thousand other timers are pending.

The timers are put into the server's own database, as its jobs table holds them: nobody waits for
five minutes here, and the server works through them as through any other.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.engine import make_url

from bot.bench.load import Measured, send
from bot.bench.patience import until
from bot.bench.runs import CLOCK, FEW, PATIENCE_S, Figure, alert, client, hooks, quiet
from bot.bench.servers import Server, tocsin
from domain.paging import Escalate
from storage.sqlite import SqliteDatabase
from storage.tables.ledger import jobs
from storage.tables.paging import escalations

PENDING = 10_000
SOON = timedelta(seconds=5)
APART = timedelta(milliseconds=50)
FAR = timedelta(days=1)
LOOK_AGAIN_S = 0.5
AT_ONCE = 500


@dataclass(frozen=True)
class Timer:
    """An escalation that waits for its next step: its job, and itself."""

    job: str
    escalation: str


async def lateness(folder: Path, count: int) -> list[Figure]:
    """``count`` steps, twenty a second, each measured from when it was due to when it was done.

    Beside a the event loop's own timers, as many.
    """
    async with tocsin(folder) as server:
        database = SqliteDatabase(make_url(f"sqlite:///{folder / 'tocsin.db'}"))
        try:
            timers = await _pending(server, database, count)
            await _set(server, database, timers)
            await _worked(database, timers)
            ours = await _late(database, timers)
        finally:
            await database.close()
    least = await _bare(count)
    words = ((0.5, "half"), (0.99, "99 %"))
    name = f"next step among {PENDING:,} timers"
    return [
        Figure(f"{name}, {said} late by", ours.percentile(at), "ms", least.percentile(at))
        for at, said in words
    ]


async def _pending(server: Server, database: SqliteDatabase, count: int) -> tuple[Timer, ...]:
    """Escalations with a step still to come, and as many other timers as is said."""
    bodies = [alert(f"Late{n}", f"late-{n}", "critical", CLOCK.now()) for n in range(count)]
    await send(hooks(server), iter(bodies), connections=FEW, seconds=PATIENCE_S)
    await quiet(server)
    waiting = select(jobs).where(jobs.c.kind == Escalate.kind, jobs.c.state == "pending")
    async with database.writing() as connection:
        rows = [dict(row) for row in (await connection.execute(waiting)).mappings()]
        for first in range(0, PENDING, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, PENDING))
            await connection.execute(insert(jobs), [_filler(rows[0], n) for n in numbers])
    return tuple(Timer(row["id"], row["payload"]["escalation"]) for row in rows)


def _filler(row: dict[str, Any], number: int) -> dict[str, Any]:
    changed = {"id": f"bench-{number}", "key": None, "subject": f"bench-{number}"}
    return row | changed | {"due": row["due"] + FAR}


async def _set(server: Server, database: SqliteDatabase, timers: tuple[Timer, ...]) -> None:
    """Let the steps come due one after the other from a few seconds on."""
    now = await _now(server)
    async with database.writing() as connection:
        for number, timer in enumerate(timers):
            due = now + SOON + number * APART
            moved = update(jobs).where(jobs.c.id == timer.job).values(due=due)
            await connection.execute(moved)
            kept = update(escalations).where(escalations.c.id == timer.escalation)
            await connection.execute(kept.values(due=due))
    # another process wrote: this one looks again with its next commit
    async with client(server, server.token("alice")) as alice:
        await alice.post("/api/v1/commands", json={"line": "/incident note INC-1 look again"})


async def _now(server: Server) -> datetime:
    async with client(server, server.token("alice")) as alice:
        answer = await alice.post("/console/api/clock", json={"advance": "PT1S"})
    return datetime.fromisoformat(answer.json()["now"])


async def _worked(database: SqliteDatabase, timers: tuple[Timer, ...]) -> None:
    """Wait, by the clock of the wall, until every step has been carried out."""
    names = [timer.job for timer in timers]
    open_ones = select(func.count()).where(jobs.c.id.in_(names), jobs.c.finished_at.is_(None))
    await until(partial(_are_done, database, open_ones), PATIENCE_S + len(timers), LOOK_AGAIN_S)


async def _are_done(database: SqliteDatabase, open_ones: Select[Any]) -> bool:
    async with database.reading() as connection:
        return not (await connection.execute(open_ones)).scalar()


async def _late(database: SqliteDatabase, timers: tuple[Timer, ...]) -> Measured:
    names = [timer.job for timer in timers]
    done = select(jobs.c.due, jobs.c.finished_at).where(jobs.c.id.in_(names))
    async with database.reading() as connection:
        rows = (await connection.execute(done)).all()
    return Measured(latencies=[(finished - due).total_seconds() for due, finished in rows])


async def _bare(count: int) -> Measured:
    """As many timers of the event loop's own."""
    loop, measured = asyncio.get_running_loop(), Measured()
    begun = loop.time()

    def rung(due: float) -> None:
        measured.latencies.append(loop.time() - due)

    for number in range(count):
        due = begun + number * APART.total_seconds() / 10
        loop.call_at(due, rung, due)
    await until(lambda: _came(measured, count), PATIENCE_S, LOOK_AGAIN_S)
    return measured


async def _came(measured: Measured, count: int) -> bool:
    return len(measured.latencies) == count
