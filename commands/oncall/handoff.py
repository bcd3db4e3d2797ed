"""Handoff: leave the next shift a note, and say that you are on."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.oncall.named import schedule_meant, schedules
from domain.actor import Role
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotAllowed, NotFound
from domain.handoff import Handoff
from domain.handoff_card import HandoffView, handoff_preview
from domain.handoff_jobs import HandoffConfirmed, ShiftNoted, ShowHandoff
from domain.message import moment, sentence
from domain.schedule import Schedule, on_call
from storage.views.handoffs import matter


class Note(Args):
    """What the next shift should know."""

    text: Annotated[
        str, Field(max_length=1000, description="What to watch"), Arg("text", positional=True)
    ] = ""
    schedule: Annotated[
        str, Field(max_length=100, description="Which, if there are several"), Arg("word", ("on",))
    ] = ""


@command(
    "oncall handoff",
    Grant(Role.RESPONDER),
    examples=("/oncall handoff", "/oncall handoff watch the metastore's memory"),
    words=Words(synonyms=("handover",)),
)
async def handoff(ctx: Context, args: Note) -> Reply:
    """Leave the next shift a note, and see what it will read."""
    schedule = await _mine(ctx, args.schedule)
    planned = await _next(ctx, schedule)
    if args.text:
        noted = {"note": args.text, "note_by": ctx.person}
        planned = await ctx.unit.handoffs.save(planned.model_copy(update=noted))
        fact = ShiftNoted(handoff=planned.id)
        await ctx.unit.facts.add(f"schedule:{schedule.id}", fact, args.text)
        await _show(ctx, planned)
    view = HandoffView(
        handoff=planned,
        schedule=schedule.name,
        names=await _names(ctx, planned),
        matter=await matter(ctx.unit.scope, schedule, ctx.person),
    )
    starts = planned.change.starts.isoformat()
    return Reply(message=handoff_preview(view), data={"id": planned.id, "starts": starts})


async def _mine(ctx: Context, word: str) -> Schedule:
    """The one that is named, or on which the reader is on call."""
    if not word:
        theirs = [
            one
            for one in await schedules(ctx, "")
            if ctx.person in [duty.user for duty in on_call(one, ctx.now)]
        ]
        if len(theirs) == 1:
            return theirs[0]
    return await schedule_meant(ctx, word)


async def _next(ctx: Context, schedule: Schedule) -> Handoff:
    planned = await ctx.unit.handoffs.plan(schedule)
    if planned is None:
        raise NotFound(
            f"{schedule.name} changes hands nowhere in the next two weeks: see /oncall schedule."
        )
    return planned


async def _names(ctx: Context, planned: Handoff) -> dict[str, str]:
    people = {*planned.people, planned.note_by or ctx.person}
    return {one: (await ctx.unit.people.need(one)).name for one in sorted(people)}


async def _show(ctx: Context, planned: Handoff) -> None:
    """Cards that stand already show it too; those that do not are posted at their time."""
    for user in planned.people:
        await ctx.unit.jobs.add(ShowHandoff(handoff=planned.id, user=user, standing=True))


class Confirmed(Args):
    """Which shift; yours, where none is named."""

    handoff: Annotated[str, Field(description="HND-7"), Arg("word", positional=True)] = ""


@command(
    "oncall confirm",
    Grant(Role.VIEWER),
    examples=("/oncall confirm", "/oncall confirm HND-7"),
    words=Words(synonyms=("im-on", "got-it")),
)
async def confirm(ctx: Context, args: Confirmed) -> Reply:
    """Say that you are on: whoever leaves knows that you have read it."""
    unit = ctx.unit
    found = await _meant(ctx, args.handoff.upper())
    schedule = await unit.catalog.schedules.need(found.schedule)
    ctx.about(schedule.team)
    at = moment(found.change.starts)
    if found.confirmed_at:
        return Reply(message=sentence(f"{schedule.name} is confirmed already, from ", at, "."))
    said = {"confirmed_by": ctx.person, "confirmed_at": ctx.now}
    saved = await unit.handoffs.save(found.model_copy(update=said))
    fact = HandoffConfirmed(handoff=saved.id, starts=saved.change.starts)
    await unit.facts.add(f"schedule:{schedule.id}", fact)
    await _show(ctx, saved)
    told = sentence(f"You are on, {ctx.actor.name}: {schedule.name}, from ", at, ".")
    return Reply(message=told, data={"id": saved.id})


async def _meant(ctx: Context, name: str) -> Handoff:
    if not name:
        waiting = await ctx.unit.handoffs.waiting_for(ctx.person)
        if waiting is None:
            raise NotFound("No shift waits for your word: see /oncall next.")
        return waiting
    found = await ctx.unit.handoffs.need(name)
    if ctx.person not in found.change.coming:
        raise NotAllowed("That shift is not yours: /oncall take takes the pager.")
    return found
