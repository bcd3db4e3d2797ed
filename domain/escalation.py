"""Escalation: which step of a policy is due, and when the next one is.

A policy is frozen as a snapshot when it is triggered. Its steps are numbered ``n`` = 0, 1, 2, …
on through the repeats; every number after the last repeat is one round of the last resort, which
goes on until somebody acks. Each number has a fixed place on a grid of time, so an outage of any
length never moves a step and never skips one: it only makes steps late.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.base import Frozen
from domain.restriction import Restriction
from domain.severity import Severity
from domain.wall_clock import ZoneName

FIVE_MINUTES = timedelta(minutes=5)
ACK_TIMEOUT = timedelta(minutes=30)
Delay = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=7))]


class Target(Frozen):
    """Whom a step rings: a person, who is on call on a schedule, or all members of a team.

    A ``channel`` (a room's name) and a ``webhook`` (its name in the settings) are told beside
    people: nobody is reached by them alone.
    """

    kind: Literal["user", "schedule", "team", "channel", "webhook"]
    id: str

    @property
    def rings(self) -> bool:
        """Whether there are people behind it."""
        return self.kind not in ("channel", "webhook")


class AlertRate(Frozen):
    """``at_least`` so many alerts ``within`` so long before the policy was triggered."""

    at_least: int = Field(ge=1, le=10_000)
    within: Delay


class Condition(Frozen):
    """When a step applies: to a ``severity`` or worse, to these ``services``, in these ``hours`` of
    the week by the clock of ``timezone``, where so many ``alerts`` of the incident's service came.
    What is not said does not matter."""

    severity: Severity | None = None
    services: tuple[str, ...] = ()
    hours: tuple[Restriction, ...] = ()
    timezone: ZoneName = "UTC"
    alerts: AlertRate | None = None


class Step(Frozen):
    """Targets rung together; ``delay`` later the next step is due unless somebody acks.

    With ``round_robin`` one of them is rung, the next with each incident. Where ``when`` does not
    hold the targets are those of ``otherwise``; without any there is no such step.
    """

    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    delay: Delay = FIVE_MINUTES
    round_robin: bool = False
    when: Condition | None = None
    otherwise: tuple[Target, ...] = ()


class EscalationPolicy(Frozen):
    """All steps once, then ``repeats`` times more, then the last resort for ever.

    Without a ``last_resort`` of its own a policy ends at its team. Whoever acknowledges a SEV1 or
    SEV2 and then says nothing for ``ack_timeout`` is rung again.
    """

    id: str
    name: str
    team: str
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    repeats: int = Field(default=0, ge=0, le=100)
    last_resort: tuple[Target, ...] = ()
    repeat_every: Delay = FIVE_MINUTES
    ack_timeout: Delay = ACK_TIMEOUT


class Round(Frozen):
    """Step ``n`` with its place in the policy; ``step_index`` is None in the last resort."""

    n: int
    step_index: int | None
    due: AwareDatetime
    targets: tuple[Target, ...]
    exhausted: bool
    reason: str


class Advance(Frozen):
    """What is due now and what comes next.

    ``late`` is how long the first round has been due. ``exhausted`` is whether the last resort
    is among the rounds.
    """

    rounds: tuple[Round, ...]
    next_n: int
    next_due: AwareDatetime
    exhausted: bool
    late: timedelta
    reason: str


def advance(policy: EscalationPolicy, n: int, due: datetime, now: datetime) -> Advance:
    """The rounds that fell due from step ``n``, planned for ``due``, up to ``now``.

    After an outage each step is given once, at its first time, and of the last resort only the
    latest round; later passes over the same steps are folded into these. A clock that went
    back behind ``due`` counts as on time.
    """
    due = due.astimezone(UTC)
    now = max(now, due)
    start = due - _offset(policy, n)
    last = _number_at(policy, now - start)
    numbers = _numbers_to_ring(policy, n, last)
    rounds = tuple(round_at(policy, k, start + _offset(policy, k)) for k in numbers)
    return Advance(
        rounds=rounds,
        next_n=last + 1,
        next_due=start + _offset(policy, last + 1),
        exhausted=rounds[-1].exhausted,
        late=now - due,
        reason=_why(rounds, folded=last - n + 1 - len(rounds)),
    )


def round_at(policy: EscalationPolicy, n: int, due: datetime) -> Round:
    """Step ``n`` of the policy, planned for ``due``."""
    exhausted = n >= _planned_steps(policy)
    index = None if exhausted else n % len(policy.steps)
    return Round(
        n=n,
        step_index=index,
        due=due,
        targets=_last_resort(policy) if index is None else policy.steps[index].targets,
        exhausted=exhausted,
        reason=describe(policy, n),
    )


def due_after(policy: EscalationPolicy, n: int, due: datetime) -> datetime:
    """When step ``n + 1`` is due, where step ``n`` is due at ``due``."""
    return due + _offset(policy, n + 1) - _offset(policy, n)


def describe(policy: EscalationPolicy, n: int) -> str:
    """Step ``n`` in words, counted from one: ``step 2 of 3, repeat 1 of 2``."""
    planned = _planned_steps(policy)
    if n >= planned:
        return f"last resort, round {n - planned + 1}"
    repeat, index = divmod(n, len(policy.steps))
    step = f"step {index + 1} of {len(policy.steps)}"
    return f"{step}, repeat {repeat} of {policy.repeats}" if repeat else step


def _planned_steps(policy: EscalationPolicy) -> int:
    """How many numbers there are before the last resort."""
    return len(policy.steps) * (policy.repeats + 1)


def _last_resort(policy: EscalationPolicy) -> tuple[Target, ...]:
    return policy.last_resort or (Target(kind="team", id=policy.team),)


def _numbers_to_ring(policy: EscalationPolicy, n: int, last: int) -> list[int]:
    """One pass over the steps that came due, and the newest round of the last resort."""
    planned = _planned_steps(policy)
    steps = range(n, min(last + 1, planned, n + len(policy.steps)))
    return [*steps, last] if last >= planned else [*steps]


def _offset(policy: EscalationPolicy, n: int) -> timedelta:
    """How long after step 0 step ``n`` is due."""
    *starts, cycle = _grid(policy)
    if n >= (planned := _planned_steps(policy)):
        return (policy.repeats + 1) * cycle + (n - planned) * policy.repeat_every
    passes, index = divmod(n, len(starts))
    return passes * cycle + starts[index]


def _number_at(policy: EscalationPolicy, elapsed: timedelta) -> int:
    """The newest step due at ``elapsed`` after step 0; the inverse of ``_offset``."""
    *starts, cycle = _grid(policy)
    if elapsed >= (whole := (policy.repeats + 1) * cycle):
        return _planned_steps(policy) + (elapsed - whole) // policy.repeat_every
    passes, rest = divmod(elapsed, cycle)
    return passes * len(starts) + bisect_right(starts, rest) - 1


def _grid(policy: EscalationPolicy) -> list[timedelta]:
    """When each step of one pass is due, and at the end the length of the pass."""
    return list(accumulate((step.delay for step in policy.steps), initial=timedelta(0)))


def _why(rounds: tuple[Round, ...], folded: int) -> str:
    due = "due: " + "; ".join(one.reason for one in rounds)
    return f"{due} (with {folded} more rounds to the same people)" if folded else due
