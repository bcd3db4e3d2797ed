"""When each duty of this process last finished a cycle: what health is judged by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

STALE_S = 60.0


@dataclass
class Pulses:
    """Ages in seconds by a monotonic clock, which no change of the wall clock touches."""

    monotonic: Callable[[], float]
    _finished: dict[str, float] = field(default_factory=dict)

    def finished(self, duty: str, ago_s: float = 0.0) -> None:
        """A cycle of ``duty`` finished, ``ago_s`` seconds ago."""
        self._finished[duty] = self.monotonic() - ago_s

    def ages(self) -> Mapping[str, float]:
        """Seconds since each duty last finished a cycle."""
        now = self.monotonic()
        return {duty: now - at for duty, at in sorted(self._finished.items())}

    def stale(self) -> tuple[str, ...]:
        """The duties that have not finished a cycle for a minute."""
        return tuple(duty for duty, age in self.ages().items() if age > STALE_S)
