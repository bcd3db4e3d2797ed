"""Who is in a group, and what that gives them."""

import pytest
from pydantic import ValidationError

from domain.actor import Binding, Role
from domain.declared.written import read, write
from domain.group import Group, GroupRole

LEADS = Group(
    id="leads",
    name="leads",
    members=("bob", "team:web"),
    roles=(GroupRole(role=Role.RESPONDER), GroupRole(role=Role.COMMANDER, team="web")),
)
FILE = {"id": "leads", "members": ["@bob", "team:web"], "roles": ["responder", "commander:web"]}


@pytest.mark.parametrize(
    ("person", "team", "inside"),
    [("bob", None, True), ("dave", "web", True), ("dave", "data", False), ("dave", None, False)],
)
def test_people_are_in_it_by_name_or_by_their_team(person, team, inside):
    """Whoever joins a team is in its groups."""
    assert LEADS.has(person, team) is inside


def test_its_roles_name_the_group():
    """So that a report can say why somebody may do something."""
    assert LEADS.bindings == (
        Binding(subject="group:leads", role=Role.RESPONDER),
        Binding(subject="group:leads", role=Role.COMMANDER, team="web"),
    )


def test_it_is_written_short():
    """And read back as the same."""
    assert read("groups", FILE) == LEADS
    short = write("groups", LEADS)
    assert short["roles"] == ["responder", "commander:web"]
    assert read("groups", short) == LEADS


@pytest.mark.parametrize("role", ["outsider", "chief", {"role": "outsider"}])
def test_no_group_makes_outsiders(role):
    """That is what people without a role are; and roles have the names they have."""
    with pytest.raises((ValidationError, ValueError)):
        read("groups", FILE | {"roles": [role]})
