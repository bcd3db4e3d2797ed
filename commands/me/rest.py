"""Asking for less: awake, so that a chat is enough; quiet, so that what can wait does."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.message import moment, sentence
from domain.rest import AWAKE, LONGEST_AWAKE, ZERO, quiet_hours
from domain.when import parse_duration

OFF = "off"


def _awake(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = ZERO if value.strip().lower() == OFF else parse_duration(value)
    if found is None or found > LONGEST_AWAKE:
        raise ValueError("type a duration of 4h at most, like 60m, or off")
    return found


def _quiet(value: str) -> str:
    typed = value.strip().lower()
    return typed if typed in ("", OFF) else str(quiet_hours(typed))


class Awake(Args):
    """For how long."""

    how_long: Annotated[
        timedelta,
        BeforeValidator(_awake),
        Field(description="60m, 2h, at most 4h; or off"),
        Arg("word", ("for", "length"), positional=True),
    ] = AWAKE


@command("me awake", Grant(Role.MEMBER, Scope.PAGE), examples=("/me awake 60m", "/me awake off"))
async def awake(ctx: Context, args: Awake) -> Reply:
    """Get further pages by direct message only for a while: you are awake and look there."""
    person = await ctx.unit.people.need(ctx.person)
    until = ctx.now + args.how_long if args.how_long else None
    await ctx.unit.people.save(person.model_copy(update={"awake_until": until}))
    await ctx.unit.audit.add("awake_set", f"person:{person.id}", "done", {})
    if until is None:
        return Reply(message=sentence("Pages ring you by every way again."), data={"until": None})
    but = ". A SEV1 of a service that is new to you still rings by every way."
    told = sentence("Further pages come by direct message only until ", moment(until), but)
    return Reply(message=told, data={"until": until.isoformat()})


class QuietHours(Args):
    """From when to when."""

    hours: Annotated[
        str,
        AfterValidator(_quiet),
        Field(max_length=40, description="22-07, in your time zone; or off"),
        Arg("text", positional=True),
    ] = ""


@command(
    "me quiet",
    Grant(Role.MEMBER),
    examples=("/me quiet 22-07", "/me quiet off"),
    words=Words(synonyms=("quiet-hours",)),
)
async def quiet(ctx: Context, args: QuietHours) -> Reply:
    """Let what can wait wait over these hours; what is urgent rings you all the same."""
    person = await ctx.unit.people.need(ctx.person)
    if not args.hours:
        return _told(person.quiet, person.timezone)
    kept = None if args.hours == OFF else args.hours
    await ctx.unit.people.save(person.model_copy(update={"quiet": kept}))
    await ctx.unit.audit.add("quiet_set", f"person:{person.id}", "done", {})
    return _told(kept, person.timezone)


def _told(hours: str | None, zone: str) -> Reply:
    text = "You have no quiet hours."
    if hours:
        text = f"Quiet hours {hours} ({zone}): what can wait waits. Urgent pages ring as ever."
    return Reply(message=sentence(text), data={"quiet": hours})
