"""What Discord is told about Tocsin before anybody uses it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord
import pytest

from commands.discovery import registry
from domain.command import Registry
from integrations.chat.discord.manifest import (
    MESSAGE_COMMANDS,
    command_named,
    command_tree,
    document,
    intents,
    invite_url,
    permission_bits,
)

NAME = re.compile(r"[-_a-z0-9]{1,32}")
ALL = registry()
TREE = command_tree(ALL)
# Discord's limit of all names, descriptions and values of one command.
LONGEST_COMMAND = 8000


def calls(tree: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every command that can be typed, by its whole name."""
    for root in tree:
        verbs = [one for one in root.get("options", []) if one["type"] == 1]
        yield from ((f"{root['name']} {one['name']}", one) for one in verbs)
        if not verbs and root["type"] == 1:
            yield root["name"], root


CALLS = dict(calls(TREE))


def test_every_command_can_be_called_by_its_name():
    """Roots with one verb are called by the root; one-word spellings stand beside them."""
    reached = [found.name for path in CALLS if (found := command_named(path, ALL))]
    assert set(reached) == set(ALL.commands)
    assert len(reached) == len(CALLS)
    assert {"incident declare", "declare", "help show", "page send"} <= CALLS.keys()


@pytest.mark.parametrize("path", ["incident nothing", "nothing", "nothing declare", "page-more"])
def test_what_was_never_declared_is_no_command(path: str):
    """As after an update that dropped one."""
    assert command_named(path, ALL) is None


@pytest.mark.parametrize("path", CALLS)
def test_names_and_texts_are_within_discords_limits(path: str):
    """32 for a name, 100 for a description, 25 options, 25 choices of 100."""
    call = CALLS[path]
    for one in (call, *call["options"]):
        assert NAME.fullmatch(one["name"])
        assert 1 <= len(one["description"]) <= 100
        assert all(len(choice["value"]) <= 100 for choice in one.get("choices", []))
        assert len(one.get("choices", [])) <= 25
    assert len(call["options"]) <= 25
    assert not any(one.get("required") for one in call["options"]), "a form asks instead"


@pytest.mark.parametrize("root", TREE, ids=lambda root: root["name"])
def test_a_root_is_no_larger_than_discord_allows(root: dict[str, Any]):
    """25 verbs beneath a root, and its texts together."""
    assert len(root.get("options", [])) <= 25
    assert sum(map(len, _texts(root))) <= LONGEST_COMMAND


def test_there_are_few_enough_commands():
    """A hundred roots, and fifteen that stand in the menu of a message."""
    assert len([one for one in TREE if one["type"] == 1]) <= 100
    assert [one["name"] for one in TREE if one["type"] == 3] == list(MESSAGE_COMMANDS)


def test_arguments_are_told_apart_by_discord():
    """Choices are offered, people and incidents looked up, flags are switches."""
    options = {one["name"]: one for one in CALLS["incident declare"]["options"]}
    assert [one["value"] for one in options["severity"]["choices"]][:1] == ["SEV1"]
    assert options["service"]["autocomplete"]
    assert options["private"]["type"] == discord.AppCommandOptionType.boolean.value
    assert CALLS["incident escalate"]["options"][0]["autocomplete"]
    assert [one["name"] for one in CALLS["incident lead"]["options"]][-1] == "incident"


def test_a_root_with_too_many_verbs_is_split():
    """What the fewest may use stands apart, and is the same command."""
    many = [
        replace(ALL.commands["incident show"], name=f"incident v{number}", synonyms=())
        for number in range(10)
    ]
    known = Registry.of((*ALL.commands.values(), *many))
    split = dict(calls(command_tree(known)))
    assert {"incident declare", "incident-more join"} <= split.keys()
    assert command_named("incident-more join", known) is known.commands["incident join"]


def test_an_invitation_asks_for_nothing_that_manages_a_server():
    """Its bits are those of the manifest, and no intent is privileged."""
    asked = discord.Permissions(permission_bits())
    for far in ("administrator", "manage_guild", "manage_roles", "manage_channels", "kick_members"):
        assert not getattr(asked, far)
    assert f"permissions={asked.value}" in invite_url(42)
    assert "client_id=42" in invite_url(42)
    assert not (intents().members or intents().presences or intents().message_content)


def test_the_document_holds_what_is_registered():
    """Whoever reads it knows what will stand in the command picker."""
    told = json.loads(document(ALL))
    assert told["commands"] == TREE
    assert told["permissions"]["value"] == str(permission_bits())
    assert json.loads(document(Registry()))["commands"] == TREE[-len(MESSAGE_COMMANDS) :]


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for name in ("name", "description", "value"):
            if isinstance(told.get(name), str):
                yield told[name]
        yield from _texts([one for key in ("options", "choices") for one in told.get(key, [])])
    if isinstance(told, list):
        for one in told:
            yield from _texts(one)
