"""Instead of whom: overrides, cover, and taking the pager."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.oncall.named import asleep, schedule_meant
from domain.actor import Role
from domain.args import Arg, Args, DurationArg, PersonId, UntilArg, WhenArg
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import Invalid, NotFound
from domain.message import Actions, Message, Text, moment, sentence, spans
from domain.oncall_facts import OverrideAdded, OverrideCancelled
from domain.oncall_jobs import TellStandIn
from domain.schedule import Override, Schedule, final_shifts, on_call
from storage.people import User

LONGEST = timedelta(hours=24)


class Stand(Args):
    """Who stands in, from when, until when."""

    person: Annotated[PersonId, Field(description="@bob or me"), Arg("person", positional=True)]
    starts: Annotated[
        WhenArg, Field(description="fri 18:00"), Arg("when", ("from",), positional=True)
    ]
    ends: Annotated[
        UntilArg, Field(description="22:00"), Arg("when", ("to", "until"), positional=True)
    ]
    schedule: Annotated[
        str, Field(max_length=100, description="Which, if there are several"), Arg("word", ("on",))
    ] = ""
    why: Annotated[str, Field(max_length=200, description="Why"), Arg("text")] = ""


@command(
    "oncall override",
    Grant(Role.RESPONDER),
    examples=('/oncall override @carol "fri 18:00" 22:00 schedule:data-platform',),
)
async def override(ctx: Context, args: Stand) -> Reply:
    """Put somebody on call for a while, whatever the rotation says."""
    person = await ctx.unit.people.need(ctx.person if args.person == "me" else args.person)
    return await _stand_in(ctx, args, person)


class Cover(Stand):
    """Who is stood in for, from when, until when, and by whom."""

    by: Annotated[PersonId, Field(description="Who stands in: @carol"), Arg("person")]


@command(
    "oncall cover",
    Grant(Role.RESPONDER),
    examples=('/oncall cover me "fri 18:00" 22:00 by:@carol schedule:data-platform',),
)
async def cover(ctx: Context, args: Cover) -> Reply:
    """Let somebody take a person's place while that person would be on call."""
    absent = await ctx.unit.people.need(ctx.person if args.person == "me" else args.person)
    present = await ctx.unit.people.need(ctx.person if args.by == "me" else args.by)
    if absent.id == present.id:
        raise Invalid("Nobody stands in for themselves: name somebody else with by:@…", field="by")
    return await _stand_in(ctx, args, present, absent)


class Take(Args):
    """Whose pager, and for how long."""

    schedule: Annotated[
        str,
        Field(max_length=100, description="A service, team or schedule"),
        Arg("target", positional=True),
    ] = ""
    lasting: Annotated[
        DurationArg | None,
        Field(
            gt=timedelta(),
            le=LONGEST,
            description="2h; else to the next handover, 24 h at the most",
        ),
        Arg("duration", ("for",), positional=True),
    ] = None
    why: Annotated[str, Field(max_length=200, description="Why"), Arg("text")] = ""


@command(
    "oncall take",
    Grant(Role.RESPONDER),
    examples=("/oncall take", "/oncall take data-platform for:2h"),
)
async def take(ctx: Context, args: Take) -> Reply:
    """Take the pager now; it goes back by itself."""
    schedule = await schedule_meant(ctx, args.schedule)
    there = on_call(schedule, ctx.now)
    if [one.user for one in there] == [ctx.person]:
        raise Invalid(f"You are on call for {schedule.name} already.", field="schedule")
    ends = ctx.now + args.lasting if args.lasting else _next_handover(schedule, ctx.now)
    mine = Override(
        id=ctx.unit.ids.new(), user=ctx.person, starts=ctx.now, ends=ends, reason=args.why
    )
    await _put(ctx, schedule, mine)
    person = await ctx.unit.people.need(ctx.person)
    after = on_call(schedule, ends)
    names = [(await ctx.unit.people.need(one.user)).name for one in after]
    back = f" It goes back to {', '.join(names)} by itself." if names else ""
    told = spans(f"{person.name} has the pager of {schedule.name} until ", moment(ends), f".{back}")
    nodes = (Text(spans=told), *await asleep(ctx, (ctx.person,)), _undo(mine))
    return Reply(message=Message(nodes=nodes), data={"id": mine.id})


