"""Who is on call, now or at another time."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.oncall.named import asleep, schedules
from domain.actor import Role, Scope
from domain.args import Arg, Args, WhenArg
from domain.authorize import leads
from domain.call import Reply
from domain.command import Grant, command
from domain.message import Message, Node, Text, bold, moment, spans
from domain.schedule import Schedule, on_call


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
    found = await schedules(ctx, args.target)
    names = {person.id: person.name for person in await ctx.unit.people.everybody()}
    lines: list[Node] = [_line(schedule, at, names) for schedule in found]
    led = [one for one in found if leads(ctx.actor, one.team)]
    on_duty = [one.user for schedule in led for one in on_call(schedule, at)]
    lines += await asleep(ctx, on_duty)
    data = [
        {"schedule": schedule.id, "users": [one.user for one in on_call(schedule, at)]}
        for schedule in found
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
