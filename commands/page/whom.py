"""Whom a typed name means: the policy of a service, a team, or of that name."""

from commands.context import Context
from domain.errors import NotFound
from domain.escalation import EscalationPolicy
from domain.handover import Organisation, policy_named
from domain.service import Catalogue


async def policy_of(ctx: Context, word: str) -> EscalationPolicy:
    """The policy of a service, a team, or of that name."""
    if found := policy_named(word, await organisation(ctx)):
        return found
    raise NotFound(f"Nobody is called {word}: type @person, a team or a service.", field="target")


async def organisation(ctx: Context) -> Organisation:
    """Everybody who can be paged by the name of a team or service."""
    catalog = ctx.unit.catalog
    return Organisation(
        catalogue=Catalogue(await catalog.services.where()),
        teams=await catalog.teams.where(),
        policies=await catalog.policies.where(),
    )
