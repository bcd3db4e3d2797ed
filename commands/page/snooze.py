"""Snoozing: taking an incident, and being rung again at a time of one's own."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.incident.answer import take
from commands.page.answer import named
from domain.actor import Role, Scope
from domain.args import Arg, Args, DurationArg
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import NotFound, Stale
from domain.incident import Incident
from domain.incident_jobs import ShowPages
from domain.message import moment, sentence
from domain.paging import PageSnoozed
from domain.when import in_words

DEFAULT = timedelta(minutes=30)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=24)


class Snooze(Args):
    """A page or the number of its incident, and for how long."""

    page: Annotated[str, Field(description="42"), Arg("word", positional=True)]
    lasting: Annotated[
        DurationArg,
        Field(ge=SHORTEST, le=LONGEST, description="30m, 2h; 24h at the most"),
        Arg("duration", ("for",), positional=True),
    ] = DEFAULT


@command(
    "page snooze",
    Grant(Role.VIEWER, Scope.PAGE),
    examples=("/page snooze 42 30m", "snooze 42 2h"),
)
async def snooze(ctx: Context, args: Snooze) -> Reply:
    """Take the incident, and be rung again after a while unless it is over by then."""
    unit, user = ctx.unit, ctx.person
    incident = await _mine(ctx, args.page)
    rings = await unit.pages.ringing(incident.id, user)
    if rings or user not in incident.people:
        await take(ctx, incident)
    until = ctx.now + args.lasting
    await unit.pages.snooze(incident, user, until)
    await unit.facts.add(incident.subject, PageSnoozed(person=user, until=until))
    await unit.jobs.add(ShowPages(incident=incident.id), key=f"~pages:{incident.id}")
    told = sentence(
        f"{incident.id} is yours, {ctx.actor.name}. You are rung again at ",
        moment(until),
        f", unless it is over by then.{await _sooner(ctx, incident, args)}",
    )
    return Reply(message=told, data={"id": incident.id, "until": until.isoformat()})


async def _mine(ctx: Context, word: str) -> Incident:
    """The incident of the reader's page, or one that they work on without having been paged."""
    found = await named(ctx, word)
    digits = word.lower().removeprefix("inc-")
    if found is None and not digits.isdigit():
        raise NotFound("No page of yours fits: type /oncall me to see your pages.", field="page")
    name = found.incident if found else f"INC-{digits}"
    incident = await ctx.unit.incidents.readable(name, ctx.actor.user)
    if found is None and ctx.person not in incident.people:
        raise NotFound("No page of yours fits: type /oncall me to see your pages.", field="page")
    if not incident.open:
        raise Stale(f"{incident.id} is {incident.status.value} already. Nothing to do.")
    ctx.about(incident.team)
    return incident


async def _sooner(ctx: Context, incident: Incident, args: Snooze) -> str:
    """A snooze makes nothing quieter than an ack does (rules.md 6)."""
    policy = await ctx.unit.catalog.policy_or_admins(incident.policy)
    if not incident.severity.major or args.lasting <= policy.ack_timeout:
        return ""
    silence = in_words(policy.ack_timeout)
    return f" A {incident.severity} rings you sooner: after {silence} without a word."
