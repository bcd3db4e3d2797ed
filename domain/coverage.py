"""The coverage guard: what would hurt in the coming days, said while it can still be put right."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.escalation import EscalationPolicy, Target
from domain.message import Message, Text, spans
from domain.schedule import FinalShift, Schedule, final_shifts, gaps

AHEAD = timedelta(days=14)
SHOWN = 10


class People(Frozen):
    """Who is there: the active, each with their team; and why no page would wake some."""

    active: Mapping[str, str | None]
    asleep: Mapping[str, str] = {}
    names: Mapping[str, str] = {}

    def name(self, user: str) -> str:
        """What people call them."""
        return self.names.get(user, user)


class Risk(Frozen):
    """Something that would hurt: ``key`` stays the same while it is the same."""

    key: str
    team: str
    text: str


def risks(
    schedules: tuple[Schedule, ...],
    policies: tuple[EscalationPolicy, ...],
    people: People,
    now: datetime,
) -> tuple[Risk, ...]:
    """Of schedules that some policy rings: gaps, people who have left, people no page wakes; and
    steps that ring nobody."""
    rung = {one.id for policy in policies for one in _targets(policy) if one.kind == "schedule"}
    found = [risk for one in schedules if one.id in rung for risk in _schedule(one, people, now)]
    by_id = {one.id: one for one in schedules}
    return (*found, *(risk for one in policies for risk in _policy(one, people, by_id)))


def coverage_notice(found: tuple[Risk, ...]) -> Message:
    """What whoever leads the team is told."""
    more = [f"and {len(found) - SHOWN} more: tocsin doctor"] if len(found) > SHOWN else []
    lines = [*(one.text for one in found[:SHOWN]), *more]
    head = Text(spans=spans("Before it hurts, on call in the next two weeks:"))
    return Message(nodes=(head, *(Text(spans=spans(f"• {line}")) for line in lines)))


def _schedule(schedule: Schedule, people: People, now: datetime) -> Iterator[Risk]:
    for gap in gaps(schedule, now, now + AHEAD):
        told = f"{schedule.name}: nobody from {gap.starts:%a %d %b %H:%M} to "
        told += f"{gap.ends:%a %d %b %H:%M} UTC"
        # one that has begun stays the same, however far one looks ahead
        since = gap.starts.isoformat() if gap.starts > now else "now"
        key = f"{schedule.id}:gap:{since}"
        yield Risk(key=key, team=schedule.team, text=told)
    shifts = final_shifts(schedule, now, now + AHEAD)
    for user in dict.fromkeys(one.user for one in shifts):
        if why := _why_not(user, people):
            told = f"{schedule.name}: {people.name(user)} {why}, {_from(shifts, user, now)}"
            yield Risk(key=f"{schedule.id}:{user}:{why}", team=schedule.team, text=told)


def _why_not(user: str, people: People) -> str:
    """Why somebody would not hear a page; empty where they would."""
    if user not in people.active:
        return "has left"
    return f"is {people.asleep[user]}" if user in people.asleep else ""


def _from(shifts: tuple[FinalShift, ...], user: str, now: datetime) -> str:
    first = min(one.starts for one in shifts if one.user == user)
    return (
        "and is on call now" if first <= now else f"and is on call from {first:%a %d %b %H:%M} UTC"
    )


def _policy(
    policy: EscalationPolicy, people: People, schedules: Mapping[str, Schedule]
) -> Iterator[Risk]:
    for number, step in enumerate(policy.steps, 1):
        if not any(target.rings for target in step.targets):
            continue  # it only tells channels and webhooks, as it was written
        if not any(_is_somebody(one, people, schedules) for one in step.targets):
            told = f"{policy.name}: step {number} rings nobody"
            yield Risk(key=f"{policy.id}:step:{number}", team=policy.team, text=told)


def _is_somebody(target: Target, people: People, schedules: Mapping[str, Schedule]) -> bool:
    if target.kind == "user":
        return target.id in people.active
    if target.kind == "team":
        return target.id in people.active.values()
    found = schedules.get(target.id) if target.rings else None
    return found is not None and any(one in people.active for one in found.people)


def _targets(policy: EscalationPolicy) -> tuple[Target, ...]:
    return (*(one for step in policy.steps for one in step.targets), *policy.last_resort)
