"""Which steps of a policy an incident gets: by severity, service, hours of the week, and turn.

All of it is settled when the policy is triggered, with the step's own planned time, so that what is
frozen is what will ring. How many alerts came is known once what came together has been counted,
which is when the first step is rung; what is settled then has no conditions any more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from domain.base import Frozen
from domain.escalation import AlertRate, Condition, EscalationPolicy, Step, Target
from domain.restriction import windows
from domain.severity import Severity
from domain.when import in_words

INSTANT = timedelta(minutes=1)


class Matter(Frozen):
    """What a policy is triggered for; ``turn`` counts how often it was, from 1.

    ``alerts`` are the times at which alerts of its service began, and ``since`` when the policy was
    triggered; None where they are not counted yet.
    """

    severity: Severity
    service: str | None = None
    turn: int = 1
    alerts: tuple[AwareDatetime, ...] | None = None
    since: AwareDatetime | None = None


def settled(policy: EscalationPolicy, matter: Matter, at: datetime) -> EscalationPolicy:
    """The policy with the steps that apply; where none does, its end comes at once."""
    steps = tuple(one for one, _ in _steps(policy, matter, at) if one)
    last = policy.last_resort or (Target(kind="team", id=policy.team),)
    return policy.model_copy(update={"steps": steps or (Step(targets=last),)})


def left_out(policy: EscalationPolicy, matter: Matter, at: datetime) -> tuple[str, ...]:
    """Which steps do not apply, and why: ``step 2: only for SEV1``."""
    told = (why for _, why in _steps(policy, matter, at))
    return tuple(f"step {n}: {why}" for n, why in enumerate(told, 1) if why)


def longest_count(policy: EscalationPolicy) -> timedelta | None:
    """How far back the alerts of its service are to be counted; None where it asks for none."""
    asked = [one.when.alerts.within for one in policy.steps if one.when and one.when.alerts]
    return max(asked, default=None)


def _steps(
    policy: EscalationPolicy, matter: Matter, at: datetime
) -> Iterator[tuple[Step | None, str]]:
    """Each step as it will be, and why it is another than was written."""
    for step in policy.steps:
        why = unmet(step.when, matter, at) if step.when else ""
        targets = step.otherwise if why else step.targets
        made = _made(step, targets, matter) if targets else None
        yield made, why
        at += made.delay if made else timedelta()


def _made(step: Step, targets: tuple[Target, ...], matter: Matter) -> Step:
    """The step without conditions, but for that of a count which is still to come."""
    turn = matter.turn if step.round_robin else None
    plain = Step(targets=_in_turn(targets, turn), delay=step.delay)
    waits = step.when and step.when.alerts and matter.alerts is None and targets is step.targets
    if not waits or not step.when:
        return plain
    left = {
        "when": Condition(alerts=step.when.alerts),
        "otherwise": _in_turn(step.otherwise, turn),
    }
    return plain.model_copy(update=left)


def _in_turn(targets: tuple[Target, ...], turn: int | None) -> tuple[Target, ...]:
    if turn is None or not targets:
        return targets
    return (targets[(turn - 1) % len(targets)],)


def described(condition: Condition) -> str:
    """For which incidents a step is: ``only SEV2 and worse, of shop, in its hours``."""
    parts = [f"{condition.severity} and worse"] if condition.severity else []
    parts += [f"of {', '.join(condition.services)}"] if condition.services else []
    parts += [f"in its hours ({condition.timezone})"] if condition.hours else []
    parts += [_rate(condition.alerts)] if condition.alerts else []
    return f"only {', '.join(parts)}" if parts else "always"


def unmet(condition: Condition, matter: Matter, at: datetime) -> str:
    """Why the condition does not hold; empty where it does."""
    if condition.severity and condition.severity.worse_than(matter.severity):
        return f"only for {condition.severity} and worse"
    if condition.services and matter.service not in condition.services:
        return f"only for {', '.join(condition.services)}"
    if condition.hours and not windows(condition.hours, condition.timezone, at, at + INSTANT):
        return f"only in its hours ({condition.timezone})"
    return _too_few(condition.alerts, matter, at) if condition.alerts else ""


def _too_few(rate: AlertRate, matter: Matter, at: datetime) -> str:
    """Why the rate is not met; what is not counted yet is."""
    if matter.alerts is None:
        return ""
    since = (matter.since or at) - rate.within
    count = sum(1 for one in matter.alerts if one >= since)
    return "" if count >= rate.at_least else f"only {_rate(rate)}, and there were {count}"


def _rate(rate: AlertRate) -> str:
    alerts = "alert" if rate.at_least == 1 else "alerts"
    return f"with {rate.at_least} {alerts} in {in_words(rate.within)}"
