"""Kills a Tocsin around and within the steps of a run, and counts how often each was done.

``python -m tests.faults.run_deaths URL HOME OUTSIDE [DEATHS]``: each death is on a copy of the
seeded database at URL. OUTSIDE is where steps go, as JSON. It dies at every boundary and within
every step, or at DEATHS boundaries and within two. The steps of all kinds leave a mark each
time they are done; one that is told so kills whoever asked for it. The next process finds what is
left; only then a person decides. What was found is printed as JSON.
"""

import asyncio
import importlib
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bot.performing import performers
from bot.wiring import Parts, build, system_ids
from domain.base import Frozen
from domain.call import Call, Origin, Reply
from domain.run import Performer, Run, RunStep, StepOrder, StepOutcome
from domain.runbook import ActionKind, Runbook
from domain.server import Server
from integrations.infra.ssh import nothing_kept
from integrations.trusting import trusted
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import settings
from tests.faults.boundaries import AroundCommits, Boundaries
from tests.faults.crash import Ground, Grounds, forked, outlive, prepare, sealed, spread
from tests.faults.ledger import Ledger
from tests.faults.story import RememberedClock, Teller

PASSED, LEFT, END = "passed.txt", "left.json", "end.json"
MOST_DECISIONS = 9
DECISIONS = ("again", "skip", "done")
STEPS = ("local", "http", "ssh", "local-beside", "http-beside")
FEW = ("ssh", "local-beside")


class Outside(Frozen):
    """Where steps go: ``url`` of an HTTP server, a ``server`` with its ``key``, a ``program``."""

    url: str
    program: str
    server: Server
    key: str


class Stand(Frozen):
    """How a run stands, and how often each of its steps was done so far."""

    run: Run | None
    runs: int
    done: dict[str, int]
    problems: tuple[str, ...] = ()


class Deaths(Frozen):
    """What all of it came to: of how many deaths a person had to decide how often."""

    boundaries: tuple[str, ...]
    killed: int
    unknown: int
    decided: int
    done: int
    complaints: dict[str, list[str]]


def main(url: str, home: str, outside: str, deaths: str = "") -> None:
    """Print what was found."""
    prepare()
    importlib.import_module("asyncssh")
    trusted()
    grounds, start = Grounds(Path(home)), Ground(url, Path(home) / "template")
    rig = Rig(grounds, start, Outside.model_validate_json(outside))
    with grounds.copied(start) as rehearsal:
        rig.live(rehearsal, Boundaries())
    print(rig.survey(int(deaths) if deaths else None).model_dump_json())


@dataclass(frozen=True)
class Rig:
    """The ground that each life begins on, and what is outside."""

    grounds: Grounds
    start: Ground
    outside: Outside

    def survey(self, deaths: int | None) -> Deaths:
        """Let it live once, then die at the boundaries and within each step."""
        with self.grounds.copied(self.start) as ground:
            assert forked(partial(self.live, ground, Boundaries())) == 0
            names = (ground.home / PASSED).read_text().splitlines()
            whole = stand(ground, END)
        assert whole.done == dict.fromkeys(STEPS, 1), whole
        within = [f"within {name}" for name in (STEPS if deaths is None else FEW)]
        points = [*(names[n - 1] for n in spread(len(names), deaths)), *within]
        numbers: list[int | str] = [*spread(len(names), deaths), *within]
        found: Counter[str] = Counter()
        complaints: dict[str, list[str]] = {}
        for turn, (where, name) in enumerate(zip(numbers, points, strict=True)):
            complaints[f"{where} {name}"] = self._die(where, DECISIONS[turn % 3], found)
        return Deaths(
            boundaries=tuple(names),
            killed=found["killed"],
            unknown=found["unknown"],
            decided=found["decided"],
            done=found["done"],
            complaints={name: wrong for name, wrong in complaints.items() if wrong},
        )

    def _die(self, where: int | str, decision: str, found: Counter[str]) -> list[str]:
        with self.grounds.copied(self.start) as ground:
            points = Boundaries(where if isinstance(where, int) else None)
            if isinstance(where, str):
                (ground.home / f"fatal-{where.removeprefix('within ')}").write_text("")
            died = forked(partial(self.live, ground, points))
            found["killed"] += died == -signal.SIGKILL
            if died != -signal.SIGKILL:
                return [] if died == 0 else [f"ended with {died} instead of dying"]
            outlive(ground)
            if forked(partial(self.live, ground, Boundaries(), decision)):
                return ["the next process did not come to the end"]
            left, end = stand(ground, LEFT), stand(ground, END)
            found["done"] += sum(end.done.values())
            found["decided"] += left.run is not None and left.run.status == "unknown"
            states = [one.status for one in left.run.steps] if left.run else []
            found["unknown"] += states.count("unknown")
            return wrong_of(left, end, decision)

    def live(self, ground: Ground, points: Boundaries, decision: str = "") -> None:
        """One life in this process."""
        asyncio.run(self._told(ground, points, decision))

    async def _told(self, ground: Ground, points: Boundaries, decision: str) -> None:
        (ground.home / "victim").write_text(str(os.getpid()))
        async with living(ground, points, self.outside) as teller:
            await asked(teller, ground, self.outside)
            if decision:
                await kept(teller, ground, LEFT)
                await decided(teller, decision)
            await kept(teller, ground, END)
        (ground.home / PASSED).write_text("\n".join(points.passed))


@dataclass(frozen=True)
class AroundSteps:
    """A point before and one after each step."""

    performer: Performer
    points: Boundaries

    async def perform(self, order: StepOrder) -> StepOutcome:
        self.points.cross(f"before {order.key}")
        outcome = await self.performer.perform(order)
        self.points.cross(f"after {order.key}")
        return outcome


