"""Paging the next step of an incident now, or somebody in particular."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant
from commands.page.send import Send, send
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.escalation import EscalationPolicy, round_at
from domain.incident import Incident
from domain.message import sentence
from domain.paging import Cause


class About(Args):
    """An incident, and whom to page for it."""

    incident: IncidentId = None
    target: Annotated[
        str,
        Field(max_length=100, description="@person, team, service; or empty"),
        Arg("target", positional=True),
    ] = ""
    why: Annotated[
        str,
        Field(max_length=1000, description="Why; the person reads it"),
        Arg("text", positional=True),
    ] = ""


@command(
    "incident escalate",
    Grant(Role.RESPONDER, Scope.PAGE),
    examples=("/incident escalate", "/inc escalate @carol", "/inc page @web the cache is cold"),
    words=Words(synonyms=("e", "page"), roots=("page escalate",)),
)
async def escalate(ctx: Context, args: About) -> Reply:
    """Page the next step now, or somebody in particular."""
    incident = await meant(ctx, args.incident)
    if args.target:
        asked = Send(incident=incident.id, target=args.target, why=args.why)
        return await send.handler(ctx, asked)
    if await ctx.unit.escalations.hurry(incident, asked=True):
        return Reply(message=sentence(f"The next step of {incident.id} is paged now."))
    policy = await others(ctx, incident)
    cause = Cause(text=f"escalated by {ctx.actor.name}", asked=True)
    await ctx.unit.escalations.begin(incident, policy, cause)
    first = await ctx.unit.roster.at_round(round_at(policy, 0, ctx.now), ctx.now)
    people = [await ctx.unit.people.need(duty.user) for duty in first]
    named = ", ".join(person.name for person in people) or "whoever is there"
    return Reply(message=sentence(f"{policy.name} pages {named} for {incident.id}."))


async def others(ctx: Context, incident: Incident) -> EscalationPolicy:
    """The incident's policy without the steps that would ring only the person who asks."""
    policy = await ctx.unit.catalog.policy_or_admins(incident.policy)
    others = await ctx.unit.roster.beyond(policy, ctx.person, ctx.now)
    return others if others.steps else policy
