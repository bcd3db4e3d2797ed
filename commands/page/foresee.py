"""What would happen: whom an incident would ring, and when; nothing is sent."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.page.whom import organisation, policy_of
from domain.actor import Role, Scope
from domain.args import Arg, Args, SeverityArg, WhenArg
from domain.base import Frozen
from domain.call import Reply
from domain.classify import Classification
from domain.command import Grant, Words, command
from domain.escalation import EscalationPolicy
from domain.message import Context as Remark
from domain.message import Header, Message, Node, Table, Text, bold, moment, spans
from domain.noise import quiet
from domain.projection import Projected, Roll, Rung, project
from domain.rest import low_time
from domain.routing import route
from domain.severity import Severity
from domain.step_condition import Matter, left_out, longest_count, settled
from domain.urgency import URGENCY, Urgency
from storage.views.roll import roll, turns


class Supposed(Args):
    """What breaks, how badly, and when."""

    target: Annotated[
        str,
        Field(
            min_length=1,
            max_length=100,
            description="A service, team or policy",
        ),
        Arg("target", positional=True),
    ]
    severity: Annotated[
        SeverityArg,
        Field(description="SEV2"),
        Arg("severity", ("sev",), positional=True),
    ] = Severity.SEV2
    at: Annotated[
        WhenArg | None, Field(description="sat 03:00; now where empty"), Arg("when", ("when",))
    ] = None


class Course(Frozen):
    """By which rule, how urgent, and the policy that would ring; ``held`` says why nobody is."""

    rule: str
    urgency: Urgency
    policy: EscalationPolicy
    held: str = ""
    service: str | None = None


@command(
    "page whatif",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/page whatif trino", '/whatif trino sev:2 at:"sat 03:00"'),
    words=Words(synonyms=("simulate",), roots=("whatif",)),
)
async def whatif(ctx: Context, args: Supposed) -> Reply:
    """Say whom an incident would ring, when and why; nothing is sent."""
    at = args.at or ctx.now
    course = await _course(ctx, args, at)
    roll = await roll_of(ctx)
    matter = await _matter(ctx, args, course, at)
    steps = project(settled(course.policy, matter, at), 0, at, roll)
    passed = left_out(course.policy, matter, at)
    told = [Header(text=f"If {args.target} breaks with {args.severity}"), _rule(course, at)]
    told += await _answer(ctx, course, steps)
    return Reply(
        message=Message(nodes=(*told, *_remarks(passed))),
        data={
            "policy": course.policy.id,
            "urgency": course.urgency,
            "held": course.held,
            "rule": course.rule,
            "left_out": list(passed),
            "steps": [one.model_dump(mode="json") for one in steps] if _rings(course) else [],
        },
    )


async def _matter(ctx: Context, args: Supposed, course: Course, at: datetime) -> Matter:
    """What the policy would be triggered for, with the alerts of the service as they are."""
    reach = longest_count(course.policy)
    counted = await ctx.unit.alerts.begun(course.service, None, at - reach) if reach else ()
    return Matter(
        severity=args.severity,
        service=course.service,
        turn=(await turns(ctx.unit.scope)).get(course.policy.id, 0) + 1,
        alerts=counted,
        since=at,
    )


def _remarks(passed: tuple[str, ...]) -> tuple[Remark, ...]:
    """Steps that do not apply, and that it was only a question."""
    told = (f"Left out: {one}." for one in passed)
    return tuple(Remark(spans=spans(one)) for one in (*told, "Nothing was sent."))


async def _course(ctx: Context, args: Supposed, at: datetime) -> Course:
    """As the triage of an alert would decide; a team or policy is rung as it stands."""
    word = args.target.removeprefix("@").lower()
    if word.startswith(POLICY):
        policy = await ctx.unit.catalog.policies.need(word.removeprefix(POLICY))
        return Course(rule=NAMED, urgency=URGENCY[args.severity], policy=policy)
    catalogue = (await organisation(ctx)).catalogue
    service = catalogue.named(word)
    if service is None:
        policy = await policy_of(ctx, word)
        return Course(rule=NAMED, urgency=URGENCY[args.severity], policy=policy)
    known = {"service": service.id, "severity": args.severity.value.lower()}
    routes, default = await ctx.unit.catalog.routes.where(), ctx.unit.installation.default_policy
    read = _classified(args.severity, service.id)
    found = route(known, read, routes, catalogue, default)
    held = quiet(known, "", await ctx.unit.alerts.silences(), at)
    return Course(
        rule=found.reason,
        urgency=found.urgency,
        policy=await ctx.unit.catalog.policy_or_admins(found.policy),
        held=held.reason if held else "",
        service=service.id,
    )


def _classified(severity: Severity, service: str) -> Classification:
    return Classification(
        severity=severity,
        urgency=URGENCY[severity],
        service=service,
        category="other",
        symptoms=(),
        reasons={},
    )


async def roll_of(ctx: Context) -> Roll:
    """Everybody who can be rung, as things stand now."""
    return await roll(ctx.unit.scope)


def _rule(course: Course, at: datetime) -> Node:
    named = f", by {course.policy.name}, {course.urgency} urgency: {course.rule}."
    return Text(spans=spans("At ", moment(at), named))


def _rings(course: Course) -> bool:
    return not course.held and course.urgency == "high"


async def _answer(ctx: Context, course: Course, steps: tuple[Projected, ...]) -> list[Node]:
    if course.held:
        return [Text(spans=spans(bold("Nobody is rung"), f": {course.held}"))]
    if course.urgency == "none":
        return [Text(spans=spans(bold("Nobody is rung"), ": it is only listed."))]
    if course.urgency == "low":
        quietly = [await _quietly(ctx, one, steps[0].at) for one in steps[0].rung]
        return [Text(spans=spans(line)) for line in quietly or ["Nobody is on call: the admins."]]
    return [steps_table(steps), *await _sleepers(ctx, steps)]


async def _quietly(ctx: Context, one: Rung, at: datetime) -> str:
    person = await ctx.unit.people.need(one.user)
    when = low_time(at, person.quiet_hours, person.timezone)
    return f"One quiet page to {one.name} at {when:%a %d %b %H:%M} UTC: {one.why}."


def steps_table(steps: tuple[Projected, ...]) -> Table:
    """Each step, when it is due, and whom it rings by which layer or override."""
    rows = [
        (f"{one.at:%a %H:%M}", one.step, person.name, person.why)
        for one in steps
        for person in (*(_told(name) for name in one.told), *(one.rung or (NOBODY,)))
    ]
    return Table(head=("at (UTC)", "step", "who", "why"), rows=tuple(rows))


def _told(name: str) -> Rung:
    return Rung(user="", name=name, why="told beside people: it reaches nobody by itself")


async def _sleepers(ctx: Context, steps: tuple[Projected, ...]) -> list[Node]:
    names = {person.user: person.name for one in steps for person in one.rung}
    found = await ctx.unit.roster.asleep(names)
    return [Remark(spans=spans(f"{names[user]} is {why}.")) for user, why in found.items()]


# Where a service or a team is called alike.
POLICY = "policy:"
NAMED = "that policy was asked for"
NOBODY = Rung(user="", name="nobody", why="nobody is on call there: the next step follows at once")
