"""The one gate: may this actor use this command? (rules 1 and 13)"""

from domain.actor import Actor, Binding, Role, Scope
from domain.base import Frozen
from domain.command import Command

RANK = {
    Role.OUTSIDER: 0,
    Role.MEMBER: 1,
    Role.VIEWER: 2,
    Role.RESPONDER: 3,
    Role.COMMANDER: 4,
    Role.ADMIN: 2,  # an admin sees what a viewer sees; admin's own commands stand beside the rank
}
# a writing token may page, because declaring an incident pages; nothing else implies another
IMPLIED = {Scope.PAGE: Scope.WRITE}


class Decision(Frozen):
    """``reason`` names the rule that allowed it, or is the private sentence of a refusal."""

    allowed: bool
    reason: str


def authorize(actor: Actor, command: Command, team: str | None) -> Decision:
    """Decide on role first, then on the token's scopes.

    ``team`` is the team the call is about. A role in another team counts for that team only:
    here its holder is a viewer, as everybody who is linked. Whoever has no binding at all, and
    every bot, is an outsider.
    """
    role = _enough(actor, command, team)
    if role is None:
        return Decision(allowed=False, reason=_refusal(actor, command, team))
    if not _has_scope(actor, command.scope):
        return Decision(allowed=False, reason=_lacks_scope(command))
    return Decision(allowed=True, reason=f"{role.value} may use /{command.name}")


def authorize_somewhere(actor: Actor, command: Command) -> Decision:
    """The best decision over all teams: whether it is worth asking which team it is about."""
    teams = dict.fromkeys((None, *(binding.team for binding in actor.bindings)))
    decisions = [authorize(actor, command, team) for team in teams]
    return next((one for one in decisions if one.allowed), decisions[0])


def roles_of(actor: Actor, team: str | None) -> frozenset[Role]:
    """The roles that count for ``team``; outsider where there are none."""
    if actor.bot:
        return frozenset({Role.OUTSIDER})
    counting = {_here(binding, team) for binding in actor.bindings}
    return frozenset(counting or {Role.OUTSIDER})


def leads(actor: Actor, team: str | None) -> bool:
    """Whether the actor answers for ``team``: its commanders do, and every admin."""
    roles = roles_of(actor, team)
    return Role.ADMIN in roles or any(suffices(role, Role.COMMANDER) for role in roles)


def suffices(role: Role, needed: Role) -> bool:
    """Whether ``role`` alone gives what ``needed`` gives."""
    if needed is Role.ADMIN:
        return role is Role.ADMIN
    return RANK[role] >= RANK[needed]


def _enough(actor: Actor, command: Command, team: str | None) -> Role | None:
    held = roles_of(actor, team)
    enough = [role for role in held if suffices(role, command.role)]
    enough += [role for role in held if command.admins and role is Role.ADMIN]
    return max(enough, key=lambda role: (RANK[role], role), default=None)


def _here(binding: Binding, team: str | None) -> Role:
    if binding.team in (None, team):
        return binding.role
    return Role.VIEWER if RANK[binding.role] >= RANK[Role.VIEWER] else binding.role


def _has_scope(actor: Actor, needed: Scope) -> bool:
    return needed in actor.scopes or IMPLIED.get(needed) in actor.scopes


def _refusal(actor: Actor, command: Command, team: str | None) -> str:
    if roles_of(actor, team) == {Role.OUTSIDER}:
        return "You are a guest here: I only answer /help. Ask an admin of Tocsin to add you."
    if command.role is Role.ADMIN:
        return f"/{command.name} is for admins. Ask an admin of Tocsin."
    where = f" of {team}" if team else ""
    needed = command.role.value
    return (
        f"/{command.name} needs the role {needed}{where}."
        f" Ask a {needed}{where} to do it, or an admin of Tocsin to make you one."
    )


def _lacks_scope(command: Command) -> str:
    scope = command.scope.value
    return (
        f"This token may not use /{command.name}: it lacks the scope {scope}."
        f" Ask the token's owner or an admin of Tocsin for one with {scope}."
    )
