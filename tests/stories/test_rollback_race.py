"""Many hands on approvals, rollbacks and what takes them back: each goes out once (I8, I9)."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import product

import pytest

from domain.actor import Actor, Role
from domain.call import Call, Origin
from tests.fakes.deployers import Pipeline
from tests.fakes.tocsin import Tocsin

pytestmark = pytest.mark.both

PEOPLE = 8
ASKING = 3
AT_ONCE = 15
# of a round: every approval of a rollback, then of what takes it back, by everybody
PRESSES = 2 * ASKING * PEOPLE
ROUNDS = int(os.environ.get("RACE_ROUNDS", "105"))
LONG = [pytest.mark.faults, pytest.mark.timeout(20_000)]


@pytest.mark.parametrize("rounds", [1, pytest.param(ROUNDS, marks=LONG)])
async def test_every_rollback_goes_out_once(tocsin: Tocsin, rounds: int):
    """Several ask for the same, everybody agrees to all of it at once; then the same with *Undo*.
    One call of the pipeline for each, whoever wins."""
    tocsin.settled(rollback_watch=timedelta())
    pipeline, dice = Pipeline(), random.Random(7)
    tocsin.deploys_by(pipeline)
    people = [await tocsin.hire(f"hand{number}", Role.RESPONDER) for number in range(PEOPLE)]
    outcomes: Counter[str] = Counter()
    for _ in range(rounds):
        outcomes += await raced(tocsin, people, dice, service="trino")
        back = {"service": "trino", "to": "v248", "undoes": pipeline.orders[-1].key}
        outcomes += await raced(tocsin, people, dice, **back)
    keys = Counter(one.key for one in pipeline.orders)
    assert (len(keys), set(keys.values())) == (2 * rounds, {1})
    assert outcomes[""] == 2 * rounds
    assert sum(outcomes.values()) == rounds * PRESSES
    assert set(outcomes) == {"", "stale"}
    async with tocsin.looking() as unit:
        made = await unit.rollbacks.where()
    assert [one.state for one in made] == ["done"] * 2 * rounds


async def raced(
    tocsin: Tocsin, people: list[Actor], dice: random.Random, **asked: str
) -> Counter[str]:
    """Some ask at once, then everybody grants everything at once; why presses were refused."""
    hands = asyncio.Semaphore(AT_ONCE)
    asking = [await tocsin.actor(name) for name in ("alice", "bob", "carol")]
    names = await together(hands, [call(one, "rollback start", **asked) for one in asking], tocsin)
    approvals = [approval for _, approval in names]
    assert len(set(approvals)) == ASKING
    assert all(approvals)
    both = product(people, map(str, approvals))
    presses = [call(who, "approval grant", approval=name) for who, name in both]
    dice.shuffle(presses)
    answers = await together(hands, presses, tocsin)
    await tocsin.settle()
    return Counter(refused for refused, _ in answers)


def call(actor: Actor, command: str, **args: str) -> Call:
    """As a chat makes it."""
    origin = Origin(surface="console", room="incidents")
    return Call(command=command, args=args, actor=actor, origin=origin)


async def together(
    hands: asyncio.Semaphore, calls: Iterable[Call], tocsin: Tocsin
) -> list[tuple[str, str | None]]:
    """Why each was refused, and the approval that it waits for."""

    async def one(made: Call) -> tuple[str, str | None]:
        async with hands:
            reply = await tocsin.parts.dispatch(made)
        return reply.refused, reply.approval

    return list(await asyncio.gather(*(one(made) for made in calls)))
