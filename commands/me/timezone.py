"""The clock one reads: times are shown and understood in it."""

from typing import Annotated

from pydantic import AfterValidator, Field

from commands.context import Context
from domain.actor import Role
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, command
from domain.message import sentence
from domain.wall_clock import wall_clock, zone_named


class Zone(Args):
    """Where one lives."""

    zone: Annotated[
        str,
        AfterValidator(zone_named),
        Field(min_length=1, max_length=64, description="Europe/Berlin, or Berlin"),
        Arg("text", positional=True),
    ]


@command("me timezone", Grant(Role.MEMBER), examples=("/me timezone Europe/Berlin",))
async def timezone(ctx: Context, args: Zone) -> Reply:
    """Set the time zone in which you read and type times."""
    person = await ctx.unit.people.need(ctx.person)
    await ctx.unit.people.save(person.model_copy(update={"timezone": args.zone}))
    await ctx.unit.audit.add("timezone_set", f"person:{person.id}", "done", {})
    there = wall_clock(ctx.now, args.zone)
    text = f"Your time zone is {args.zone}: it is {there:%H:%M} there now."
    return Reply(message=sentence(text), data={"timezone": args.zone})
