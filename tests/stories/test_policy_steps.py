"""Steps that apply to some incidents, and steps that take turns."""

import pytest

from domain.escalation import Condition, Step, Target
from domain.severity import Severity
from tests.fakes.conditions import KAFKA, MINUTE, TRINO, condition
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

PATRONI = condition("patroni", "critical")
BOB, CAROL = (Target(kind="user", id=one) for one in ("bob", "carol"))


async def rewrite(tocsin: Tocsin, *steps: Step) -> None:
    """The policy of the data platform has these steps from now on."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        policy = await unit.catalog.policies.need("data-platform")
        await unit.catalog.policies.put(policy.model_copy(update={"steps": steps}))


@pytest.mark.both
async def test_turns_are_taken_and_an_edit_changes_nothing_that_runs(tocsin: Tocsin):
    """Bob, Carol, Bob; what began goes on as it was frozen."""
    await rewrite(tocsin, Step(targets=(BOB, CAROL), round_robin=True), Step(targets=(BOB,)))
    rung = []
    for number, one in enumerate((TRINO, KAFKA, PATRONI), 13):
        await tocsin.fire(one)
        rung += [page.user for page in await tocsin.pages(f"INC-{number}")]
    assert rung == ["bob", "carol", "bob"]
    await rewrite(tocsin, Step(targets=(CAROL,)))
    await tocsin.advance(5 * MINUTE)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["carol", "bob"]


async def test_a_step_for_the_worst_is_passed_over_and_said_so(tocsin: Tocsin):
    """What /whatif foresees is what happens."""
    worst = Condition(severity=Severity.SEV1)
    await rewrite(tocsin, Step(targets=(BOB,), when=worst), Step(targets=(CAROL,)))
    told = await tocsin.say("dave", "/whatif trino sev:2")
    assert "Left out: step 1: only for SEV1 and worse." in told.text
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["carol"]
