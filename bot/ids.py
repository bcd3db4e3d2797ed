"""Ids that grow with time, also when the clock stands still or steps back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from domain.ids import time_ordered
from domain.ports import Clock

NOISE = 10
LARGEST = 256**NOISE - 1


@dataclass
class TimeOrderedIds:
    """Every id is greater than the one before; ``noise`` gives that many random bytes.

    Within a millisecond, and while the clock lags behind the last id, ids count on from it.
    """

    clock: Clock
    noise: Callable[[int], bytes]
    token: Callable[[], str]
    _last: tuple[int, int] = (0, 0)
    _turn: Lock = field(default_factory=Lock)

    def new(self) -> str:
        """A fresh id of 26 lower-case letters and digits, sorting by creation."""
        with self._turn:
            self._last = self._following(int(self.clock.now().timestamp() * 1000))
            milliseconds, number = self._last
        return time_ordered(milliseconds, number.to_bytes(NOISE, "big"))

    def secret(self) -> str:
        """A fresh secret with 256 bits of randomness, URL-safe."""
        return self.token()

    def _following(self, now: int) -> tuple[int, int]:
        before, number = self._last
        if now > before:
            # the highest bit stays free, so that counting on cannot run over
            return now, int.from_bytes(self.noise(NOISE), "big") >> 1
        return (before, number + 1) if number < LARGEST else (before + 1, 0)
