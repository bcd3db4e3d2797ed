"""Whether somebody's Slack keeps silent: scheduled Do Not Disturb, or notifications paused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from integrations.chat.slack.api import Refused, SlackApi

FRESH_S = 60.0
# An admin may add the scope later; nobody is asked for it with every page until then.
WITHOUT_SCOPE_S = 3600.0
MOST_KEPT = 20_000


class DndTimes(NamedTuple):
    """What Slack said of an account at an instant: silent within which Unix seconds."""

    at: float
    spans: tuple[tuple[float, float], ...]


@dataclass
class SlackSilence:
    """Asks ``dnd.info``, once a minute for an account; ``seconds`` is the wall clock in Unix
    seconds. Without the scope nobody is known to be silent."""

    api: SlackApi
    seconds: Callable[[], float]
    without_scope_until: float = 0.0
    _told: dict[str, DndTimes] = field(default_factory=dict)

    async def of(self, account: str) -> bool:
        """Whether the account's devices are silent now. Raises `Retry` and `Permanent`."""
        now = self.seconds()
        known = self._told.get(account)
        if known is None or now - known.at >= FRESH_S:
            known = await self._asked(account, now)
        return any(start <= now < end for start, end in known.spans)

    async def _asked(self, account: str, now: float) -> DndTimes:
        if now < self.without_scope_until:
            return DndTimes(now, ())
        try:
            answer = await self.api.ask(lambda slack: slack.dnd_info(user=account))
        except Refused as refused:
            if refused.code != "missing_scope":
                raise
            self.without_scope_until = now + WITHOUT_SCOPE_S
            return DndTimes(now, ())
        if len(self._told) >= MOST_KEPT:
            del self._told[next(iter(self._told))]
        self._told[account] = DndTimes(now, tuple(_spans(answer)))
        return self._told[account]


def _spans(answer: dict[str, Any]) -> list[tuple[float, float]]:
    """The next scheduled time, and the pause that goes on; what is not said is not silent."""
    found = []
    if answer.get("dnd_enabled"):
        start, end = answer.get("next_dnd_start_ts"), answer.get("next_dnd_end_ts")
        found.append((_number(start), _number(end)))
    if answer.get("snooze_enabled"):
        found.append((0.0, _number(answer.get("snooze_endtime"))))
    return found


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
