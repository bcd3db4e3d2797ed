"""Which runbook is meant, and the plan it makes."""

from commands.context import Context
from domain.errors import NotFound
from domain.runbook import Runbook
from domain.runbook_plan import RunPlan
from domain.runbook_render import render
from domain.runbook_values import parse_values
from domain.suggest import nearest


async def named(ctx: Context, name: str) -> Runbook:
    """The runbook of that id. Raises `NotFound` with what may have been meant."""
    shelf = await everything(ctx)
    wanted = name.strip().lower()
    found = next((one for one in shelf.values() if one.id.lower() == wanted), None)
    if found is None:
        meant = nearest(wanted, list(shelf))
        hint = f"Did you mean {meant}?" if meant else "See /runbook list."
        raise NotFound(f"There is no runbook {name}. {hint}", field="runbook")
    return found


async def everything(ctx: Context) -> dict[str, Runbook]:
    """Every runbook by id."""
    return {one.id: one for one in await ctx.unit.catalog.runbooks.where()}


async def planned(ctx: Context, runbook: Runbook, given: str) -> RunPlan:
    """What a run of it with these values would do. Raises `Invalid`."""
    services = await ctx.unit.catalog.services.where()
    names = tuple(one.id for one in services)
    servers = {one.id: one for one in await ctx.unit.catalog.servers.where()}
    return render(runbook, parse_values(given), await everything(ctx), names, servers)
