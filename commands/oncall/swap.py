"""Swaps: offer a shift, accept, decline, take back."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.oncall.named import asleep, schedule_meant
from domain.actor import Role, Scope
from domain.args import Arg, Args, Nothing, PersonId, UntilArg, WhenArg
from domain.authorize import authorize
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, Stale
from domain.message import Actions, Header, Message, Node, Text, moment, sentence, spans
from domain.schedule import FinalShift, Schedule, final_shifts
from domain.swap import Swap, Window, accepted, declined, is_theirs, withdrawn
from domain.swap_card import answers

AHEAD = timedelta(days=60)


class Offer(Args):
    """Which of your times, to whom, and what you take in return."""

    starts: Annotated[
        WhenArg | None,
        Field(description="fri 18:00; your next shift when left out"),
        Arg("when", ("from",), positional=True),
    ] = None
    ends: Annotated[
        UntilArg | None, Field(description="22:00"), Arg("when", ("to", "until"), positional=True)
    ] = None
    person: Annotated[
        PersonId,
        Field(description="@carol; everybody on the schedule when left out"),
        Arg("person", ("with",), positional=True),
    ] = ""
    schedule: Annotated[
        str, Field(max_length=100, description="Which, if there are several"), Arg("word", ("on",))
    ] = ""
    why: Annotated[str, Field(max_length=200, description="Why"), Arg("text")] = ""
    back: Annotated[
        WhenArg | None, Field(description="When you take theirs in return"), Arg("when")
    ] = None
    back_until: Annotated[
        UntilArg | None, Field(description="Until when you take theirs"), Arg("when")
    ] = None


@command(
    "oncall swap",
    Grant(Role.RESPONDER),
    examples=(
        "/oncall swap @carol schedule:data-platform",
        '/oncall swap @carol "fri 18:00" "sat 09:00" schedule:data-platform',
    ),
)
async def offer(ctx: Context, args: Offer) -> Reply:
    """Offer a shift of yours; it stays yours until somebody accepts."""
    schedule = await schedule_meant(ctx, args.schedule)
    ctx.about(schedule.team)
    await ctx.unit.exclusively(f"schedule:{schedule.id}")
    shifts = final_shifts(schedule, ctx.now, ctx.now + AHEAD)
    time = _time(ctx, args, shifts)
    _need_theirs(shifts, ctx.person, time, "You are")
    offered = await _offered(ctx, schedule, args.person)
    back = _back(ctx, args, shifts, offered)
    await _need_new(ctx, schedule, time, offered)
    swap = Swap(
        id="",
        schedule=schedule.id,
        asker=ctx.person,
        time=time,
        offered=offered,
        back=back,
        why=args.why,
    )
    made = await ctx.unit.swaps.offer(swap)
    names = [(await ctx.unit.people.need(user)).name for user in made.offered]
    told = spans(
        f"{made.id}: {', '.join(names)} can take your time from ",
        moment(time.starts),
        " to ",
        moment(time.ends),
        ". You stay on call until somebody accepts.",
    )
    return Reply(
        message=Message(nodes=(Text(spans=told), _withdrawal(made))),
        data=made.model_dump(mode="json"),
    )


class Answer(Args):
    """The swap that is answered."""

    swap: Annotated[
        str, Field(max_length=20, description="Like SWP-3"), Arg("word", positional=True)
    ]


@command("oncall accept", Grant(Role.RESPONDER), examples=("/oncall accept SWP-3",))
async def accept(ctx: Context, args: Answer) -> Reply:
    """Take the shift that somebody offers you."""
    swap = await _meant(ctx, args)
    await ctx.unit.exclusively(f"schedule:{swap.schedule}")
    await _need_there(ctx, swap.asker)
    shifts = await _shifts(ctx, swap)
    changed = await ctx.unit.swaps.change(accepted(swap, ctx.person, shifts, ctx.now))
    asker = await ctx.unit.people.need(swap.asker)
    told = spans(
        f"You take {asker.name}'s time from ",
        moment(swap.time.starts),
        " to ",
        moment(swap.time.ends),
        f". {asker.name} is told.",
    )
    nodes = (Text(spans=told), *await asleep(ctx, (ctx.person,)))
    return Reply(message=Message(nodes=nodes), data=changed.model_dump(mode="json"))


@command("oncall decline", Grant(Role.RESPONDER), examples=("/oncall decline SWP-3",))
async def decline(ctx: Context, args: Answer) -> Reply:
    """Say that you cannot take the shift."""
    swap = await _meant(ctx, args)
    changed = await ctx.unit.swaps.change(declined(swap, ctx.person))
    told = f"You declined {swap.id}; nothing changes for you."
    return Reply(message=sentence(told), data=changed.model_dump(mode="json"))


@command("oncall withdraw", Grant(Role.RESPONDER), examples=("/oncall withdraw SWP-3",))
async def withdraw(ctx: Context, args: Answer) -> Reply:
    """Take an offer of yours back."""
    swap = await _meant(ctx, args)
    changed = await ctx.unit.swaps.change(withdrawn(swap, ctx.person))
    told = f"{swap.id} is taken back. You stay on call."
    return Reply(message=sentence(told), data=changed.model_dump(mode="json"))


@command(
    "oncall offers",
    Grant(Role.RESPONDER, Scope.READ),
    examples=("/oncall offers",),
    words=Words(synonyms=("swaps",)),
)
async def offers(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Show the swaps that wait for you, and your own."""
    found = [
        one
        for one in await ctx.unit.swaps.open_ones()
        if ctx.person == one.asker or ctx.person in one.waiting
    ]
    if not found:
        return Reply(message=sentence("No swap waits for you, and you offer none."), data=[])
    nodes: list[Node] = [Header(text="Swaps")]
    for one in found:
        asker = await ctx.unit.people.need(one.asker)
        nodes.append(
            Text(
                spans=spans(
                    f"{one.id}, {asker.name} on {one.schedule}: ",
                    moment(one.time.starts),
                    " to ",
                    moment(one.time.ends),
                )
            )
        )
        nodes.append(_offered_to(one, ctx.person))
    data = [one.model_dump(mode="json") for one in found]
    return Reply(message=Message(nodes=tuple(nodes)), data=data)


