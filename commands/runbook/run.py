"""Running a runbook: the exact plan first, then what a person decides while it runs."""

from typing import Annotated, NamedTuple

from pydantic import Field

from commands.context import Context
from commands.runbook.shelf import named
from commands.runbook.shelf import planned as plan_for
from domain.actor import Role
from domain.args import Arg, Args, IncidentId
from domain.call import Reply
from domain.command import Grant, Words, command, held, planned
from domain.errors import Refused, Stale
from domain.guard import Guard
from domain.message import Actions, Button, Message, sentence
from domain.plan import Plan
from domain.ports import Place
from domain.run import Run, acts_outside, begun, guard_of
from domain.runbook_card import plan_message
from domain.runbook_plan import RunPlan, plan_of
from domain.service import Catalogue

# Who types a line for a program has --dry-run, and nothing to press.
PROGRAMS = ("api", "cli")
OFF = (
    "Nothing is carried out here for {team}: an admin turns it on for a team with"
    " execution.teams. Until then follow it by hand: /runbook show {runbook}."
)


class Start(Args):
    """Which runbook, and what it is told; ``confirm`` is the plan that was looked at, ``thread``
    where that was: an answer to one person has no thread that others read."""

    runbook: Annotated[
        str, Field(max_length=100, description="Which runbook"), Arg("word", positional=True)
    ]
    given: Annotated[
        str,
        Field(max_length=2000, description='host=db-3 reason="disk full"'),
        Arg("text", ("with",), positional=True),
    ] = ""
    incident: Annotated[IncidentId, Arg("incident", ("inc",))] = None
    confirm: Annotated[
        str, Field(max_length=64, description="7f3a9c…"), Arg("word", asked=False)
    ] = ""
    thread: Annotated[
        str, Field(max_length=100, description="Where others read along"), Arg("word", asked=False)
    ] = ""


class Wanted(NamedTuple):
    """A run that was asked for: its plan, whose it is, and the incident behind it."""

    plan: RunPlan
    team: str | None
    incident: str | None

    @property
    def agreed(self) -> Plan:
        """What somebody agrees to."""
        return plan_of(self.plan, self.incident, self.team)


async def preview(ctx: Context, args: Start) -> Plan:
    """The plan of `start`."""
    return (await _wanted(ctx, args)).agreed


async def waits(ctx: Context, args: Start) -> Guard | None:
    """What changes something waits for somebody else, by its class and environment."""
    return guard_of((await _wanted(ctx, args)).plan)


@held(waits)
@planned(preview)
@command(
    "runbook run",
    Grant(Role.RESPONDER, outside=True),
    examples=(
        "/runbook run minio-disk-full bucket=events",
        "/runbook run minio-disk-full --dry-run",
    ),
    words=Words(synonyms=("start",)),
    danger="confirm",
)
async def start(ctx: Context, args: Start) -> Reply:
    """Run a runbook; shows its exact plan first, and waits for an approval where it changes."""
    wanted = await _wanted(ctx, args)
    if ctx.call.dry_run:
        return Reply(message=plan_message(wanted.plan), data={"plan": wanted.plan.text})
    digest = wanted.agreed.digest
    asks = ctx.call.approved is None and ctx.call.origin.surface not in PROGRAMS
    if asks and args.confirm != digest:
        return await _shown(ctx, args, wanted)
    run = await _release(ctx, args, wanted)
    text = f"{run.id} begins: {len(run.steps)} steps on {run.target}."
    return Reply(message=sentence(text), data={"id": run.id, "status": run.status})


async def _wanted(ctx: Context, args: Start) -> Wanted:
    """Raises what stands against it, as a sentence."""
    runbook = await named(ctx, args.runbook)
    service = Catalogue(await ctx.unit.catalog.services.where()).named(runbook.service or "")
    team = service.team if service else None
    ctx.about(team)
    plan = await plan_for(ctx, runbook, args.given)
    if acts_outside(plan) and not ctx.unit.installation.executes(team):
        raise Refused(OFF.format(team=team or "runbooks without a team", runbook=runbook.id))
    return Wanted(plan, team, await _behind(ctx, args))


async def _behind(ctx: Context, args: Start) -> str | None:
    """The incident it is for: named, or the room's."""
    name = args.incident or ctx.call.origin.incident
    if name is None:
        return None
    return (await ctx.unit.incidents.readable(name, ctx.actor.user)).id


async def _shown(ctx: Context, args: Start, wanted: Wanted) -> Reply:
    """Nothing is done yet: the button makes the call of exactly this plan."""
    if args.confirm:
        raise Stale("What it would do has changed since: type /runbook run again and look.")
    told = {name: value for name, value in args.model_dump(mode="json").items() if value}
    told |= {"confirm": wanted.agreed.digest, "thread": ctx.call.origin.thread or ""}
    made = await ctx.unit.calls.store("runbook run", told)
    go = Button(id=made, label=f"Run {wanted.plan.runbook}"[:75], style="primary")
    shown = plan_message(wanted.plan)
    message = Message(nodes=(*shown.nodes, Actions(buttons=(go,))))
    return Reply(message=message, refused="confirm", data={"plan": wanted.plan.text})


async def _release(ctx: Context, args: Start, wanted: Wanted) -> Run:
    """Write down what will be, and owe the rest."""
    unit, plan = ctx.unit, wanted.plan
    number = await unit.numbers.next("RUN")
    run = Run(
        id=f"RUN-{number}",
        number=number,
        runbook=plan.runbook,
        plan=plan,
        team=wanted.team,
        by=ctx.person,
        approval=ctx.call.approved,
        incident=wanted.incident,
        place=_place(ctx, args),
        steps=begun(plan),
        started_at=ctx.now,
    )
    await unit.runs.need_free(run.target)
    await unit.runs.release(run)
    return run


def _place(ctx: Context, args: Start) -> Place | None:
    """Where others read along who saw it being asked for."""
    origin = ctx.call.origin
    if origin.room is None or origin.direct or origin.surface in (*PROGRAMS, "web", "job"):
        return None
    thread = (args.thread or None) if args.confirm else origin.thread
    return Place(platform=origin.surface, room=origin.room, thread=thread)
