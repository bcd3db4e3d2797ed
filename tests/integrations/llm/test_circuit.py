"""The circuit opens after failures in a row and tries again after a rest."""

from datetime import UTC, datetime, timedelta

from integrations.llm.circuit import FAILURES, REST, Circuit

NOW = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)


def opened():
    """A circuit that has just opened."""
    circuit = Circuit()
    for _ in range(FAILURES):
        circuit = circuit.failed(NOW)
    return circuit


def test_it_stays_closed_below_the_limit():
    """Two failures change nothing."""
    assert Circuit().failed(NOW).failed(NOW).wait(NOW) is None


def test_it_rests_after_the_limit():
    """Open, it says how long to wait."""
    assert opened().wait(NOW) == REST
    assert opened().wait(NOW + timedelta(seconds=59)) == timedelta(seconds=1)


def test_half_open_lets_one_through():
    """After the rest one call may try; the others wait for it."""
    later = NOW + REST
    assert opened().wait(later) is None
    assert opened().tried(later).wait(later) == REST


def test_a_failed_trial_rests_again():
    """Half open, a single failure is enough."""
    later = NOW + REST
    assert opened().tried(later).failed(later).wait(later) == REST


def test_a_call_through_a_closed_circuit_leaves_it():
    """Trying is news only where it is half open."""
    assert Circuit().tried(NOW) == Circuit()
