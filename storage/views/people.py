"""People as others see them: names and roles, never how to reach them."""

from typing import Any, NamedTuple

from sqlalchemy import select

from domain.actor import Role
from domain.base import Frozen
from domain.errors import NotFound
from domain.group import Group
from storage.groups import Groups
from storage.scope import Scope
from storage.tables.people import bindings, users
from storage.views.listing import FIRST, Cut, Listing, Order, part


class Held(NamedTuple):
    """The roles that people hold for every team, by handle, and the groups that give some."""

    roles: dict[str, tuple[Role, ...]]
    groups: tuple[Group, ...]


class UserView(Frozen):
    """A person: ``id`` is the handle; ``roles`` are those held for every team."""

    id: str
    name: str
    timezone: str
    team: str | None
    active: bool
    roles: tuple[Role, ...] = ()


async def listed(scope: Scope, cut: Cut = FIRST) -> Listing[UserView]:
    """Everybody, by handle."""
    found = await part(scope, select(users), Order(users.c.id, descending=False), cut)
    held = Held(await _roles(scope), await _groups(scope))
    return Listing(items=tuple(_user(dict(row), held) for row in found.rows), next=found.next)


async def shown(scope: Scope, user: str) -> UserView:
    """One person. Raises `NotFound`."""
    query = select(users).where(users.c.id == user)
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no person {user}: ask an admin to add them.")
    return _user(dict(row), Held(await _roles(scope), await _groups(scope)))


async def names(scope: Scope) -> dict[str, str]:
    """How everybody is called, by handle."""
    rows = await scope.connection.execute(select(users.c.id, users.c.name))
    return {user: name for user, name in rows}


async def _roles(scope: Scope) -> dict[str, tuple[Role, ...]]:
    query = select(bindings.c.subject, bindings.c.role).where(bindings.c.team == "")
    held: dict[str, tuple[Role, ...]] = {}
    for subject, role in await scope.connection.execute(query.order_by(bindings.c.role)):
        held[subject] = (*held.get(subject, ()), Role(role))
    return held


async def _groups(scope: Scope) -> tuple[Group, ...]:
    return await Groups(scope.connection, locking=False).where()


def _user(row: dict[str, Any], held: Held) -> UserView:
    known = {name: row[name] for name in UserView.model_fields if name in row}
    theirs = [one for one in held.groups if one.has(row["id"], row["team"])]
    given = (one.role for group in theirs for one in group.roles if one.team is None)
    roles = dict.fromkeys((*held.roles.get(row["id"], ()), *given))
    return UserView.model_validate(known | {"roles": tuple(roles)})
