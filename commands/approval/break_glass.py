"""Breaking glass: nobody answered at night, and what must be done can be undone (rules.md 4)."""

from typing import Annotated

from pydantic import Field

from commands.approval.carry_out import GrantFact, agreed
from commands.approval.target import undecided
from commands.context import Context
from domain.actor import Role, Scope
from domain.approval import Approval, ApprovalGrant, Glass, may_break_glass
from domain.approval_facts import GlassBroken
from domain.approval_jobs import TellBroken
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotAllowed
from domain.incident import Incident
from domain.incident_facts import ActionItemAdded
from domain.ports import Place
from storage.postmortems import ActionItem

NOBODY_YET = "nobody yet"


class Break(Args):
    """An approval that nobody answers, the service's name once more, and the reason."""

    approval: Annotated[
        str, Field(max_length=20, description="APR-7"), Arg("word", positional=True)
    ]
    service: Annotated[
        str,
        Field(max_length=100, description="The service's name, typed out"),
        Arg("word", positional=True),
    ]
    why: Annotated[
        str,
        Field(min_length=10, max_length=500, description="Why it cannot wait; everybody reads it"),
        Arg("text", positional=True, long=True),
    ]


@command(
    "approval break-glass",
    Grant(Role.RESPONDER, Scope.APPROVE),
    examples=("/approval break-glass APR-7 trino checkout is down and nobody answers",),
    words=Words(synonyms=("breakglass",)),
    danger="destructive",
)
async def break_glass(ctx: Context, args: Break) -> Reply:
    """Roll back without an approval: at night, when nobody answers."""
    approval = await undecided(ctx, args.approval)
    ctx.about(approval.plan.team)
    unit = ctx.unit
    if not unit.installation.break_glass:
        raise NotAllowed("approvals.break_glass is off here: /page another approver.")
    incident = await unit.incidents.get(approval.incident) if approval.incident else None
    glass = Glass(service=args.service, step_up=unit.installation.step_up)
    decision = may_break_glass(approval, incident, ctx.actor, glass, ctx.now)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    grant = ApprovalGrant(by=ctx.person, at=ctx.now, kind="break_glass", reason=args.why)
    fact = GlassBroken(approval=approval.id, plan=approval.short_hash)
    reply = await agreed(ctx, approval, grant, GrantFact(fact, args.why))
    if incident and not reply.refused:
        await _tell(ctx, approval, incident)
    return reply


async def _tell(ctx: Context, approval: Approval, incident: Incident) -> None:
    """Announced where the incident lives, to the approvers and security; somebody looks into it."""
    unit, security = ctx.unit, ctx.unit.installation.security_room
    told = [
        entry for entry in await unit.facts.of(incident.subject) if entry.kind == GlassBroken.kind
    ]
    await unit.incidents.announce(incident, told[-1].id)
    if security:
        place = Place(platform=unit.installation.home_platform, room=security)
        await unit.jobs.add(TellBroken(approval=approval.id, place=place))
    people = [await unit.pages.need(page) for page in approval.paged]
    for user in {page.user for page in people}:
        await unit.jobs.add(TellBroken(approval=approval.id, user=user))
    await _follow_up(ctx, approval, incident)


async def _follow_up(ctx: Context, approval: Approval, incident: Incident) -> None:
    number = await ctx.unit.numbers.next("ACT")
    item = ActionItem(
        id=f"ACT-{number}",
        number=number,
        incident=incident.id,
        text=f"Review why glass was broken on {approval.id} and who could have answered.",
        created_by=ctx.actor.by,
        created_at=ctx.now,
    )
    await ctx.unit.action_items.add(item)
    fact = ActionItemAdded(item=item.id, owner=NOBODY_YET)
    await ctx.unit.facts.add(incident.subject, fact, item.text)
