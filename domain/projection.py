"""What a policy will do if nobody answers: each step, when, whom it rings, and why them.

The same rules as the escalation itself, over what is known now; nothing is sent.
"""

from collections.abc import Mapping
from datetime import datetime

from domain.base import Frozen
from domain.escalation import EscalationPolicy, Round, Target, due_after, round_at
from domain.schedule import OnCall, Schedule, on_call

MOST = 30


class Member(Frozen):
    """An active person, and the team they are in."""

    name: str
    team: str | None = None
    admin: bool = False


class Roll(Frozen):
    """Who can be rung: schedules by their id, and every active person."""

    schedules: Mapping[str, Schedule]
    people: Mapping[str, Member]

    def behind(self, target: Target, at: datetime) -> tuple["Rung", ...]:
        """The active people that ``target`` means at ``at``, each with the reason."""
        if target.kind == "schedule":
            found = self.schedules.get(target.id)
            return self._known(
                {one.user: _duty(one) for one in on_call(found, at)} if found else {}
            )
        if not target.rings:
            return ()
        if target.kind == "team":
            members = [user for user, one in self.people.items() if one.team == target.id]
            return self._known(dict.fromkeys(sorted(members), f"in team {target.id}"))
        return self._known({target.id: "named by the policy"})

    def admins(self) -> tuple["Rung", ...]:
        """Who is asked when nobody else is there."""
        found = [user for user, one in self.people.items() if one.admin]
        return self._known(dict.fromkeys(sorted(found), "an admin, and nobody is on call"))

    def _known(self, reasons: Mapping[str, str]) -> tuple["Rung", ...]:
        return tuple(
            Rung(user=user, name=self.people[user].name, why=why)
            for user, why in reasons.items()
            if user in self.people
        )


class Rung(Frozen):
    """Somebody a step rings; ``why`` names the schedule's layer, or the override."""

    user: str
    name: str
    why: str


class Projected(Frozen):
    """A step that is to come; nobody in ``rung`` means that the next follows at once.

    ``told`` are the channels and webhooks that hear of it.
    """

    at: datetime
    step: str
    rung: tuple[Rung, ...]
    exhausted: bool
    told: tuple[str, ...] = ()


def project(policy: EscalationPolicy, n: int, due: datetime, roll: Roll) -> tuple[Projected, ...]:
    """Step ``n``, due at ``due``, and those after it, to the first round of the last resort."""
    found: list[Projected] = []
    while len(found) < MOST:
        one = round_at(policy, n, due)
        rung = _rung(one, roll)
        told = tuple(called(target) for target in one.targets if not target.rings)
        step = Projected(at=due, step=one.reason, rung=rung, exhausted=one.exhausted, told=told)
        found.append(step)
        if one.exhausted:
            break
        due = due_after(policy, n, due) if rung else due
        n += 1
    return tuple(found)


def called(target: Target) -> str:
    """A channel or webhook by name: ``channel ops``."""
    return f"{target.kind} {target.id}"


def _rung(one: Round, roll: Roll) -> tuple[Rung, ...]:
    """Each once, as the first target that means them says."""
    found: dict[str, Rung] = {}
    for target in one.targets:
        for person in roll.behind(target, one.due):
            found.setdefault(person.user, person)
    return tuple(found.values()) or (roll.admins() if one.exhausted else ())


def _duty(one: OnCall) -> str:
    until = f" until {one.until:%a %H:%M} UTC" if one.until else ""
    return f"{one.reason}{until}"
