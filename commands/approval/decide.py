"""Deciding: look at the plan, agree to it or not. Rights are those at the press."""

from typing import Annotated, Literal

from pydantic import Field

from commands.approval.carry_out import GrantFact, agreed
from commands.approval.target import readable, undecided
from commands.context import Context
from domain.actor import Role, Scope
from domain.approval import Approval, ApprovalGrant, may_confirm_alone
from domain.approval_card import approval_review
from domain.approval_facts import ApprovalConfirmed, ApprovalDenied, ApprovalGranted
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotAllowed, Stale
from domain.message import Message, Table, sentence
from domain.plain import exact, one_line
from storage.approvers import Asked
from storage.views import approvals as views
from storage.views.approvals import ApprovalFilter
from storage.views.listing import Cut

SHOWN = 25


class Which(Args):
    """Which ones."""

    which: Annotated[
        Literal["pending", "all"], Field(description="Which ones"), Arg("choice", positional=True)
    ] = "pending"


@command(
    "approval list",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/approval list", "/approval list all"),
    words=Words(synonyms=("ls",)),
)
async def listed(ctx: Context, args: Which) -> Reply:
    """List what waits for an approval."""
    wanted = ApprovalFilter(status="pending") if args.which == "pending" else ApprovalFilter()
    found = await views.listed(ctx.unit.scope, ctx.actor.user, wanted, Cut(limit=SHOWN))
    if not found.items:
        return Reply(message=sentence("Nothing waits for an approval."), data=[])
    rows = tuple(
        (one.id, one.status, one_line(exact(one.title)), one.asked_by) for one in found.items
    )
    table = Table(head=("id", "status", "what", "asked by"), rows=rows)
    data = [one.model_dump(mode="json") for one in found.items]
    return Reply(message=Message(nodes=(table,)), data=data)


class About(Args):
    """An approval."""

    approval: Annotated[
        str, Field(max_length=20, description="APR-7"), Arg("word", positional=True)
    ]


@command("approval show", Grant(Role.VIEWER, Scope.READ), examples=("/approval show APR-7",))
async def show(ctx: Context, args: About) -> Reply:
    """Show exactly what would be done, and let you agree to it."""
    approval = await readable(ctx, args.approval)
    own = approval.asked_by == ctx.person and not _may_confirm_alone(ctx, approval)
    message = approval_review(await ctx.unit.approvers.view(approval), may_agree=not own)
    data = views.view_of(approval).model_dump(mode="json")
    return Reply(message=message, data=data)


class Agree(Args):
    """An approval, and the beginning of the plan's hash that was looked at."""

    approval: Annotated[
        str, Field(max_length=20, description="APR-7"), Arg("word", positional=True)
    ]
    plan: Annotated[
        str,
        Field(max_length=64, pattern=r"^([0-9a-f]{6,64})?$", description="7f3a9c…"),
        Arg("word", positional=True),
    ] = ""


@command(
    "approval grant",
    Grant(Role.RESPONDER, Scope.APPROVE),
    examples=("/approval grant APR-7", "/approval grant APR-7 7f3a9c21"),
    words=Words(synonyms=("approve",)),
)
async def grant(ctx: Context, args: Agree) -> Reply:
    """Agree to the plan; with the last grant it is carried out at once."""
    approval = await undecided(ctx, args.approval)
    if not approval.plan_hash.startswith(args.plan):
        raise Stale(f"{approval.id} has another plan: look again with /approval show.")
    if any(one.by == ctx.person for one in approval.grants):
        raise Stale(f"You have approved {approval.id} already: somebody else has to, too.")
    if _may_confirm_alone(ctx, approval):
        alone = ApprovalGrant(by=ctx.person, at=ctx.now, kind="self_confirm")
        confirmed = ApprovalConfirmed(approval=approval.id, plan=approval.short_hash)
        return await agreed(ctx, approval, alone, GrantFact(confirmed))
    await _need_approver(ctx, approval)
    given = ApprovalGrant(by=ctx.person, at=ctx.now)
    granted = ApprovalGranted(approval=approval.id, plan=approval.short_hash)
    return await agreed(ctx, approval, given, GrantFact(granted))


def _may_confirm_alone(ctx: Context, approval: Approval) -> bool:
    chosen = ctx.unit.installation.self_confirm
    return may_confirm_alone(approval.held, ctx.actor, chosen=chosen).allowed


async def _need_approver(ctx: Context, approval: Approval) -> None:
    ctx.about(approval.plan.team)
    decision = await ctx.unit.approvers.decide(Asked.by(approval), ctx.actor)
    if not decision.allowed:
        raise NotAllowed(decision.reason)


class Refuse(Args):
    """An approval, and why not."""

    approval: Annotated[
        str, Field(max_length=20, description="APR-7"), Arg("word", positional=True)
    ]
    why: Annotated[
        str,
        Field(min_length=1, max_length=200, description="Why not; whoever asked reads it"),
        Arg("text", positional=True),
    ]


@command(
    "approval deny",
    Grant(Role.RESPONDER, Scope.APPROVE),
    examples=("/approval deny APR-7 wait for the failover to finish",),
    words=Words(synonyms=("refuse", "withdraw")),
)
async def deny(ctx: Context, args: Refuse) -> Reply:
    """Say no, or take back what you asked for; nothing is carried out."""
    approval = await undecided(ctx, args.approval)
    if ctx.person != approval.asked_by:
        await _need_approver(ctx, approval)
    ended = {"status": "denied", "reason": args.why, "ended_at": ctx.now, "ended_by": ctx.person}
    denied = approval.model_copy(update=ended)
    fact = ApprovalDenied(approval=approval.id)
    await ctx.unit.approvals.move(approval, denied, fact, args.why)
    text = f"{approval.id} is denied, and nothing was done."
    return Reply(message=sentence(text), data={"id": approval.id, "status": "denied"})
