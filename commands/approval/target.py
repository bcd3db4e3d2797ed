"""Which approval a command is about, and whether it can still be decided."""

from commands.context import Context
from domain.approval import Approval
from domain.errors import NotFound, Stale
from domain.ids import number_of

ENDED = {
    "denied": "was denied already: ask again, with another plan",
    "expired": "has expired: ask again",
    "executed": "was approved and carried out already. Nothing to do",
    "granted": "was approved already. Nothing to do",
}


async def readable(ctx: Context, word: str) -> Approval:
    """``APR-7``, ``apr-7`` or ``7``; one about a private incident of others does not exist.

    In a write unit its incident is locked first, as everywhere.
    """
    unit, key = ctx.unit, f"APR-{number_of(f'-{word}')}"
    missing = NotFound(f"There is no approval {word}: see /approval list.", field="approval")
    behind = await unit.approvals.behind(key)
    if behind is None:
        raise missing
    (incident,) = behind
    try:
        if incident:
            await unit.incidents.readable(incident, ctx.actor.user)
        return await unit.approvals.need(key)
    except NotFound:
        raise missing from None


async def undecided(ctx: Context, word: str) -> Approval:
    """As `readable`; raises `Stale` where nothing can be decided any more."""
    approval = await readable(ctx, word)
    if approval.status != "pending":
        raise Stale(f"{approval.id} {ENDED[approval.status]}.")
    if ctx.now >= approval.expires_at:
        raise Stale(f"{approval.id} {ENDED['expired']}.")
    return approval