class Cancelled(Args):
    """The override that is taken back."""

    override: Annotated[
        str, Field(max_length=40, description="From the button"), Arg("word", positional=True)
    ]


@command("oncall cancel", Grant(Role.RESPONDER), examples=("/oncall cancel 01m7yzmhg06t9efed6",))
async def cancel(ctx: Context, args: Cancelled) -> Reply:
    """Take back that somebody stands in; the rotation holds again."""
    found = [
        (schedule, one)
        for schedule in await ctx.unit.catalog.schedules.everything()
        for one in schedule.overrides
        if one.id == args.override
    ]
    if not found:
        raise NotFound("It was taken back already: see /oncall schedule.", field="override")
    schedule, gone = found[0]
    ctx.about(schedule.team)
    await ctx.unit.catalog.schedules.drop_override(schedule.id, gone.id)
    fact = OverrideCancelled(override=gone.id, person=gone.user, starts=gone.starts, ends=gone.ends)
    await ctx.unit.facts.add(f"schedule:{schedule.id}", fact)
    person = await ctx.unit.people.need(gone.user)
    told = f"{person.name} does not stand in on {schedule.name}. The rotation holds again."
    return Reply(message=sentence(told), data={"id": gone.id})


async def _stand_in(ctx: Context, args: Stand, person: User, replaced: User | None = None) -> Reply:
    _need_ahead(ctx, args)
    schedule = await schedule_meant(ctx, args.schedule)
    made = Override(
        id=ctx.unit.ids.new(),
        user=person.id,
        starts=args.starts,
        ends=args.ends,
        replaces=replaced.id if replaced else None,
        reason=args.why,
    )
    if replaced and replaced.id not in _relieved(schedule, made):
        told_why = f"{replaced.name} is not on call then: see /oncall schedule."
        raise Invalid(told_why, field="person")
    await _put(ctx, schedule, made)
    whose = f" in place of {replaced.name}" if replaced else ""
    told = spans(
        f"{person.name} is on call for {schedule.name}{whose} from ",
        moment(made.starts),
        " to ",
        moment(made.ends),
        ".",
    )
    nodes = (Text(spans=told), *await asleep(ctx, (person.id,)), _undo(made))
    return Reply(message=Message(nodes=nodes), data={"id": made.id})


async def _put(ctx: Context, schedule: Schedule, made: Override) -> None:
    """Add the override, and tell whom it concerns unless they asked for it."""
    ctx.about(schedule.team)
    if await ctx.unit.people.actor(made.user) is None:
        raise Invalid(f"{made.user} is no longer here: name somebody who is.", field="person")
    await ctx.unit.exclusively(f"schedule:{schedule.id}")
    await ctx.unit.catalog.schedules.override(schedule.id, made, ctx.actor.by)
    fact = OverrideAdded(override=made.id, person=made.user, starts=made.starts, ends=made.ends)
    await ctx.unit.facts.add(f"schedule:{schedule.id}", fact, made.reason or None)
    replaced = (made.replaces,) if made.replaces else _relieved(schedule, made)
    for user in dict.fromkeys((made.user, *replaced)):
        if user != ctx.actor.user:
            await ctx.unit.jobs.add(TellStandIn(schedule=schedule.id, override=made.id, user=user))


def _relieved(schedule: Schedule, made: Override) -> tuple[str, ...]:
    """Everybody who would be on call at any moment of it."""
    shifts = final_shifts(schedule, made.starts, made.ends)
    return tuple(dict.fromkeys(one.user for one in shifts))


def _next_handover(schedule: Schedule, now: datetime) -> datetime:
    """When somebody's time ends, or begins where there is a gap; a day ahead at the latest."""
    shifts = final_shifts(schedule, now, now + LONGEST)
    edges = (edge for one in shifts for edge in (one.starts, one.ends))
    return min((edge for edge in edges if edge > now), default=now + LONGEST)


def _undo(made: Override) -> Actions:
    return Actions(buttons=(button("oncall cancel", made.id, "Take it back"),))


def _need_ahead(ctx: Context, args: Stand) -> None:
    if args.ends <= args.starts:
        raise Invalid("It ends before it starts: type a later end.", field="ends")
    if args.ends <= ctx.now:
        raise Invalid("That is over already: type a later end.", field="ends")
