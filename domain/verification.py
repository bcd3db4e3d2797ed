"""Whether a rollback has helped: what is watched for a while after the pipeline said done.

That is the alerts that fired when it began, alerts that begin since, and the service's probes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from domain.base import Frozen
from domain.deployment import UNDER_WAY, Deployment
from domain.probe import Probe

EVERY = timedelta(seconds=15)
IN_A_ROW = 3
BLIND = "nothing was watched: no alert fired before, no probe is declared"
MOST_NAMED = 3
Verdict = Literal["watching", "good", "bad", "kept", "undone", "overtaken"]


class Look(Frozen):
    """What was seen: how many of the alerts that fired before still do, which began since, and
    what was wrong of the probes."""

    firing: int = 0
    anew: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()


class Verification(Frozen):
    """``fired`` alerts fired before. ``misses`` counts the last looks at which a probe failed, one
    after another. ``verdict`` is what came of it at ``decided_at``, ``why`` in words; ``warned``
    that it was bad once, whatever was decided since."""

    since: datetime
    until: datetime
    fired: int = 0
    probes: tuple[Probe, ...] = ()
    look: Look | None = None
    misses: int = 0
    verdict: Verdict = "watching"
    why: str = ""
    by: str = ""
    decided_at: datetime | None = None
    warned: bool = False

    @property
    def undecided(self) -> bool:
        """Whether a person can still say that it stays."""
        return self.verdict in ("watching", "good", "bad")

    def being(self, verdict: Verdict, now: datetime, why: str = "", by: str = "") -> "Verification":
        """With what came of it."""
        told = {"verdict": verdict, "why": why, "by": by, "decided_at": now}
        return self.model_copy(update=told | {"warned": self.warned or verdict == "bad"})

    @property
    def figures(self) -> str:
        """What was seen last, in numbers."""
        told = []
        look = self.look or Look(firing=self.fired)
        if self.fired or look.firing or look.anew:
            told.append(f"alerts {self.fired} → {look.firing + len(look.anew)}")
        if self.probes and self.look:
            good = len(self.probes) - len(look.failing)
            told.append(f"probes {good} of {len(self.probes)} good")
        return ", ".join(told)


def seen(before: Verification, look: Look, now: datetime) -> Verification:
    """The verification after one more look."""
    misses = before.misses + 1 if look.failing else 0
    after = before.model_copy(update={"look": look, "misses": misses})
    if wrong := _wrong(after, look, over=now >= before.until):
        return after.being("bad", now, wrong)
    if now < before.until:
        return after
    return after.being("good", now, "" if after.fired or after.probes else BLIND)


def _wrong(watched: Verification, look: Look, *, over: bool) -> str:
    """Why it is not well, as far as can be said now: what begins anew is, a probe that fails once
    may still be starting, and what fired before has the whole window to end."""
    if look.anew:
        return f"{_named(look.anew)} began to fire since"
    if look.failing and (over or watched.misses >= IN_A_ROW):
        return _named(look.failing)
    if look.firing and over:
        return f"{look.firing} of {watched.fired} alerts still fire"
    return ""


def overtaken(
    there: Iterable[Deployment], rollback: str, service: str, since: datetime
) -> Deployment | None:
    """What went out on the target of a rollback since, or is about to."""
    later = [
        one
        for one in there
        if one.service == service and one.id != rollback and one.started_at >= since
        and one.status in (*UNDER_WAY, "success")
    ]  # fmt: skip
    return max(later, key=lambda one: one.started_at, default=None)


def _named(told: tuple[str, ...]) -> str:
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return ", ".join(told[:MOST_NAMED]) + more
