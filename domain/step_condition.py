"""Which steps of a policy an incident gets: by severity, service, hours of the week, and turn.

All of it is settled when the policy is triggered, with the step's own planned time, so that what is
frozen is what will ring. What is settled has no conditions any more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.escalation import Condition, EscalationPolicy, Step, Target
from domain.restriction import windows
from domain.severity import Severity

INSTANT = timedelta(minutes=1)


class Matter(Frozen):
    """What a policy is triggered for; ``turn`` counts how often it was, from 1."""

    severity: Severity
    service: str | None = None
    turn: int = 1


def settled(policy: EscalationPolicy, matter: Matter, at: datetime) -> EscalationPolicy:
    """The policy with the steps that apply; where none does, its end comes at once."""
    steps = tuple(one for one, _ in _steps(policy, matter, at) if one)
    last = policy.last_resort or (Target(kind="team", id=policy.team),)
    return policy.model_copy(update={"steps": steps or (Step(targets=last),)})


def left_out(policy: EscalationPolicy, matter: Matter, at: datetime) -> tuple[str, ...]:
    """Which steps do not apply, and why: ``step 2: only for SEV1``."""
    told = (why for _, why in _steps(policy, matter, at))
    return tuple(f"step {n}: {why}" for n, why in enumerate(told, 1) if why)


def _steps(
    policy: EscalationPolicy, matter: Matter, at: datetime
) -> Iterator[tuple[Step | None, str]]:
    """Each step as it will be, and why it is another than was written."""
    for step in policy.steps:
        why = unmet(step.when, matter, at) if step.when else ""
        targets = step.otherwise if why else step.targets
        made = _plain(step, targets, matter.turn) if targets else None
        yield made, why
        at += made.delay if made else timedelta()


def _plain(step: Step, targets: tuple[Target, ...], turn: int) -> Step:
    if step.round_robin:
        targets = (targets[(turn - 1) % len(targets)],)
    return Step(targets=targets, delay=step.delay)


def described(condition: Condition) -> str:
    """For which incidents a step is: ``only SEV2 and worse, of shop, in its hours``."""
    parts = [f"{condition.severity} and worse"] if condition.severity else []
    parts += [f"of {', '.join(condition.services)}"] if condition.services else []
    parts += [f"in its hours ({condition.timezone})"] if condition.hours else []
    return f"only {', '.join(parts)}" if parts else "always"


def unmet(condition: Condition, matter: Matter, at: datetime) -> str:
    """Why the condition does not hold; empty where it does."""
    if condition.severity and condition.severity.worse_than(matter.severity):
        return f"only for {condition.severity} and worse"
    if condition.services and matter.service not in condition.services:
        return f"only for {', '.join(condition.services)}"
    if condition.hours and not windows(condition.hours, condition.timezone, at, at + INSTANT):
        return f"only in its hours ({condition.timezone})"
    return ""
