"""Commands are found, never listed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from commands.discovery import registry
from commands.help.answer import show
from domain.actor import ALL_SCOPES, Actor, Binding, Role
from domain.args import slots_of
from domain.authorize import authorize
from domain.command import Command
from domain.derive import cli_options, form, json_schema, usage
from domain.grammar import Parsed, Question, canonical, parse

FOUND = registry()
EACH = pytest.mark.parametrize("command", FOUND.commands.values(), ids=lambda one: one.name)
CONTEXT = {"now": datetime(2026, 11, 20, 10, 0, tzinfo=UTC), "zone": "Europe/Berlin"}
RANKED = (Role.OUTSIDER, Role.MEMBER, Role.VIEWER, Role.RESPONDER, Role.COMMANDER)


def test_help_is_found():
    """A module in the package is enough to make its command known."""
    assert FOUND.commands["help show"] is show


@EACH
def test_command_is_told_everywhere(command: Command):
    """No command lacks a summary, an example, a form, a schema or a line on any surface."""
    assert command.summary.endswith(".")
    assert command.examples
    assert usage(command).startswith(f"/{command.name}")
    assert form(command, {}, {}).title
    schema: Any = json_schema(command)
    assert set(schema["properties"]) == {one.name for one in cli_options(command)}


@EACH
def test_each_example_is_that_command(command: Command):
    """What help shows can be typed."""
    for example in command.examples:
        found = parse(example, FOUND)
        assert isinstance(found, Parsed), (example, found)
        assert found.command == command.name, (example, found)
        command.args.model_validate(found.args, context=CONTEXT)


@EACH
def test_each_spelling_leads_to_that_command(command: Command):
    """No synonym or further root is taken by another command or a habit."""
    for spelling in command.spellings:
        found = parse(f"/{spelling} ?", FOUND)
        assert isinstance(found, Question)
        assert found.topic == command.name, spelling


@EACH
def test_canonical_line_is_read_back(command: Command):
    """A call can be shown as a line that means the same."""
    args = {slot.name: "a b" for slot in slots_of(command.args)}
    assert parse(canonical(command, args), FOUND) == Parsed(command=command.name, args=args)


@EACH
@pytest.mark.parametrize("role", list(Role))
def test_role_by_command(role: Role, command: Command):
    """Rule 1: ranks grow to commander; an admin has a viewer's rights and the admin commands."""
    bindings = (Binding(subject="ann", role=role),)
    who = Actor(user="ann", name="Ann", bindings=bindings, scopes=ALL_SCOPES)
    rank = RANKED.index(Role.VIEWER if role is Role.ADMIN else role)
    by_rank = command.role in RANKED[: rank + 1]
    by_admin = role is Role.ADMIN and (command.role is Role.ADMIN or command.admins)
    assert authorize(who, command, None).allowed == (by_rank or by_admin)


def test_outsiders_have_help_alone():
    """Nothing else is open to guests and bots."""
    assert [one.name for one in FOUND.commands.values() if one.role is Role.OUTSIDER] == [
        "help show"
    ]
