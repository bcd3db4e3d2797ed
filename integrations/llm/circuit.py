"""A circuit breaker: after failures in a row, leave the other side alone for a while."""

from datetime import datetime, timedelta

from domain.base import Frozen

FAILURES = 3
REST = timedelta(seconds=60)


class Circuit(Frozen):
    """How often in a row it failed, and until when nobody asks.

    Closed while ``failures`` is small. Then open until ``rests_until``; at that instant it is
    half open: one trial goes through, which either closes it or lets it rest again.
    """

    failures: int = 0
    rests_until: datetime | None = None

    def wait(self, now: datetime) -> timedelta | None:
        """How long to leave the other side alone; None where it may be asked."""
        if self.rests_until is None or now >= self.rests_until:
            return None
        return self.rests_until - now

    def tried(self, now: datetime) -> "Circuit":
        """A call begins. Half open, the others wait until it comes back."""
        if self.rests_until is None:
            return self
        return self.model_copy(update={"rests_until": now + REST})

    def failed(self, now: datetime) -> "Circuit":
        """A call failed; the third in a row opens the circuit."""
        failures = self.failures + 1
        rests_until = now + REST if failures >= FAILURES else None
        return Circuit(failures=failures, rests_until=rests_until)
