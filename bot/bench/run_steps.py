"""What a run of a runbook costs: until its first step is at work, each step, and many at once.

Each step runs ``true``, beside which the bare program is measured; the clock is the machine's.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.bench.load import Measured
from bot.bench.patience import until
from bot.bench.runs import PATIENCE_S, Figure
from bot.demo.seed import seed
from bot.layers import load
from bot.settings import environment
from bot.wiring import Parts, build, system_clock, system_ids
from domain.call import Call, Origin
from domain.run import Run, StepOrder
from domain.runbook import Action, Runbook
from integrations.infra.local import LocalSteps
from storage.migrations import migrate
from storage.store import Act
from storage.tables.runs import runs

PROGRAM = "/usr/bin/true"
STEPS = 10
MANY = 100
STEPS_OF_MANY = 3
LOOK_AGAIN_S = 0.05
ACT = Act("tocsin", "job")


async def runs_of_runbooks(folder: Path, count: int) -> list[Figure]:
    """``count`` runs one after the other, then a hundred at once."""
    async with _tocsin(folder) as parts:
        begun, each = Measured(), Measured()
        for number in range(count):
            run = await _whole(parts, f"bench-{number}", STEPS)
            starts = [one.started_at for one in run.steps if one.started_at]
            begun.latencies.append((starts[0] - run.started_at).total_seconds())
            assert run.finished_at  # noqa: S101 - it was waited for
            each.latencies.append((run.finished_at - starts[0]).total_seconds() / STEPS)
        took = await _at_once(parts)
    bare = await _bare(count)
    return [
        Figure("run's first step at work, half within", begun.percentile(0.5), "ms"),
        Figure("step of a run, half within", each.percentile(0.5), "ms", bare.percentile(0.5)),
        Figure(f"{MANY} runs of {STEPS_OF_MANY} steps at once, over in", took, "s"),
    ]


@asynccontextmanager
async def _tocsin(folder: Path) -> AsyncIterator[Parts]:
    """A whole one over a database of its own, whose worker works."""
    url = await asyncio.to_thread(_empty, folder)
    clock = system_clock()
    settings = load({"data_dir": folder, "database_url": url}, environment({})).settings
    parts = build(settings, clock, system_ids(clock), demo=True)
    ports: Any = {**parts.worker.ports.performers, "command": LocalSteps((PROGRAM,))}
    parts.worker.ports = replace(parts.worker.ports, performers=ports)
    working = asyncio.create_task(parts.worker.run())
    async with parts:
        await seed(parts.store)
        yield parts
        await parts.worker.stop()
        await working


def _empty(folder: Path) -> str:
    """The address of a database with nothing in it."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'tocsin.db'}"
    migrate(url)
    return url


async def _begin(parts: Parts, name: str, steps: int) -> str:
    """A run of that many steps that only look, so that nobody has to agree; its id."""
    step = {"command": [PROGRAM], "safety": "read"}
    told = {"id": name, "title": name, "steps": [step | {"name": str(n)} for n in range(steps)]}
    async with parts.store.write(ACT) as unit:
        await unit.catalog.runbooks.put(Runbook.model_validate(told))
        actor = await unit.people.actor("bob")
    assert actor  # noqa: S101 - the demo has him
    origin = Origin(surface="api")
    call = Call(command="runbook run", args={"runbook": name}, actor=actor, origin=origin)
    reply = await parts.dispatch(call)
    return str(reply.data["id"])


async def _whole(parts: Parts, name: str, steps: int) -> Run:
    run = await _begin(parts, name, steps)

    async def is_over() -> bool:
        async with parts.store.read() as unit:
            return (await unit.runs.need(run)).closed

    await until(is_over, PATIENCE_S, LOOK_AGAIN_S)
    async with parts.store.read() as unit:
        return await unit.runs.need(run)


async def _at_once(parts: Parts) -> float:
    """Seconds from the first word to the last end."""
    began = time.perf_counter()
    for number in range(MANY):
        await _begin(parts, f"many-{number}", STEPS_OF_MANY)

    async def are_over() -> bool:
        async with parts.store.read() as unit:
            return not await unit.runs.where(runs.c.closed.is_(False))

    await until(are_over, PATIENCE_S * 5, LOOK_AGAIN_S * 10)
    return time.perf_counter() - began


async def _bare(count: int) -> Measured:
    """The program alone, by the same way."""
    measured, steps = Measured(), LocalSteps((PROGRAM,))
    order = StepOrder(key="bare", action=Action(command=(PROGRAM,)), timeout=timedelta(seconds=10))
    for _ in range(count):
        began = time.perf_counter()
        await steps.perform(order)
        measured.latencies.append(time.perf_counter() - began)
    return measured
