"""Groups: sets of people who hold roles together."""

from collections.abc import Collection
from typing import NamedTuple

from domain.actor import Role
from domain.group import Group
from storage.rows import Documents
from storage.tables.people import groups


class Holders(NamedTuple):
    """Who holds something by being in a group: people by handle, and whole teams."""

    people: frozenset[str]
    teams: frozenset[str]


class Groups(Documents[Group]):
    """The groups. There are few, and they are read whole."""

    table = groups
    model = Group
    noun = "group"

    async def of(self, person: str, team: str | None) -> tuple[Group, ...]:
        """Those that a person of that team is in."""
        found = await self.where(order=groups.c.id)
        return tuple(one for one in found if one.has(person, team))

    async def holding(self, roles: Collection[Role], teams: Collection[str]) -> Holders:
        """Who holds one of the roles for one of the teams; ``""`` is everywhere."""
        fitting = [
            group
            for group in await self.where(order=groups.c.id)
            if any(one.role in roles and (one.team or "") in teams for one in group.roles)
        ]
        return Holders(
            frozenset(person for group in fitting for person in group.people),
            frozenset(team for group in fitting for team in group.teams),
        )
