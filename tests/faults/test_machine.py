"""Whatever happens, in whatever order: the invariants hold after each step."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Machine

UNHURRIED = settings(
    deadline=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False
)


def run(seeded: Path, **how: object) -> None:
    machine = type("Started", (Machine,), {"template": seeded})
    run_state_machine_as_test(machine, settings=settings(UNHURRIED, **how))


@pytest.mark.timeout(300)
def test_nothing_breaks_an_invariant(seeded: Path) -> None:
    """60 times 30 steps, the same in every run."""
    run(seeded, max_examples=60, stateful_step_count=30, derandomize=True)


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_nothing_breaks_an_invariant_in_the_long_run(seeded: Path) -> None:
    """2,000 times 60 steps, others in every run."""
    run(seeded, max_examples=2000, stateful_step_count=60, print_blob=True)
