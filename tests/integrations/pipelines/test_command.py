"""A program of yours brings a version back, within the rules for steps of runbooks."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from domain.deployer import Asked, RollbackOrder
from domain.errors import Permanent
from domain.run import StepOrder, StepOutcome
from integrations.infra.local import LocalSteps
from integrations.pipelines.command import CommandPipeline
from tests.fakes.stores import StillClock

ORDER = RollbackOrder(
    key="DEP-14", service="trino", environment="prod", version="v247", source="command",
    argv=("/usr/bin/printf", "%s\n", "v247"), timeout=timedelta(seconds=20),
)  # fmt: skip


@dataclass
class Runner:
    """Says how it went, after a minute and a half."""

    outcome: StepOutcome
    clock: StillClock
    orders: list[StepOrder] = field(default_factory=list)

    async def perform(self, order: StepOrder) -> StepOutcome:
        self.orders.append(order)
        self.clock.move(seconds=98)
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "lost"),
    [
        (StepOutcome(ok=True, exit_code=0, output="pulled\nback on v247\n"), ""),
        (StepOutcome(ok=False, detail="ended with 1", output="no image\n"), "ended with 1: no"),
        (StepOutcome(ok=None, detail="the line was cut"), "the line was cut"),
        (StepOutcome(ok=None), "it went wrong"),
    ],
)
async def test_how_it_ends_is_how_the_program_ends(outcome: StepOutcome, lost: str) -> None:
    """Whatever is no success may have done half of it."""
    clock = StillClock()
    runner = Runner(outcome, clock)
    seen = await CommandPipeline(runner, clock).ask(ORDER)
    assert seen.lost.startswith(lost)
    assert bool(seen.lost) == bool(lost)
    assert seen.took == (None if lost else timedelta(seconds=98))
    (asked,) = runner.orders
    assert (asked.action.command, asked.timeout) == (ORDER.argv, ORDER.timeout)
    with pytest.raises(Permanent, match="runs any more"):
        await CommandPipeline(runner, clock).look(ORDER, Asked(said="x"))


async def test_only_programs_that_an_admin_has_named_run() -> None:
    """As for any step; what an argument holds is an argument, and no shell reads it."""
    clock = StillClock()
    with pytest.raises(Permanent, match=r"an admin names it in runbooks.programs"):
        await CommandPipeline(LocalSteps(()), clock).ask(ORDER)
    local = CommandPipeline(LocalSteps(("/usr/bin/printf",)), clock)
    hostile = ORDER.model_copy(update={"argv": ("printf", "%s", "$(id); rm -rf / `x`")})
    assert (await local.ask(hostile)).asked.said == "$(id); rm -rf / `x`"
