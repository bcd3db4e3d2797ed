"""What Slack offers beside a message, and lists that are searched while one types."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.actor import Role
from integrations.chat.slack.manifest import FOLLOW_UP, KEEP, NEW, NEW_FROM
from tests.fakes.slack_door import SlackDoor, slack_door
from tests.fakes.slack_types import faults
from tests.fakes.tocsin import Template

pytestmark = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)

MANY = 30
SAID = "search is *slow* for <@U0CAROL>"


@pytest.fixture
async def door(copied: Template, tmp_path: Path) -> AsyncIterator[SlackDoor]:
    """Slack, where everybody of the demo is."""
    async with slack_door(copied, tmp_path) as made:
        yield made
        assert await made.tocsin.troubles() == []


async def pointed(door: SlackDoor, shortcut: str, channel: str = "C0GENERAL", **more: str) -> None:
    """Bob opens the menu of a message of Carol's and picks something."""
    message = {"ts": "1795262400.000100", "text": SAID, "user": "U0CAROL"} | more
    where = {"channel": {"id": channel}, "message": message}
    await door.send("message_action", "bob", callback_id=shortcut, **where)


def value(door: SlackDoor, field: str) -> str | None:
    """What stands in a field of the window."""
    (found,) = [one for one in door.form["blocks"] if one.get("block_id") == field]
    stands: str | None = found["element"].get("initial_value")
    return stands


async def test_an_incident_is_declared_from_a_message(door: SlackDoor):
    """Its words are the title, and can be changed before anything is done."""
    await pointed(door, NEW_FROM)
    assert faults("Opened", door.form) == []
    assert value(door, "title") == "search is *slow* for @carol"
    assert await door.tocsin.open_incidents() == []
    await door.fill("bob", severity="SEV3")
    incident = await door.tocsin.incident()
    assert (incident.title, incident.severity) == ("search is *slow* for @carol", "SEV3")


async def test_an_incident_is_declared_from_anywhere(door: SlackDoor):
    """The shortcut of the whole workspace asks for everything."""
    await door.send("shortcut", "bob", callback_id=NEW)
    assert value(door, "title") is None
    await door.fill("bob", title="it fails")
    assert (await door.tocsin.incident()).title == "it fails"


async def test_a_message_of_the_room_becomes_an_entry_or_follow_up_work(door: SlackDoor):
    """By whoever wrote it; elsewhere there is no timeline for it."""
    await pointed(door, KEEP)
    await door.tocsin.say("alice", "/incident declare it fails sev:2")
    incident = await door.tocsin.incident()
    assert incident.home
    await pointed(door, KEEP, incident.home.room)
    (kept,) = [one for one in await door.tocsin.told() if "search is" in one]
    assert "Carol: search is *slow* for @carol" in kept
    await pointed(door, FOLLOW_UP, incident.home.room)
    await door.fill("bob")
    (added,) = [one for one in await door.tocsin.told() if one.startswith("ACT-1")]
    assert "search is *slow* for @carol" in added


async def test_a_shortcut_of_another_version_does_nothing(door: SlackDoor):
    """It is told so."""
    await pointed(door, "something_else")
    assert door.stub.calls("views.open") == []
    (told,) = door.stub.calls("chat.postEphemeral")
    assert "another version" in told["text"]


async def test_a_long_list_is_searched_while_one_types(door: SlackDoor):
    """People are Tocsin's; a guest of the workspace finds nobody."""
    for number in range(MANY):
        await door.tocsin.hire(f"person{number}", Role.RESPONDER)
    await door.tocsin.say("alice", "/incident declare it fails sev:2")
    (card,) = [one for one in door.stub.posted if one.channel == "C0INCIDENTS"]
    await door.send(
        "block_actions",
        "bob",
        channel={"id": card.channel},
        message={"ts": card.ts},
        actions=[{"action_id": "ask:v1:incident.role:INC-13", "value": "{}"}],
    )
    assert faults("Opened", door.form) == []
    (field,) = [one for one in door.form["blocks"] if one.get("block_id") == "person"]
    assert field["element"]["type"] == "external_select"
    typed = {"action_id": field["element"]["action_id"], "value": "person2"}
    found = await door.send("block_suggestion", "bob", **typed)
    names = [one["value"] for one in found["options"]]
    assert "@person2" in names
    assert all("person2" in one for one in names)
    assert faults("Choices", found["options"]) == []
    door.stub.users["U0ZOE"] = door.stub.users["U0BOB"] | {"id": "U0ZOE", "is_restricted": True}
    assert (await door.send("block_suggestion", "zoe", **typed))["options"] == []
    await door.fill("bob", role="scribe", person="@person2")
    assert (await door.tocsin.incident()).roles["scribe"] == "person2"
