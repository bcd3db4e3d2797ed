"""``/policies``: each escalation policy as a line of steps, and what one would do at some time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from domain.base import Frozen
from domain.call import Reply
from domain.escalation import EscalationPolicy, Target
from domain.message import Context, Option, Spans, Text
from domain.plain import plain
from domain.projection import Projected, Roll, called
from domain.severity import Severity
from domain.step_condition import described
from storage.views import catalog
from storage.views.listing import Cut
from storage.views.roll import roll, turns
from web.pages.calendar_ways import named
from web.pages.models import Person
from web.pages.rows import lasting, options
from web.pages.visit import Visit

PATH = "/policies"
TITLE = "Escalation policies"
UNDER = "oncall"

EVERY = Cut(limit=500)


class Query(Frozen):
    """What is supposed: what breaks, how badly, when; texts as they were typed."""

    target: str = ""
    severity: str = Severity.SEV2
    at: str = ""


class Aim(Frozen):
    """Somebody or something that a step rings, and who that is right now; ``url`` leads there."""

    kind: str
    name: str
    people: tuple[Person, ...]
    turn: bool = False
    url: str = ""


class Stage(Frozen):
    """A step of the line: ``when`` after the trigger; for whom it is; whom else it rings."""

    title: str
    when: str
    aims: tuple[Aim, ...]
    how: str = ""
    condition: str = ""
    otherwise: tuple[Aim, ...] = ()


class PolicyLine(Frozen):
    """A policy, its steps and its end."""

    id: str
    name: str
    team: str
    stages: tuple[Stage, ...]
    repeats: str
    end: Stage
    ack: str
    simulate: str


class Foreseen(Frozen):
    """A step that would come."""

    at: datetime
    step: str
    people: tuple[tuple[str, str], ...]
    told: tuple[str, ...]


class Simulation(Frozen):
    """What would happen: ``refused`` where what was typed cannot be supposed."""

    title: str
    lines: tuple[Spans, ...]
    steps: tuple[Foreseen, ...]
    remarks: tuple[Spans, ...]
    refused: str


class PoliciesPage(Frozen):
    """Every policy; ``zone`` names the clock by which times are typed."""

    policies: tuple[PolicyLine, ...]
    targets: tuple[tuple[str, tuple[Option, ...]], ...]
    severities: tuple[Option, ...]
    query: Query
    zone: str
    simulation: Simulation | None


async def page(visit: Visit) -> PoliciesPage:
    """The policies, and an answer where something is supposed."""
    wanted, scope = visit.wanted(Query), visit.scope
    known = (await catalog.policies(scope, EVERY)).items
    services = (await catalog.services(scope, EVERY)).items
    drawing = Drawing(await roll(scope), visit.now, await turns(scope))
    return PoliciesPage(
        policies=tuple(drawing.line(one) for one in known),
        targets=(
            ("Services", tuple(Option(value=one.id, label=one.id) for one in services)),
            ("Policies", tuple(Option(value=f"policy:{one.id}", label=one.name) for one in known)),
        ),
        severities=options(*(str(one) for one in Severity)),
        query=wanted,
        zone=named(visit.actor.timezone, visit.now),
        simulation=await _simulation(visit, wanted) if wanted.target else None,
    )


@dataclass(frozen=True)
class Drawing:
    """How policies are drawn: by who can be rung at an instant, and how often each has begun."""

    roll: Roll
    at: datetime
    turns: dict[str, int]

    def line(self, policy: EscalationPolicy) -> PolicyLine:
        """One policy."""
        length = sum((one.delay for one in policy.steps), start=timedelta())
        ends = policy.last_resort or (Target(kind="team", id=policy.team),)
        repeats = policy.repeats
        return PolicyLine(
            id=policy.id,
            name=policy.name,
            team=policy.team,
            stages=tuple(self._stages(policy)),
            repeats=f"all of it {repeats} {'time' if repeats == 1 else 'times'} more"
            if repeats
            else "",
            end=Stage(
                title="Last resort",
                when=_when(length * (repeats + 1)),
                aims=self._aims(ends),
                how=f"every {lasting(policy.repeat_every)} until somebody acks",
            ),
            ack=lasting(policy.ack_timeout),
            simulate=f"{PATH}?{urlencode({'target': f'policy:{policy.id}'})}#simulation",
        )

    def _stages(self, policy: EscalationPolicy) -> Iterator[Stage]:
        after = timedelta()
        for number, step in enumerate(policy.steps, 1):
            turn = self.turns.get(policy.id, 0) if step.round_robin else None
            yield Stage(
                title=f"Step {number}",
                when=_when(after),
                aims=self._aims(step.targets, turn),
                how="one of them, in turn" if step.round_robin else "",
                condition=described(step.when) if step.when else "",
                otherwise=self._aims(step.otherwise),
            )
            after += step.delay

    def _aims(self, targets: Sequence[Target], turn: int | None = None) -> tuple[Aim, ...]:
        following = targets[turn % len(targets)] if turn is not None and targets else None
        return tuple(self._aim(one, turn=one is following) for one in targets)

    def _aim(self, one: Target, *, turn: bool) -> Aim:
        rung = self.roll.behind(one, self.at)
        return Aim(
            kind=one.kind,
            name=self._name(one),
            people=tuple(Person(id=each.user, name=each.name) for each in rung),
            turn=turn,
            url=f"/oncall/{one.id}" if one.kind == "schedule" else "",
        )

    def _name(self, one: Target) -> str:
        if one.kind == "user":
            found = self.roll.people.get(one.id)
            return found.name if found else one.id
        if one.kind == "schedule":
            schedule = self.roll.schedules.get(one.id)
            return schedule.name if schedule else one.id
        return called(one)


async def _simulation(visit: Visit, wanted: Query) -> Simulation:
    """As `/whatif` answers, drawn."""
    reply = await visit.answer("page whatif", {k: v for k, v in wanted if v})
    texts = [one.spans for one in reply.message.nodes if isinstance(one, Text)]
    remarks = [one.spans for one in reply.message.nodes if isinstance(one, Context)]
    return Simulation(
        title=f"If {wanted.target.removeprefix('policy:')} breaks with {wanted.severity}",
        lines=tuple(texts) if not reply.refused else (),
        steps=tuple(_foreseen(reply)),
        remarks=tuple(remarks),
        refused=plain(reply.message).partition("\n")[0] if reply.refused else "",
    )


def _foreseen(reply: Reply) -> Iterator[Foreseen]:
    told = reply.data if isinstance(reply.data, dict) else {}
    for one in map(Projected.model_validate, told.get("steps", ())):
        people = tuple((each.name, each.why) for each in one.rung)
        yield Foreseen(at=one.at, step=one.step, people=people, told=one.told)


def _when(after: timedelta) -> str:
    return f"After {lasting(after)}" if after else "At once"