def _offered_to(swap: Swap, reader: str) -> Actions:
    return _withdrawal(swap) if reader == swap.asker else answers(swap.id)


def _withdrawal(swap: Swap) -> Actions:
    return Actions(buttons=(button("oncall withdraw", swap.id, "Take it back"),))


async def _meant(ctx: Context, args: Answer) -> Swap:
    swap = await ctx.unit.swaps.need(args.swap.upper())
    schedule = await ctx.unit.catalog.schedules.get(swap.schedule)
    ctx.about(schedule.team if schedule else None)
    return swap


async def _need_there(ctx: Context, asker: str) -> None:
    if await ctx.unit.people.actor(asker) is None:
        raise Stale("Whoever offered it has left: see /oncall schedule for who is on call.")


async def _shifts(ctx: Context, swap: Swap) -> tuple[FinalShift, ...]:
    """The schedule's shifts as far as the swap reaches; none where the schedule is gone."""
    schedule = await ctx.unit.catalog.schedules.get(swap.schedule)
    until = max(time.ends for time in (swap.time, swap.back) if time)
    return final_shifts(schedule, ctx.now, until) if schedule and until > ctx.now else ()


def _time(ctx: Context, args: Offer, shifts: tuple[FinalShift, ...]) -> Window:
    """What is offered: as typed, else the next shift that has not begun."""
    if args.starts is None:
        if args.ends is not None:
            raise Invalid("From when? Type a beginning too: fri 18:00 22:00.", field="starts")
        ahead = (one for one in shifts if one.user == ctx.person and one.starts > ctx.now)
        if not (mine := next(ahead, None)):
            raise Invalid("You have no shift ahead: see /oncall schedule.", field="starts")
        return Window(starts=mine.starts, ends=mine.ends)
    if args.ends is None:
        raise Invalid("Until when? Type an end too: fri 18:00 22:00.", field="ends")
    return _window(args.starts, args.ends, ctx.now)


def _window(starts: datetime, ends: datetime, now: datetime) -> Window:
    if ends <= starts:
        raise Invalid("It ends before it starts: type a later end.", field="ends")
    if starts <= now:
        raise Invalid("That has begun already: /oncall cover changes it at once.", field="starts")
    return Window(starts=starts, ends=ends)


async def _need_new(
    ctx: Context, schedule: Schedule, time: Window, offered: tuple[str, ...]
) -> None:
    for one in await ctx.unit.swaps.open_ones():
        mine = (one.asker, one.schedule) == (ctx.person, schedule.id)
        meets = one.time.starts < time.ends and time.starts < one.time.ends
        if mine and meets and set(one.waiting) & set(offered):
            told = f"{one.id} offers that already: /oncall withdraw {one.id} takes it back."
            raise Invalid(told, field="starts")


def _need_theirs(shifts: tuple[FinalShift, ...], user: str, time: Window, who: str) -> None:
    if not is_theirs(shifts, user, time):
        told = f"{who} not on call for all of that time: see /oncall schedule."
        raise Invalid(told, field="starts")


def _back(
    ctx: Context, args: Offer, shifts: tuple[FinalShift, ...], offered: tuple[str, ...]
) -> Window | None:
    if args.back is None and args.back_until is None:
        return None
    if args.back is None or args.back_until is None:
        told = "Type both back:… and back_until:… for what you take in return."
        raise Invalid(told, field="back")
    if len(offered) != 1:
        raise Invalid("Name the one person whose time you take in return: with:@…", field="person")
    time = _window(args.back, args.back_until, ctx.now)
    _need_theirs(shifts, offered[0], time, "They are")
    return time


async def _offered(ctx: Context, schedule: Schedule, person: str) -> tuple[str, ...]:
    """The one person named, or everybody else who takes turns on the schedule."""
    if person:
        found = await ctx.unit.people.need(person)
        if found.id == ctx.person or not await _may_accept(ctx, schedule, found.id):
            told = f"{found.name} cannot take it: name another responder of {schedule.team}."
            raise Invalid(told, field="person")
        return (found.id,)
    others = [user for user in schedule.people if user != ctx.person]
    able = [user for user in others if await _may_accept(ctx, schedule, user)]
    if not able:
        raise Invalid("Nobody else takes turns here: name a person, with:@…", field="person")
    return tuple(able)


async def _may_accept(ctx: Context, schedule: Schedule, user: str) -> bool:
    actor = await ctx.unit.people.actor(user)
    accepting = ctx.registry.commands["oncall accept"]
    return actor is not None and authorize(actor, accepting, schedule.team).allowed
