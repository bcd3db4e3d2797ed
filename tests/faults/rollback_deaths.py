"""Kills a Tocsin around everything a rollback and its *Undo* do, and counts what was asked for.

``python -m tests.faults.rollback_deaths URL HOME [DEATHS]``: each death is on a copy of the seeded
database at URL, at every boundary or at DEATHS of them. The pipeline leaves a mark on disk each
time it is asked. The next process finds what is left; only then a person says how that ended which
nobody saw. What was found is printed as JSON.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.wiring import build, system_ids
from domain.base import Frozen
from domain.deployer import Asked, RollbackOrder, Seen
from domain.rollback import Rollback
from tests.fakes.tocsin import settings
from tests.faults.boundaries import AroundCommits, Boundaries
from tests.faults.crash import Ground, Grounds, forked, outlive, prepare, sealed, spread
from tests.faults.ledger import Ledger
from tests.faults.run_deaths import say
from tests.faults.story import RememberedClock, Teller

PASSED, LEFT, END, UNKNOWN = "passed.txt", "left.json", "end.json", "unknown.txt"
TOOK = timedelta(seconds=4)
FIRST, BACK = "DEP-14", "DEP-15"


class Stand(Frozen):
    """How the rollbacks stand, and how often the pipeline was asked for each."""

    rollbacks: tuple[Rollback, ...] = ()
    asked: dict[str, int] = {}
    problems: tuple[str, ...] = ()


class Deaths(Frozen):
    """What all of it came to: after how many deaths a person had to say how it ended."""

    boundaries: tuple[str, ...]
    killed: int
    unknown: int
    asked: int
    complaints: dict[str, list[str]]


@dataclass(frozen=True)
class Marking:
    """A pipeline that works for some looks; what it was asked for is on disk before it answers."""

    home: Path
    points: Boundaries
    clock: RememberedClock
    name: str = "Argo CD"

    async def ask(self, order: RollbackOrder) -> Seen:
        self.points.cross("before it is asked")
        with (self.home / "marks").open("a") as marks:
            marks.write(f"{order.key}\n")
            marks.flush()
            os.fsync(marks.fileno())
        self.points.cross("after it was asked")
        note = {"since": str(self.clock.at.timestamp())}
        return Seen(asked=Asked(complete=True, note=note, said="it begins"))

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        self.points.cross(f"before a look at {order.key}")
        gone = self.clock.at.timestamp() - float(asked.note["since"])
        return Seen(asked=asked, took=TOOK if gone >= TOOK.total_seconds() else None)


def main(url: str, home: str, deaths: str = "") -> None:
    """Print what was found."""
    prepare()
    rig = Rig(Grounds(Path(home)), Ground(url, Path(home) / "template"))
    with rig.grounds.copied(rig.start) as rehearsal:
        rig.live(rehearsal, Boundaries())
    print(rig.survey(int(deaths) if deaths else None).model_dump_json())


@dataclass(frozen=True)
class Rig:
    """The ground that each life begins on."""

    grounds: Grounds
    start: Ground

    def survey(self, deaths: int | None) -> Deaths:
        """Let it live once, then die at the boundaries."""
        with self.grounds.copied(self.start) as ground:
            assert forked(partial(self.live, ground, Boundaries())) == 0
            names = (ground.home / PASSED).read_text().splitlines()
            whole = stand(ground, END)
        assert wrong_of(whole, whole) == [], whole
        found: Counter[str] = Counter()
        complaints = {
            f"{number} {names[number - 1]}": self._die(number, found)
            for number in spread(len(names), deaths)
        }
        return Deaths(
            boundaries=tuple(names),
            killed=found["killed"],
            unknown=found["unknown"],
            asked=found["asked"],
            complaints={name: wrong for name, wrong in complaints.items() if wrong},
        )

    def _die(self, number: int, found: Counter[str]) -> list[str]:
        with self.grounds.copied(self.start) as ground:
            died = forked(partial(self.live, ground, Boundaries(number)))
            found["killed"] += died == -signal.SIGKILL
            if died != -signal.SIGKILL:
                return [] if died == 0 else [f"ended with {died} instead of dying"]
            outlive(ground)
            if forked(partial(self.live, ground, Boundaries())):
                return ["the next process did not come to the end"]
            left, end = stand(ground, LEFT), stand(ground, END)
            found["unknown"] += (ground.home / UNKNOWN).exists()
            found["asked"] += sum(end.asked.values())
            return wrong_of(left, end)

    def live(self, ground: Ground, points: Boundaries) -> None:
        """One life in this process."""
        asyncio.run(self._told(ground, points))

    async def _told(self, ground: Ground, points: Boundaries) -> None:
        async with living(ground, points) as teller:
            await gone_back(teller, "bob", 30, service="trino")
            back = {"service": "trino", "to": "v248", "undoes": FIRST}
            await settled(teller, ground)
            await gone_back(teller, "carol", 60, **back)
            await settled(teller, ground)
            await kept(teller, ground, END)
        (ground.home / PASSED).write_text("\n".join(points.passed))


@asynccontextmanager
async def living(ground: Ground, points: Boundaries) -> AsyncIterator[Teller]:
    """A process over the database of a ground, whose pipeline outlives it."""
    ledger = Ledger(ground.home / "ledger.jsonl")
    clock = RememberedClock(ledger)
    parts = build(settings(ground.url, ground.home), clock, system_ids(clock), demo=True)
    AroundCommits(points).listen(parts.store.database.write_engine)
    pipeline = Marking(ground.home, points, clock)
    parts.worker.ports = replace(parts.worker.ports, deployer=pipeline)
    try:
        yield Teller(parts, clock, ledger)
    finally:
        await parts.core.close()


async def gone_back(teller: Teller, who: str, until_s: int, **args: str) -> None:
    """Somebody asks and Alice agrees, each once whatever happens; then time passes."""
    reply = await say(teller.parts, who, "rollback start", **args)
    assert reply.approval, reply
    granted = await say(teller.parts, "alice", "approval grant", approval=reply.approval)
    assert granted.refused == "", granted
    await teller.parts.worker.drain()
    await teller.is_time(timedelta(seconds=until_s))


async def settled(teller: Teller, ground: Ground) -> None:
    """Write down how it stands before anybody says more; then Alice, who has looked, says that it
    was done."""
    for one in (await kept(teller, ground, LEFT)).rollbacks:
        if one.state == "unknown":
            (ground.home / UNKNOWN).write_text(one.id)
            told = {"deployment": one.id, "ended": "done"}
            reply = await say(teller.parts, "alice", "rollback settle", **told)
            assert reply.refused == "", reply
    await teller.parts.worker.drain()


async def kept(teller: Teller, ground: Ground, name: str) -> Stand:
    """Write down how it stands."""
    async with teller.parts.store.read() as unit:
        found = await unit.rollbacks.where()
    marks = ground.home / "marks"
    asked = Counter(marks.read_text().splitlines() if marks.exists() else [])
    made = Stand(
        rollbacks=tuple(sorted(found, key=lambda one: one.id)),
        asked=dict(asked),
        problems=(await sealed(teller)).problems,
    )
    (ground.home / name).write_text(made.model_dump_json())
    return made


def stand(ground: Ground, name: str) -> Stand:
    """What was written down."""
    return Stand.model_validate_json((ground.home / name).read_text())


def wrong_of(left: Stand, end: Stand) -> list[str]:
    """What must not be: asked twice, asked without a record, said to be done and never asked."""
    wrong = [*left.problems, *end.problems]
    for name, count in end.asked.items():
        wrong += [f"{name} was asked for {count} times"] if count > 1 else []
    names = [one.id for one in end.rollbacks]
    if names != [FIRST, BACK]:
        wrong.append(f"there are the rollbacks {names}")
    wrong += [f"{name} is on no record" for name in end.asked if name not in names]
    for one in end.rollbacks:
        seen = one.took is not None
        if one.state != "done":
            wrong.append(f"{one.id} ended {one.state}")
        if seen and end.asked.get(one.id) != 1:
            wrong.append(f"{one.id} is on record as seen to its end, and was not asked for")
    return wrong


if __name__ == "__main__":
    main(*sys.argv[1:])
