"""What a call will do: computed when approval is asked for, and again when it is given."""

from dataclasses import replace

from pydantic import ValidationError

from commands.context import Context
from domain import derive
from domain.approval import Approval, hash_of
from domain.args import Args
from domain.authorize import authorize_somewhere
from domain.call import Call
from domain.command import Command
from domain.errors import NotAllowed, NotFound, Refused, Stale
from domain.grammar import canonical
from domain.guard import Guard, guard_for
from domain.plain import plain
from domain.plan import Plan


async def plan_of(ctx: Context, command: Command, args: Args) -> Plan:
    """The call's plan as things stand; raises what the command itself would raise."""
    if command.plan is not None:
        plan = await command.plan(ctx, args)
    else:
        plan = await _rehearse(ctx, command, args)
    if not ctx.teams:
        ctx.about(None)
    about = plan.incident or getattr(args, "incident", None) or ctx.call.origin.incident
    return plan.model_copy(update={"team": ctx.teams[0], "incident": about})


def line_of(command: Command, call: Call) -> str:
    """The call as people type it."""
    return canonical(command, {name: str(value) for name, value in call.args.items()})


async def _rehearse(ctx: Context, command: Command, args: Args) -> Plan:
    async with ctx.unit.rehearsal():
        answer = await command.handler(ctx, args)
    if answer.refused:
        raise Stale(plain(answer.message))
    line = line_of(command, ctx.call)
    return Plan(title=line, text=line, preview=plain(answer.message))


async def guard_of(ctx: Context, command: Command, args: Args) -> Guard | None:
    """What holds the call: an admin's guard, or else what the command itself asks for."""
    guards = await ctx.unit.guards.everything()
    found = guard_for(command, args.model_dump(mode="json"), guards).guard
    if found or command.held_by is None:
        return found
    return await command.held_by(ctx, args)


async def changed_since(ctx: Context, approval: Approval) -> str:
    """Why the call is no longer what was shown; empty where it is, to the letter.

    Its requester is authorised again, the guard looked up again, the plan made again.
    """
    try:
        found = await _hash_now(ctx, approval)
    except ValidationError as error:
        return "; ".join(derive.errors(error).values())
    except NotAllowed:
        return f"{approval.asked_by} may not do this any more"
    except Refused as refusal:
        return refusal.text.rstrip(".")
    return "" if found == approval.plan_hash else "what it would do has changed since"


async def _hash_now(ctx: Context, approval: Approval) -> str:
    command = ctx.registry.commands.get(approval.held.command)
    if command is None:
        raise NotFound(f"there is no command {approval.held.command} any more")
    inner = await as_requester(ctx, approval)
    if not (decision := authorize_somewhere(inner.actor, command)).allowed:
        raise NotAllowed(decision.reason)
    context = {"now": ctx.now, "zone": inner.actor.timezone}
    args = command.args.model_validate(approval.held.args, context=context)
    guard = await guard_of(inner, command, args)
    if guard is None:
        raise Stale("its guard was removed: ask again, without approval")
    return hash_of(approval.held, await plan_of(inner, command, args), guard)


async def as_requester(ctx: Context, approval: Approval) -> Context:
    """The call's context for whoever asked, by their rights as they are now."""
    held = approval.held
    actor = await ctx.unit.people.actor(held.by, held.scopes)
    if actor is None:
        raise NotAllowed(f"{held.by} is no longer active")
    return replace(ctx, call=held.call(actor, approval.id), teams=[])
