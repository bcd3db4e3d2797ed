"""Which incident a command is about. A write never guesses (rules.md 23)."""

from commands.context import Context
from domain.errors import NotFound, Unclear
from domain.incident import Incident


async def seen(ctx: Context, given: str | None) -> Incident:
    """The incident to read: the one named, the room's, or the only open one."""
    name = given or ctx.call.origin.incident
    if name is None:
        mine = await _open_ones(ctx)
        if len(mine) != 1:
            raise _unclear(mine, "Which incident?")
        name = mine[0].id
    return await ctx.unit.incidents.readable(name, ctx.actor.user)


async def meant(ctx: Context, given: str | None) -> Incident:
    """The incident to change: named, or the room's; its team's roles count."""
    name = given or ctx.call.origin.incident
    if name is None:
        raise _unclear(await _open_ones(ctx), f"{ctx.call.command.split()[1].capitalize()} which?")
    incident = await ctx.unit.incidents.readable(name, ctx.actor.user)
    ctx.about(incident.team)
    return incident


async def _open_ones(ctx: Context) -> list[Incident]:
    found = [one for one in await ctx.unit.incidents.open_ones() if await _readable(ctx, one)]
    mine = [one for one in found if ctx.actor.user in one.responders]
    return mine or found


async def _readable(ctx: Context, incident: Incident) -> bool:
    if not incident.private:
        return True
    return ctx.actor.user in await ctx.unit.incidents.members(incident.id)


def _unclear(found: list[Incident], question: str) -> NotFound | Unclear:
    if not found:
        return NotFound("No incident is open. Type its id, like INC-42, or /incident list all.")
    choices = {one.id: one.title for one in found}
    return Unclear(f"{question} Press one, or type its id, like {found[0].id}.", choices)
