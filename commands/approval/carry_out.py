"""With the last grant the held call is carried out, in the commit of that grant."""

from typing import NamedTuple

from commands.approval.plan import as_requester, changed_since
from commands.context import Context
from domain.approval import Approval, ApprovalGrant
from domain.approval_facts import ApprovalExecuted, ApprovalExpired
from domain.call import Reply
from domain.errors import Stale
from domain.facts import Fact
from domain.message import Message, sentence
from domain.plain import plain
from storage.approvers import Asked


class GrantFact(NamedTuple):
    """How a grant is recorded: the fact, and the words that go with it."""

    fact: Fact
    text: str = ""


async def agreed(ctx: Context, approval: Approval, grant: ApprovalGrant, told: GrantFact) -> Reply:
    """Record a grant; carry the call out where no other is needed and the plan still holds."""
    if changed := await changed_since(ctx, approval):
        return await _superseded(ctx, approval, changed)
    standing = [one for one in approval.grants if await _stands(ctx, approval, one)]
    given = approval.model_copy(update={"grants": (*standing, grant)})
    if given.missing > 0 and grant.kind == "approval":
        await ctx.unit.approvals.move(approval, given, told.fact, told.text)
        text = f"You approved {given.id}. It needs {given.missing} more."
        return Reply(message=sentence(text), data={"id": given.id, "status": given.status})
    released = given.model_copy(update={"status": "granted"})
    return await _carry_out(ctx, await ctx.unit.approvals.move(approval, released, *told))


async def _carry_out(ctx: Context, approval: Approval) -> Reply:
    """Run the call as whoever asked; whatever it refuses undoes this grant too."""
    inner = await as_requester(ctx, approval)
    with ctx.unit.acting_for(approval.asked_by):
        reply = await ctx.run(inner.call)
    if reply.refused:
        raise Stale(f"{approval.id} could not be carried out: look again. {plain(reply.message)}")
    fact = ApprovalExecuted(approval=approval.id, person=approval.asked_by)
    await ctx.unit.approvals.end(approval, "executed", fact)
    done = sentence(f"{approval.id} is carried out for {inner.actor.name}.")
    data = {"id": approval.id, "status": "executed", "result": reply.data}
    return Reply(message=Message(nodes=(*done.nodes, *reply.message.nodes)), data=data)


async def _superseded(ctx: Context, approval: Approval, reason: str) -> Reply:
    fact = ApprovalExpired(approval=approval.id, reason=reason)
    await ctx.unit.approvals.end(approval, "expired", fact, reason)
    text = f"{approval.id} is void and nothing was done: {reason}. It must be asked for anew."
    data = {"id": approval.id, "status": "expired"}
    return Reply(message=sentence(text), refused="stale", data=data)


async def _stands(ctx: Context, approval: Approval, grant: ApprovalGrant) -> bool:
    """Whether somebody who agreed earlier still may."""
    actor = await ctx.unit.people.actor(grant.by)
    if actor is None:
        return False
    return (await ctx.unit.approvers.decide(Asked.by(approval), actor)).allowed
