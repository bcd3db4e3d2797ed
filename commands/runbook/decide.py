"""While a run goes on: how it stands, and what a person decides."""

from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.runbook.shelf import named
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid
from domain.message import Message, Table, sentence
from domain.plain import exact, one_line
from domain.remedy import RemedyRearmed
from domain.run import Run, undoable
from domain.run_card import run_card
from domain.run_moves import confirmed, paused, resumed, stopped, undone
from storage.views import people
from storage.views import runs as views

SHOWN = 25
RUN = Field(max_length=20, description="RUN-7")


class Which(Args):
    """A run; the open ones where none is named."""

    run: Annotated[str, Field(max_length=20, description="RUN-7"), Arg("word", positional=True)] = (
        ""
    )


class About(Args):
    """A run."""

    run: Annotated[str, RUN, Arg("word", positional=True)]


class Answer(Args):
    """A run, and the step that was done; the one that asks where none is named."""

    run: Annotated[str, RUN, Arg("word", positional=True)]
    step: Annotated[
        int | None,
        Field(ge=1, le=1000, description="Which step; the one that asks when left out"),
        Arg("number", positional=True),
    ] = None


class Resume(Args):
    """A run, and how it goes on."""

    run: Annotated[str, RUN, Arg("word", positional=True)]
    how: Annotated[
        Literal["on", "again", "skip", "done", "from"],
        Field(
            description="With what comes next, a step again, without it, as done, or from one on"
        ),
        Arg("choice", positional=True),
    ] = "on"
    step: Annotated[
        int | None,
        Field(ge=1, le=1000, description="Which step; the one that failed when left out"),
        Arg("number", positional=True),
    ] = None


@command(
    "runbook status",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/runbook status", "/runbook status RUN-1"),
    words=Words(synonyms=("runs",)),
)
async def status(ctx: Context, args: Which) -> Reply:
    """Show how a run stands, or list the runs that are not over."""
    if args.run:
        run = await _readable(ctx, args.run)
        message = run_card(run, await people.names(ctx.unit.scope))
        data = views.view_of(run).model_dump(mode="json")
        return Reply(message=message.model_copy(update={"update_key": None}), data=data)
    found = await views.open_ones(ctx.unit.scope, ctx.actor.user)
    if not found:
        return Reply(message=sentence("No run is open."), data=[])
    rows = tuple(
        (one.id, one.status, one.target, one_line(exact(one.title))) for one in found[:SHOWN]
    )
    table = Table(head=("run", "status", "on", "what"), rows=rows)
    return Reply(
        message=Message(nodes=(table,)), data=[one.model_dump(mode="json") for one in found]
    )


@command(
    "runbook approve",
    Grant(Role.RESPONDER),
    examples=("/runbook approve RUN-1", "/runbook approve RUN-1 3"),
    words=Words(synonyms=("confirm",)),
)
async def approve(ctx: Context, args: Answer) -> Reply:
    """Say that you did what a step of a run asks for."""
    run = await _of_ours(ctx, args.run)
    return await _moved(
        ctx, confirmed(run, args.step, ctx.actor.name, ctx.now), "confirms a step of"
    )


@command(
    "runbook pause",
    Grant(Role.RESPONDER),
    examples=("/runbook pause RUN-1",),
    words=Words(synonyms=("hold",)),
)
async def pause(ctx: Context, args: About) -> Reply:
    """Begin no further step; what is being done comes to its end."""
    run = await _of_ours(ctx, args.run)
    return await _moved(ctx, paused(run, ctx.actor.name), "pauses")


@command("runbook stop", Grant(Role.RESPONDER), examples=("/runbook stop RUN-1",), danger="confirm")
async def stop(ctx: Context, args: About) -> Reply:
    """End a run; what was done stays, and can be undone."""
    run = await _of_ours(ctx, args.run)
    ended = stopped(run, ctx.actor.name, ctx.now)
    reply = await _moved(ctx, ended, "stops")
    await ctx.unit.runs.closed(ended)
    return reply


@command(
    "runbook resume",
    Grant(Role.RESPONDER, outside=True),
    examples=(
        "/runbook resume RUN-1",
        "/runbook resume RUN-1 again",
        "/runbook resume RUN-1 from 3",
    ),
    words=Words(synonyms=("continue", "retry")),
    danger="confirm",
)
async def resume(ctx: Context, args: Resume) -> Reply:
    """Let a run go on: with what comes next, a step again or without it, or from a step on."""
    run = await _of_ours(ctx, args.run)
    going = resumed(run, args.how, ctx.actor.name, args.step)
    which = f" {args.step}" if args.step else ""
    return await _moved(ctx, going, f"resumes ({args.how}{which})")


@command(
    "runbook undo",
    Grant(Role.RESPONDER, outside=True),
    examples=("/runbook undo RUN-1",),
    danger="destructive",
)
async def undo(ctx: Context, args: About) -> Reply:
    """Take back what a run did, the last step first, as its plan says."""
    run = await _of_ours(ctx, args.run)
    if run.closed:
        await ctx.unit.runs.need_free(run.target)
    back = undone(run, ctx.actor.name)
    count = len(undoable(run))
    reply = await _moved(ctx, back, "undoes")
    text = f"{run.id} goes back: {count} {'step' if count == 1 else 'steps'}, the last first."
    return reply.model_copy(update={"message": sentence(text)})


class Rearmed(Args):
    """A runbook that runs by itself."""

    runbook: Annotated[
        str, Field(max_length=100, description="Which runbook"), Arg("word", positional=True)
    ]


@command(
    "runbook rearm",
    Grant(Role.COMMANDER),
    examples=("/runbook rearm minio-disk-full",),
    danger="confirm",
)
async def rearm(ctx: Context, args: Rearmed) -> Reply:
    """Let a runbook run by itself again after it went wrong."""
    runbook = await named(ctx, args.runbook)
    if runbook.automatic is None:
        raise Invalid(f"{runbook.id} never runs by itself: see /runbook show {runbook.id}.")
    await ctx.unit.settings.put(f"rearmed:{runbook.id}", ctx.now.isoformat())
    await ctx.unit.facts.add(f"runbook:{runbook.id}", RemedyRearmed(runbook=runbook.id))
    return Reply(message=sentence(f"{runbook.id} may run by itself again."))


async def _moved(ctx: Context, run: Run, move: str) -> Reply:
    await ctx.unit.runs.moved(run, move)
    text = f"{run.id} is {run.status}{f', {run.detail}' if run.detail else ''}."
    return Reply(message=sentence(text), data={"id": run.id, "status": run.status})


async def _readable(ctx: Context, name: str) -> Run:
    """Raises `NotFound`, also where its incident is hidden."""
    run = await ctx.unit.runs.need(name.strip().upper())
    if run.incident:
        await ctx.unit.incidents.readable(run.incident, ctx.actor.user)
    return run


async def _of_ours(ctx: Context, name: str) -> Run:
    run = await _readable(ctx, name)
    ctx.about(run.team)
    return run
