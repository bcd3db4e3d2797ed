"""Holding a guarded call: it is not carried out, but kept with its plan until others agree."""

from typing import NamedTuple

from commands.approval.plan import guard_of, line_of, plan_of
from commands.context import Context
from domain.approval import Approval, Held, hash_of, may_confirm_alone
from domain.approval_card import capped
from domain.args import Args
from domain.call import Reply
from domain.command import Command
from domain.errors import NotAllowed
from domain.guard import Guard, described, named
from domain.message import Code, Message, Span, Text, bold, moment, spans
from domain.plan import Plan
from storage.approvers import Asked


class Wanted(NamedTuple):
    """A call that a guard holds, and what it would do."""

    guard: Guard
    held: Held
    line: str
    plan: Plan


async def held_back(ctx: Context, command: Command, args: Args) -> Reply | None:
    """The answer to a call that has to wait; None where it may be carried out now."""
    guard = await guard_of(ctx, command, args)
    if guard is None or await ctx.unit.approvals.releases(ctx.call):
        return None
    call = ctx.call
    held = Held(
        command=command.name,
        args=call.args,
        by=ctx.person,
        scopes=call.actor.scopes,
        origin=call.origin,
    )
    plan = await plan_of(ctx, command, args)
    wanted = Wanted(guard, held, line_of(command, call), plan)
    await _need_approvers(ctx, wanted)
    if call.dry_run:
        return _told(wanted, "Would wait", ())
    return await _ask(ctx, wanted)


async def _need_approvers(ctx: Context, wanted: Wanted) -> None:
    """A call that nobody could ever approve is refused at once."""
    guard, held, plan = wanted.guard, wanted.held, wanted.plan
    if await _alone(ctx, held):
        return
    if not guard.approvers:
        raise NotAllowed(
            f"No approver is named for {described(guard)}: ask an admin to name one with"
            f' /approval guard "{guard.command}" by:…'
        )
    asked = Asked(guard, held, plan.team, plan.incident)
    found = [one async for one in ctx.unit.approvers.able(asked)]
    if len(found) < guard.needs:
        raise NotAllowed(
            f"{described(guard)} needs {guard.needs} of {named(guard.approvers)} besides you,"
            f" and there {'is' if len(found) == 1 else 'are'} {len(found) or 'none'}:"
            " ask an admin to name more approvers."
        )


async def _alone(ctx: Context, held: Held) -> bool:
    chosen = ctx.unit.installation.self_confirm
    return may_confirm_alone(held, ctx.actor, chosen=chosen).allowed


async def _ask(ctx: Context, wanted: Wanted) -> Reply:
    unit, plan_hash = ctx.unit, hash_of(wanted.held, wanted.plan, wanted.guard)
    if waiting := await unit.approvals.waiting(plan_hash):
        return _waits(wanted, waiting, "waits already")
    number = await unit.numbers.next("APR")
    approval = await unit.approvals.ask(
        Approval(
            id=f"APR-{number}",
            number=number,
            held=wanted.held,
            line=wanted.line,
            plan=wanted.plan,
            plan_hash=plan_hash,
            guard=wanted.guard,
            incident=wanted.plan.incident,
            asked_at=ctx.now,
            expires_at=ctx.now + wanted.guard.expires,
        )
    )
    if approval.incident:
        await unit.approvals.page_next(approval)
    return _waits(wanted, approval, "waits")


def _waits(wanted: Wanted, approval: Approval, verb: str) -> Reply:
    until = (" It expires ", moment(approval.expires_at), ".")
    reply = _told(wanted, f"{approval.id} {verb}", until)
    data = {
        "approval": approval.id,
        "plan_hash": approval.plan_hash,
        "expires_at": approval.expires_at.isoformat(),
    }
    return reply.model_copy(update={"approval": approval.id, "data": data})


def _told(wanted: Wanted, verb: str, until: tuple[str | Span, ...]) -> Reply:
    guard = wanted.guard
    who = f" for {guard.needs} of {named(guard.approvers)}, and nothing has been done yet."
    line = Text(spans=spans(bold(verb), who, *until))
    return Reply(message=Message(nodes=(line, Code(text=capped(wanted.plan.told)))))