@asynccontextmanager
async def living(ground: Ground, points: Boundaries, outside: Outside) -> AsyncIterator[Teller]:
    """A process over the database of a ground, whose steps really go outside."""
    ledger = Ledger(ground.home / "ledger.jsonl")
    clock = RememberedClock(ledger)
    told: Any = {"programs": [outside.program], "ssh_key": outside.key, "hosts": ["127.0.0.1"]}
    own = settings(ground.url, ground.home, runbooks=told)
    parts = build(own, clock, system_ids(clock), demo=True)
    AroundCommits(points).listen(parts.store.database.write_engine)
    real = performers(own, nothing_kept, demo=False)
    around: dict[ActionKind, Performer] = {
        kind: AroundSteps(one, points) for kind, one in real.items()
    }
    parts.worker.ports = replace(parts.worker.ports, performers=around)
    try:
        yield Teller(parts, clock, ledger)
    finally:
        await parts.core.close()


async def asked(teller: Teller, ground: Ground, outside: Outside) -> None:
    """Bob asks for a run and Alice agrees, each once, whatever happens meanwhile."""
    async with teller.parts.store.write(SYSTEM) as unit:
        await unit.catalog.runbooks.put(deadly(ground.home, outside))
        await unit.catalog.servers.put(outside.server)
    reply = await say(teller.parts, "bob", "runbook run", runbook="deadly")
    assert reply.approval, reply
    granted = await say(teller.parts, "alice", "approval grant", approval=reply.approval)
    assert granted.refused == "", granted
    await teller.parts.worker.drain()


def deadly(home: Path, outside: Outside) -> Runbook:
    """A step of each kind one after the other, then two together; each leaves its mark."""

    def step(name: str, **more: Any) -> dict[str, Any]:
        undo = {"command": [outside.program, f"undo-{name}", str(home)]}
        return {"name": name, "safety": "disruptive", "undo": undo, **more}

    def run(name: str) -> dict[str, Any]:
        return {"command": [outside.program, name, str(home)]}

    def ask(name: str) -> dict[str, Any]:
        return {"http": {"method": "POST", "url": f"{outside.url}/{name}", "send": str(home)}}

    local, http = step("local", **run("local")), step("http", **ask("http"))
    ssh = step("ssh", **run("ssh"), server=outside.server.id)
    beside = [
        step("local-beside", **run("local-beside")),
        step("http-beside", **ask("http-beside")),
    ]
    steps = [local, http, ssh, {"name": "beside", "parallel": beside}]
    return Runbook.model_validate({"id": "deadly", "title": "Deadly", "steps": steps})


async def say(parts: Parts, person: str, command: str, **args: str) -> Reply:
    """A call whose key is the command's: however often it is made, it is one."""
    async with parts.store.read() as unit:
        actor = await unit.people.actor(person)
    assert actor
    origin = Origin(surface="console", room="incidents")
    key = " ".join((person, command, *args.values()))
    return await parts.dispatch(
        Call(command=command, args=args, actor=actor, origin=origin, key=key)
    )


async def decided(teller: Teller, decision: str) -> None:
    """Alice decides on each step whose end nobody saw, until the run is over."""
    for turn in range(MOST_DECISIONS):
        run = await newest(teller.parts)
        if run is None or run.closed or run.status != "unknown":
            return
        stuck = run.first("unknown")
        assert stuck
        told = {"run": run.id, "how": decision, "step": str(stuck.number)}
        reply = await say(teller.parts, "alice", "runbook resume", **told)
        assert reply.refused == "", (turn, reply)
        await teller.parts.worker.drain()


async def newest(parts: Parts) -> Run | None:
    """The run, where there is one."""
    async with parts.store.read() as unit:
        found = await unit.runs.where()
    return found[-1] if found else None


async def kept(teller: Teller, ground: Ground, name: str) -> None:
    """Write down how it stands."""
    async with teller.parts.store.read() as unit:
        count = len(await unit.runs.where())
    marks = ground.home / "marks"
    done = Counter(marks.read_text().splitlines() if marks.exists() else [])
    problems = (await sealed(teller)).problems
    run = await newest(teller.parts)
    found = Stand(run=run, runs=count, done=dict(done), problems=problems)
    (ground.home / name).write_text(found.model_dump_json())


def stand(ground: Ground, name: str) -> Stand:
    """What was written down."""
    return Stand.model_validate_json((ground.home / name).read_text())


def wrong_of(left: Stand, end: Stand, decision: str) -> list[str]:
    """What must not be: done twice, done without a record, left open, decided by nobody."""
    wrong = [*left.problems, *end.problems]
    if left.run is None or end.run is None or (left.runs, end.runs) != (1, 1):
        return [*wrong, f"{left.runs} runs, then {end.runs}"]
    for step in left.run.steps:
        told = {
            "before anybody decided": left.done.get(step.name, 0),
            "in the end": end.done.get(step.name, 0),
        }
        again = step.status == "unknown" and decision == "again"
        wrong += _wrong_of_step(step, told, 1 + again)
    if left.run.status not in ("succeeded", "unknown"):
        wrong.append(f"the run was left {left.run.status}")
    if end.run.status != "succeeded" or not end.run.closed:
        wrong.append(f"the run ended {end.run.status}")
    return wrong


def _wrong_of_step(step: RunStep, told: dict[str, int], most: int) -> list[str]:
    first, last = told.values()
    held = {
        "more than once before anybody decided": first > 1,
        "and is on record as not begun": first > 0 and step.status == "waiting",
        "not once, and is on record as done": first != 1 and step.status == "succeeded",
        f"{last} times": last > most,
    }
    return [f"{step.name} was done {words}" for words, is_so in held.items() if is_so]


if __name__ == "__main__":
    main(*sys.argv[1:])
