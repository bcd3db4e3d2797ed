"""Whatever happens, in whatever order: the invariants hold after each step."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.figures import record
from tests.faults.machine import Machine
from tests.faults.rig import RINGING_ONLY, Fault
from tests.faults.seeded import SEEDED, Seeded

# To shrink a failure takes minutes: that is left to the long run.
FOUND = (Phase.explicit, Phase.generate)
QUICK = settings(
    database=None,
    derandomize=True,
    phases=FOUND,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, derandomize=False, phases=(*FOUND, Phase.shrink), print_blob=True)


def explore(seeded: Path, how: settings, fault: Fault = RINGING_ONLY, **size: Any) -> None:
    """Run the machine over copies of the seeded database."""
    machine = type("Tocsin", (Machine,), {"template": seeded, "fault": fault})
    run_state_machine_as_test(machine, settings=settings(how, **size))


@pytest.mark.timeout(300)
def test_nothing_breaks_an_invariant(seeded: Path):
    """25 times 30 steps, the same in every run."""
    explore(seeded, QUICK, max_examples=25, stateful_step_count=30)


@pytest.mark.faults
@pytest.mark.timeout(20_000)
def test_nothing_breaks_an_invariant_in_the_long_run(seeded: Path):
    """1,000 times 50 steps, or MACHINE_EXAMPLES times; others in every run."""
    examples = int(os.environ.get("MACHINE_EXAMPLES", "1000"))
    explore(seeded, LONG, max_examples=examples, stateful_step_count=50)
    record("state machine", n=examples, steps=50, invariants_broken=0)


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("one", SEEDED, ids=lambda one: one.name)
def test_the_machine_finds_a_seeded_fault(one: Seeded, seeded: Path):
    """Nobody has to think of the script that brings it to light."""
    with pytest.raises(AssertionError, match=one.seen_by.__name__):
        explore(seeded, QUICK, one.fault, max_examples=500, stateful_step_count=40)
