"""How often somebody may do something: a bucket of tries each, which fills again with time."""

from collections import OrderedDict
from dataclasses import dataclass, field

MOST = 10_000


@dataclass
class Buckets:
    """``burst`` tries at once, ``rate`` more each second, by key; the oldest keys are forgotten."""

    rate: float
    burst: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, key: str, now: float) -> float:
        """Use a try at ``now`` (seconds, any zero): 0, or how many seconds until there is one."""
        left, since = self._left.pop(key, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.rate)
        short = max(0.0, 1 - left)
        self._left[key] = (left if short else left - 1, now)
        if len(self._left) > MOST:
            self._left.popitem(last=False)
        return short / self.rate
