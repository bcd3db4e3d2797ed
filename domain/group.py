"""A group: people who hold roles together, whoever of them is in it today (rules.md 14)."""

from typing import Annotated

from pydantic import AfterValidator

from domain.actor import Binding, Role
from domain.base import Frozen

TEAM = "team:"


def _given(role: Role) -> Role:
    if role is Role.OUTSIDER:
        raise ValueError("outsider is what people without a role are: it cannot be given")
    return role


class GroupRole(Frozen):
    """A role that the group's people hold, everywhere (``team`` None) or for one team."""

    role: Annotated[Role, AfterValidator(_given)]
    team: str | None = None


class Group(Frozen):
    """``members`` are handles, and ``team:web`` for everybody who is in that team."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    roles: tuple[GroupRole, ...] = ()

    def has(self, person: str, team: str | None) -> bool:
        """Whether a person of that team is in it."""
        return person in self.people or (team is not None and team in self.teams)

    @property
    def people(self) -> frozenset[str]:
        """Those who are named in person."""
        return frozenset(one for one in self.members if not one.startswith(TEAM))

    @property
    def teams(self) -> frozenset[str]:
        """The teams that are in it as a whole."""
        named = (one for one in self.members if one.startswith(TEAM))
        return frozenset(one.removeprefix(TEAM) for one in named)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """What each of its people may do by being in it."""
        subject = f"group:{self.id}"
        return tuple(Binding(subject=subject, role=one.role, team=one.team) for one in self.roles)


def parse_role(written: str) -> GroupRole:
    """``responder``, or ``commander:web`` for one team. Raises `ValueError`."""
    role, _, team = written.partition(":")
    return GroupRole(role=Role(role), team=team or None)


def written_role(role: GroupRole) -> str:
    """As `parse_role` reads it."""
    return f"{role.role}:{role.team}" if role.team else str(role.role)
