"""Who is on call: now, next, and instead of whom."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args, PersonId, UntilArg, WhenArg
from domain.authorize import leads
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, NotFound
from domain.message import Context as Remark
from domain.message import Header, Message, Node, Text, bold, moment, sentence, spans
from domain.oncall_facts import OverrideAdded
from domain.schedule import FinalShift, Override, Schedule, final_shifts, on_call
from domain.service import Catalogue
from storage.people import User

AHEAD = timedelta(days=28)


class Who(Args):
    """Which service, team or schedule, and when."""

    target: Annotated[
        str,
        Field(max_length=100, description="A service, team or schedule; all when left out"),
        Arg("target", positional=True),
    ] = ""
    at: Annotated[WhenArg | None, Field(description="Now when left out"), Arg("when")] = None


@command(
    "oncall who",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/oncall", "/oncall who trino at:tomorrow 9"),
)
async def who(ctx: Context, args: Who) -> Reply:
    """Say who is on call."""
    at = args.at or ctx.now
    schedules = await _schedules(ctx, args.target)
    names = {person.id: person.name for person in await ctx.unit.people.everybody()}
    lines: list[Node] = [_line(schedule, at, names) for schedule in schedules]
    led = [one for one in schedules if leads(ctx.actor, one.team)]
    on_duty = [one.user for schedule in led for one in on_call(schedule, at)]
    lines += await _asleep(ctx, on_duty)
    data = [
        {"schedule": schedule.id, "users": [one.user for one in on_call(schedule, at)]}
        for schedule in schedules
    ]
    return Reply(message=Message(nodes=tuple(lines)), data=data)


def _line(schedule: Schedule, at: datetime, names: dict[str, str]) -> Text:
    people = on_call(schedule, at)
    if not people:
        return Text(spans=spans(bold(f"{schedule.name}: "), "nobody is on call"))
    said = [bold(f"{schedule.name}: ")]
    for one in people:
        until = ("until ", moment(one.until)) if one.until else ("with no end in sight",)
        said += spans(f"{names.get(one.user, one.user)} ", *until, f" ({one.reason}) ")
    return Text(spans=tuple(said))


async def _asleep(ctx: Context, users: Iterable[str]) -> list[Node]:
    """A line for each of ``users`` whom no page would wake (rules.md 3)."""
    found = await ctx.unit.roster.asleep(users)
    people = {user: await ctx.unit.people.need(user) for user in found}
    return [
        Remark(spans=spans(f"{people[user].name} is {reason}.")) for user, reason in found.items()
    ]


async def _schedules(ctx: Context, word: str) -> tuple[Schedule, ...]:
    found = await ctx.unit.catalog.schedules.everything()
    if not word:
        return found
    name = word.removeprefix("@").lower()
    service = Catalogue(await ctx.unit.catalog.services.where()).named(name)
    wanted = {name, service.team if service else name}
    fitting = tuple(one for one in found if {one.id, one.team, one.name.lower()} & wanted)
    if not fitting:
        known = ", ".join(one.id for one in found) or "there is none yet"
        raise NotFound(f"No schedule fits {word}: type one of {known}.", field="target")
    return fitting


class Nothing(Args):
    """No arguments."""


@command(
    "oncall me",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/oncall me",),
    words=Words(roots=("me shifts",)),
)
async def me(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Show your shifts and your pages that still ring."""
    shifts = await shifts_of(ctx, AHEAD)
    ringing = await ctx.unit.pages.to(ctx.person)
    lines = [Text(spans=spans(f"● {page.incident}: {page.why}")) for page in ringing]
    lines += [_shift(schedule, shift) for schedule, shift in shifts]
    if not lines:
        return Reply(message=sentence("You have no shifts in the next four weeks."), data=[])
    data = [_json(schedule, shift) for schedule, shift in shifts]
    head = Header(text="Your pages and shifts")
    return Reply(message=Message(nodes=(head, *lines)), data=data)


@command("oncall next", Grant(Role.VIEWER, Scope.READ), examples=("/oncall next",))
async def upcoming(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Say when your next shift begins."""
    shifts = [one for one in await shifts_of(ctx, AHEAD) if one[1].ends > ctx.now]
    if not shifts:
        return Reply(message=sentence("You have no shift in the next four weeks."))
    schedule, shift = shifts[0]
    return Reply(message=Message(nodes=(_shift(schedule, shift),)), data=_json(schedule, shift))


async def shifts_of(ctx: Context, ahead: timedelta) -> list[tuple[Schedule, FinalShift]]:
    """The shifts of the person who asks that end within ``ahead``, the next one first."""
    found = [
        (schedule, shift)
        for schedule in await ctx.unit.catalog.schedules.everything()
        for shift in final_shifts(schedule, ctx.now, ctx.now + ahead)
        if shift.user == ctx.person
    ]
    return sorted(found, key=lambda one: one[1].starts)


def _json(schedule: Schedule, shift: FinalShift) -> dict[str, str]:
    return {
        "schedule": schedule.id,
        "starts": shift.starts.isoformat(),
        "ends": shift.ends.isoformat(),
        "reason": shift.reason,
    }


def _shift(schedule: Schedule, shift: FinalShift) -> Text:
    line = spans(bold(f"{schedule.name}: "), moment(shift.starts), " to ", moment(shift.ends), "")
    return Text(spans=line)


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


async def _stand_in(ctx: Context, args: Stand, person: User, replaced: User | None = None) -> Reply:
    schedule = await _schedule_meant(ctx, args)
    ctx.about(schedule.team)
    made = Override(
        id=ctx.unit.ids.new(),
        user=person.id,
        starts=args.starts,
        ends=args.ends,
        replaces=replaced.id if replaced else None,
        reason=args.why,
    )
    await ctx.unit.catalog.schedules.override(schedule.id, made, ctx.actor.by)
    fact = OverrideAdded(override=made.id, person=person.id, starts=made.starts, ends=made.ends)
    await ctx.unit.facts.add(f"schedule:{schedule.id}", fact, args.why or None)
    whose = f" in place of {replaced.name}" if replaced else ""
    told = spans(
        f"{person.name} is on call for {schedule.name}{whose} from ",
        moment(made.starts),
        " to ",
        moment(made.ends),
        ".",
    )
    nodes = (Text(spans=told), *await _asleep(ctx, (person.id,)))
    return Reply(message=Message(nodes=nodes), data={"id": made.id})


async def _schedule_meant(ctx: Context, args: Stand) -> Schedule:
    schedules = await _schedules(ctx, args.schedule)
    if len(schedules) != 1:
        known = ", ".join(one.id for one in schedules)
        raise Invalid(f"Which schedule? Type schedule:… with one of {known}.", field="schedule")
    if args.ends <= args.starts:
        raise Invalid("It ends before it starts: type a later end.", field="ends")
    if args.ends <= ctx.now:
        raise Invalid("That is over already: type a later end.", field="ends")
    return schedules[0]
