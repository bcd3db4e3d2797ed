"""Rolling back: the preview first, always; then the pipeline, once."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from commands.context import Context
from domain.actor import Role
from domain.approval_card import capped
from domain.args import Arg, Args, IncidentId
from domain.call import Reply
from domain.command import Grant, Words, command, planned
from domain.deployment import Deployment
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.freeze import gate
from domain.message import Actions, Button, Code, Message, bold, sentence
from domain.page_card import counted
from domain.pipeline import Pipeline, way_back
from domain.plan import Plan
from domain.ports import Place
from domain.rollback import (
    OURS,
    Choice,
    Rollback,
    Way,
    choose,
    forgotten,
    need_current,
    plan_of,
    words_of,
)
from domain.server import route_to
from domain.service import Catalogue, Service

OFF = (
    "Nothing is carried out here: execution is off for this service's team until an admin turns it"
    " on. Roll back in the pipeline, and tell the others with /incident note."
)
ALONE = (
    "Nobody is named who approves rollbacks: ask an admin to name somebody with"
    ' /approval guard "rollback start" by:role:responder'
)
NO_WAY = (
    "No pipeline of {service} says how {environment} is rolled back: declare rollback among its"
    " pipelines. Roll back there, and tell the others with /incident note."
)


class Start(Args):
    """What to roll back where; ``confirm`` is the hash of the preview that was looked at,
    ``undoes`` the rollback that is taken back."""

    service: Annotated[
        str,
        Field(min_length=1, max_length=100, description="Which service"),
        Arg("service", positional=True),
    ]
    environment: Annotated[
        str,
        Field(min_length=1, max_length=50, description="prod"),
        Arg("word", ("env",), positional=True),
    ] = "prod"
    to: Annotated[
        str,
        Field(max_length=100, description="A version; the last good one when left out"),
        Arg("word", positional=True),
    ] = ""
    confirm: Annotated[
        str, Field(max_length=64, description="7f3a9c…"), Arg("word", asked=False)
    ] = ""
    undoes: Annotated[str, Field(max_length=30, description="DEP-14"), Arg("word", asked=False)] = (
        ""
    )
    incident: Annotated[IncidentId, Arg("incident", ("inc",))] = None


class Chosen(NamedTuple):
    """What a rollback is about: the service, the two deployments, the incident behind it."""

    service: Service
    choice: Choice
    incident: str | None
    way: Way | None
    undoes: str = ""

    @property
    def plan(self) -> Plan:
        """What will be done."""
        return plan_of(self.choice, self.incident, self.service.team, self.way, self.undoes)


async def preview(ctx: Context, args: Start) -> Plan:
    """The plan of `start`, and how the service is now."""
    chosen = await _chosen(ctx, args)
    return chosen.plan.model_copy(update={"aside": await _aside(ctx, chosen)})


async def _aside(ctx: Context, chosen: Chosen) -> str:
    """What fires and what is frozen: to be known, and not what is agreed to."""
    target = chosen.choice.target
    firing = await ctx.unit.alerts.firing_for(target.service)
    held = gate(await ctx.unit.freezes.standing(), target.service, target.environment)
    told = f"{counted(firing, 'alert')} of {target.service} fire" + ("s" if firing == 1 else "")
    frozen = f"; {held.reason}; a rollback is let through" if held.freezes else ""
    return f"{told}{frozen}."


@planned(preview)
@command(
    "rollback start",
    Grant(Role.RESPONDER, outside=True),
    examples=("/rollback trino", "/rollback trino env:prod to:v247"),
    words=Words(synonyms=("to",)),
    danger="confirm",
)
async def start(ctx: Context, args: Start) -> Reply:
    """Roll a service back to its last good version; shows the plan first."""
    await ctx.unit.exclusively(f"rollback:{args.service}:{args.environment}")
    chosen = await _chosen(ctx, args)
    _need_second_person(ctx, chosen)
    seen = chosen.plan.digest
    if ctx.call.approved is None and args.confirm != seen:
        return await _preview(ctx, args, await preview(ctx, args))
    rollback = await _release(ctx, chosen)
    target = f"{rollback.service} {rollback.environment}"
    text = f"{target} goes back to {rollback.good} ({rollback.id})."
    return Reply(message=sentence(text), data={"id": rollback.id, "status": "queued"})


async def _chosen(ctx: Context, args: Start) -> Chosen:
    """Raises what stands against it, as a sentence."""
    unit = ctx.unit
    service = Catalogue(await unit.catalog.services.where()).named(args.service)
    if service is None:
        told = f"There is no service {args.service}: see /deploy list for those that are known."
        raise NotFound(told, field="service")
    ctx.about(service.team)
    pipeline = _pipeline(ctx, service, args.environment)
    there = await unit.catalog.deployments.there(args.environment)
    known = [one for one in there if not forgotten(one, ctx.now)]
    incident, undoes = await _behind(ctx, args, service.id), args.undoes.upper()
    if undoes:
        before = await _reached(ctx, undoes)
        if (before.service, before.environment) != (service.id, args.environment):
            told = f"{undoes} is of {before.service} {before.environment}: name that one's own."
            raise Invalid(told, field="undoes")
        need_current(known, before)
        incident = before.incident
    choice = choose(known, service.id, args.environment, args.to or None)
    way = await _way(ctx, pipeline, choice) if pipeline else None
    return Chosen(service, choice, incident, way, undoes)


async def _way(ctx: Context, pipeline: Pipeline, choice: Choice) -> Way:
    """Exactly what will be asked for. Raises `Invalid` and `NotFound`."""
    target = choice.target
    theirs = pipeline.theirs(target.environment) or target.environment
    argv = words_of(
        pipeline,
        {
            "service": target.service,
            "environment": theirs,
            "version": target.version,
            "commit": target.commit or "",
        },
    )
    told = await ctx.unit.told_deployments.get(target.id)
    servers = {one.id: one for one in await ctx.unit.catalog.servers.where()}
    return Way(
        pipeline=pipeline,
        argv=argv,
        route=route_to(pipeline.server, servers) if pipeline.server else (),
        theirs=theirs,
        reference=told.key if told else "",
        cluster=ctx.unit.installation.kubernetes_context,
    )


def _pipeline(ctx: Context, service: Service, environment: str) -> Pipeline | None:
    """Which pipeline will be asked; None where a single one stands in for all. Raises `Refused`."""
    installation = ctx.unit.installation
    if not installation.executes(service.team):
        raise Refused(OFF)
    found = way_back(service.pipelines, environment)
    if installation.execution:
        return None
    if found is None:
        raise Refused(NO_WAY.format(service=service.id, environment=environment))
    return found


def _need_second_person(ctx: Context, chosen: Chosen) -> None:
    """A real pipeline is asked by nobody alone, unless that was chosen (rules.md 4)."""
    if chosen.way and ctx.call.approved is None and not ctx.unit.installation.self_confirm:
        raise NotAllowed(ALONE)


async def _behind(ctx: Context, args: Start, service: str) -> str | None:
    """The incident it is for: named, the room's, or the newest open one of the service."""
    name = args.incident or ctx.call.origin.incident
    if name is None:
        return await ctx.unit.incidents.open_of_service(service)
    return (await ctx.unit.incidents.readable(name, ctx.actor.user)).id


