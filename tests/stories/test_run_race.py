"""Many hands on the same runs, two workers at once: each try at a step is made once (I8, I9)."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from bot.worker import Worker
from domain.call import Call, Origin
from domain.errors import Retry
from domain.run import StepOrder, StepOutcome
from domain.runbook import Runbook
from storage.tables.runs import runs
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.faults.figures import record

pytestmark = pytest.mark.both

FEW = 2
HANDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("alice", "approval grant", {}),
    ("carol", "approval grant", {}),
    ("bob", "approval grant", {}),
    ("alice", "approval deny", {}),
    ("carol", "runbook pause", {}),
    ("alice", "runbook resume", {"how": "on"}),
    ("bob", "runbook resume", {"how": "again"}),
    ("carol", "runbook resume", {"how": "skip"}),
    ("alice", "runbook stop", {}),
    ("bob", "runbook undo", {}),
)


PRESSES = 2 * len(HANDS) + 1


@dataclass
class Rough:
    """Goes well, wrong, or nobody knows how; remembers what it was asked for."""

    dice: Random
    orders: list[StepOrder] = field(default_factory=list)

    async def perform(self, order: StepOrder) -> StepOutcome:
        self.orders.append(order)
        await asyncio.sleep(0)
        if self.dice.random() < 0.1:
            raise Retry("the line was cut")
        return StepOutcome(ok=self.dice.random() < 0.8)


@dataclass
class Race:
    """Runs one after the other, all hands on each."""

    tocsin: Tocsin
    dice: Random
    said: Counter[str] = field(default_factory=Counter)

    async def round(self, number: int) -> None:
        """Somebody asks for a run; everybody presses what they can while two workers work."""
        await self._put(f"race-{number}")
        asked = await self._say("bob", "runbook run", {"runbook": f"race-{number}"})
        workers = (self.tocsin.parts.worker, self._second())
        for hands in (self._shuffled(), self._shuffled()):
            presses = [self._press(who, what, more, asked, number) for who, what, more in hands]
            await asyncio.gather(*presses, *(one.drain() for one in workers))
        for one in workers:
            await one.drain()
        await self._press("alice", "runbook stop", {}, asked, number)
        await workers[0].drain()

    def _shuffled(self) -> list[tuple[str, str, dict[str, str]]]:
        return self.dice.sample(HANDS, len(HANDS))

    def _second(self) -> Worker:
        first = self.tocsin.parts.worker
        return Worker(first.store, first.behaviours, first.ports)

    async def _put(self, name: str) -> None:
        first = {"name": "first", "command": ["a"], "undo": {"command": ["b"]}}
        beside = {"name": "two", "parallel": [{"name": c, "command": [c]} for c in "cd"]}
        told = {"id": name, "title": name, "steps": [first, beside]}
        async with self.tocsin.parts.store.write(SYSTEM) as unit:
            await unit.catalog.runbooks.put(Runbook.model_validate(told))

    async def _press(
        self, who: str, what: str, more: dict[str, str], asked: str, number: int
    ) -> None:
        about = (
            {"approval": asked} if what.startswith("approval") else {"run": await self._run(number)}
        )
        if not await self._say(who, what, {**about, **more}):
            self.said[" ".join((*about.values(), what, *more.values()))] += 1

    async def _run(self, number: int) -> str:
        async with self.tocsin.looking() as unit:
            found = await unit.runs.where(runs.c.runbook == f"race-{number}")
        return found[0].id if found else "RUN-0"

    async def _say(self, who: str, command: str, args: dict[str, str]) -> str:
        """The approval that is waited for, or why it was refused."""
        origin = Origin(surface="console", room="incidents")
        actor = await self.tocsin.actor(who)
        reply = await self.tocsin.parts.dispatch(
            Call(command=command, args=args, actor=actor, origin=origin)
        )
        return reply.approval or reply.refused


@pytest.mark.parametrize(
    "rounds", [2, pytest.param(240, marks=[pytest.mark.faults, pytest.mark.timeout(3600)])]
)
async def test_no_step_is_done_twice_by_many_hands(tocsin: Tocsin, rounds: int):
    """Twenty-one presses a round, in any order; 240 rounds are 5,040."""
    tocsin.forgiven.add("carry_out_step")
    rough = Rough(Random(11))
    tocsin.steps_by(rough)
    race = Race(tocsin, Random(7))
    for number in range(rounds):
        await race.round(number)
    async with tocsin.looking() as unit:
        made = {one.id: one for one in await unit.runs.where()}
    assert max(Counter(one.runbook for one in made.values()).values()) == 1
    keys = Counter(one.key for one in rough.orders)
    assert set(keys.values()) == {1}
    done = Counter((one.key.partition(":")[0], one.action) for one in rough.orders)
    for (name, action), count in done.items():
        planned = {step.action for step in made[name].plan.steps}
        undoing = {step.undo for step in made[name].plan.steps}
        assert action in planned | undoing
        begun = 1 if action in planned else race.said[f"{name} runbook undo"]
        assert count <= begun + race.said[f"{name} runbook resume again"]
    if rounds > FEW:
        doubled = sum(count - 1 for count in keys.values())
        told = {"presses": rounds * PRESSES, "runs": len(made), "steps_done": len(keys)}
        record("many hands on runs", **told, double_executions=doubled)