async def _preview(ctx: Context, args: Start, plan: Plan) -> Reply:
    """Nothing is done yet: the button makes the call of exactly this plan."""
    if args.confirm:
        raise Stale("What it would do has changed since: type /rollback again and look.")
    told = {name: value for name, value in args.model_dump(mode="json").items() if value}
    made = await ctx.unit.calls.store("rollback start", told | {"confirm": plan.digest})
    go = Button(id=made, label=f"Roll back {args.service}"[:75], style="danger")
    nodes = (
        *sentence(bold(plan.title).text).nodes,
        Code(text=capped(plan.told)),
        Actions(buttons=(go,)),
    )
    return Reply(message=Message(nodes=nodes), refused="confirm", data={"plan": plan.text})


async def _release(ctx: Context, chosen: Chosen) -> Rollback:
    """Write down what will be, and owe the rest."""
    unit, choice = ctx.unit, chosen.choice
    number = await unit.numbers.next("DEP")
    made = Deployment(
        id=f"DEP-{number}",
        number=number,
        service=chosen.service.id,
        environment=choice.target.environment,
        version=choice.target.version,
        commit=choice.target.commit,
        status="queued",
        started_at=ctx.now,
        source=OURS,
        migration=False,
    )
    rollback = Rollback(
        id=made.id,
        replaces=choice.current.id,
        service=made.service,
        environment=made.environment,
        bad=choice.current.version,
        good=made.version,
        by=ctx.person,
        approval=ctx.call.approved,
        incident=chosen.incident,
        place=_place(ctx),
        target=choice.target.id,
        way=chosen.way,
        commit=choice.target.commit or "",
        undoes=chosen.undoes,
        released_at=ctx.now,
    )
    await unit.rollbacks.release(rollback, made)
    return rollback


def _place(ctx: Context) -> Place | None:
    """Where others read along who saw it being asked for."""
    origin = ctx.call.origin
    if origin.room is None or origin.direct:
        return None
    return Place(platform=origin.surface, room=origin.room, thread=origin.thread)


class Keep(Args):
    """Which rollback stays."""

    deployment: Annotated[
        str, Field(max_length=30, description="DEP-14"), Arg("word", positional=True)
    ]


@command("rollback keep", Grant(Role.RESPONDER), examples=("/rollback keep DEP-14",))
async def keep(ctx: Context, args: Keep) -> Reply:
    """Say that a rollback has helped and stays: it is not watched any more."""
    rollback = await _reached(ctx, args.deployment)
    watched = rollback.verification
    if watched is None or not watched.undecided:
        stands = watched.verdict if watched else rollback.state
        raise Stale(f"{rollback.id} is {stands}, and nothing is left to decide: see /deploy list.")
    await ctx.unit.rollbacks.verified(rollback, watched.being("kept", ctx.now, by=ctx.person))
    text = f"{rollback.service} {rollback.environment} stays at {rollback.good} ({rollback.id})."
    return Reply(message=sentence(text), data={"id": rollback.id, "status": "kept"})


async def _reached(ctx: Context, name: str) -> Rollback:
    """A rollback that whoever asks may read, and their rights for its team."""
    unit = ctx.unit
    rollback = await unit.rollbacks.need(name.upper())
    if rollback.incident:
        await unit.incidents.readable(rollback.incident, ctx.actor.user)
    service = Catalogue(await unit.catalog.services.where()).named(rollback.service)
    ctx.about(service.team if service else None)
    return rollback


class Settle(Args):
    """How a rollback ended whose end nobody saw."""

    deployment: Annotated[
        str, Field(max_length=30, description="DEP-14"), Arg("word", positional=True)
    ]
    ended: Annotated[
        Literal["done", "failed"],
        Field(description="How it ended"),
        Arg("choice", positional=True),
    ]


@command(
    "rollback settle",
    Grant(Role.RESPONDER),
    examples=("/rollback settle DEP-14 done",),
)
async def settle(ctx: Context, args: Settle) -> Reply:
    """Say how a rollback ended whose end Tocsin did not see."""
    rollback = await _reached(ctx, args.deployment)
    if rollback.state != "unknown":
        raise Stale(f"{rollback.id} is {rollback.state}: there is nothing to settle.")
    detail = f"says {ctx.actor.name}"
    ended = await ctx.unit.rollbacks.end(rollback, {"state": args.ended, "detail": detail})
    text = f"{ended.id} is {args.ended}. Others can deploy {ended.service} again."
    return Reply(message=sentence(text), data={"id": ended.id, "status": args.ended})
