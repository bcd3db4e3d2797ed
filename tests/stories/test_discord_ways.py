"""Each way to do something on Discord, and what people there may and may not see."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import simcord

from tests.fakes.conditions import TRINO
from tests.fakes.discord_world import GUILD, DiscordWorld, answer, discord_world, fields
from tests.fakes.tocsin import Tocsin

# What is stored, and how, is told by the other stories on both databases.
pytestmark = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)


@pytest.fixture
async def discord(tocsin: Tocsin) -> AsyncIterator[DiscordWorld]:
    """Bob and Carol respond; Dave has a member's role and no link, Mallory has no role."""
    async with discord_world(tocsin) as world:
        await world.join("bob", "Responders")
        await world.join("carol", "Responders")
        await world.join("dave", "Everybody", linked=False)
        await world.join("mallory", linked=False)
        yield world


async def declared(discord: DiscordWorld, **told: Any) -> None:
    """INC-13, with a room of its own."""
    given = {"title": "Queries fail", "service": "trino", "severity": "SEV2"} | told
    await discord.slash("bob", "incidents", "incident declare", **given)


async def test_a_field_is_filled_in_from_tocsins_own_lists(discord: DiscordWorld):
    """People, services and open incidents; nothing for who has no role."""
    await declared(discord)
    for command, option, typed, found in (
        ("incident lead", "person", "ca", "@carol"),
        ("incident declare", "service", "tri", "trino"),
        ("incident show", "incident", "quer", "INC-13"),
        ("page send", "target", "data", "data-platform"),
    ):
        bob = discord.people["bob"]
        choices = await bob.autocomplete(discord.channel("incidents"), command, option, typed)
        assert found in [one["value"] for one in choices]
    mallory = discord.people["mallory"]
    incidents = discord.channel("incidents")
    assert await mallory.autocomplete(incidents, "incident show", "incident", "") == []


async def test_a_command_without_what_it_needs_opens_a_form(discord: DiscordWorld):
    """Its submit is the same call; what it refuses can be mended, and nothing typed is lost."""
    form = await discord.slash("bob", "incidents", "declare")
    long = "x" * 201
    refused = await discord.submit("bob", form, title=long, severity=["SEV2"])
    told = answer(refused)
    assert "at most 200" in told.text
    again = await discord.press("bob", told, "Declare")
    assert fields(again)["title"]["value"] == long
    assert "at most 200" in str(again.modal)
    assert [one["value"] for one in fields(again)["severity"]["options"] if one["default"]] == [
        "SEV2"
    ]
    done = await discord.submit("bob", again, title="Queries fail", severity=["SEV2"])
    assert "SEV2 · INC-13 · Queries fail" in answer(done).text


async def test_an_old_form_is_not_taken_for_a_newer_one(discord: DiscordWorld):
    """Only the last one is kept for a person."""
    first = await discord.slash("bob", "incidents", "declare")
    old = answer(await discord.submit("bob", first, title="x" * 201))
    second = await discord.slash("bob", "incidents", "page send")
    await discord.submit("bob", second, target="nobody-of-that-name")
    second = await discord.slash("bob", "incidents", "declare")
    await discord.submit("bob", second, title="y" * 201)
    assert "has gone" in answer(await discord.press("bob", old, "Declare")).text


async def test_people_are_picked_from_tocsins_people(discord: DiscordWorld):
    """In a form they are a menu."""
    await declared(discord)
    form = await discord.slash("bob", discord.thread("inc-13"), "incident invite")
    assert "@carol" in [one["value"] for one in fields(form)["person"]["options"]]


async def test_a_page_is_answered_where_it_rings(tocsin: Tocsin, discord: DiscordWorld):
    """With a bare number, as with its button."""
    await tocsin.fire(TRINO)
    (page,) = discord.direct("bob")
    assert "### SEV" in page.text
    await discord.write_directly("bob", "1")
    assert "Yours, Bob" in discord.direct("bob")[0].text
    assert (await tocsin.incident()).responders == ("bob",)


async def test_closed_direct_messages_are_the_next_chats_page(
    tocsin: Tocsin, discord: DiscordWorld
):
    """Nobody waits for somebody who cannot be written to."""
    tocsin.forgiven.add("ring_page")
    discord.close("bob")
    await tocsin.fire(TRINO)
    assert discord.direct("bob") == []
    assert any("INC-13" in one.text for one in await tocsin.dm("bob"))
    assert [page.user for page in await tocsin.pages()] == ["bob", "carol"]


async def test_a_button_works_after_a_restart(tocsin: Tocsin, discord: DiscordWorld):
    """It was never bound to anything in memory; and the commands are not written again."""
    await tocsin.fire(TRINO)
    (page,) = discord.direct("bob")
    await discord.restart()
    await discord.press("bob", page, "Ack")
    assert "Yours, Bob" in discord.direct("bob")[0].text
    written = [one for one in discord.env.http_requests if one.method == "PUT"]
    assert len([one for one in written if one.path.endswith(f"{GUILD}/commands")]) == 1


async def test_what_takes_long_is_promised(discord: DiscordWorld):
    """Discord waits for three seconds; the answer comes when it is there, to the asker alone."""
    ready = discord.slow()
    asked = await discord.slash("bob", "incidents", "declare", title="It fails")
    assert asked.deferred
    ready.set()
    await discord.settle()
    assert "INC-13" in answer(asked).text


async def test_a_form_that_comes_too_late_is_a_button(discord: DiscordWorld):
    """A promise cannot become a form."""
    ready = discord.slow()
    asked = await discord.slash("bob", "incidents", "declare")
    ready.set()
    await discord.settle()
    form = await discord.press("bob", answer(asked), "Declare")
    assert "title" in fields(form)


async def test_a_message_becomes_an_incident_an_action_or_an_entry(
    tocsin: Tocsin, discord: DiscordWorld
):
    """By the menu of the message itself."""
    bob, incidents = discord.people["bob"], discord.channel("incidents")
    said = await discord.write("carol", "incidents", "Trino queries fail for analysts")
    form = await bob.context_menu(incidents, "Declare from message", said)
    assert fields(form)["title"]["value"] == "Trino queries fail for analysts"
    await discord.submit("bob", form, title="Queries fail", severity=["SEV2"])

    room = discord.thread("inc-13")
    said = await discord.write("carol", room, "GC pauses of 40 s")
    await bob.context_menu(room, "Add to timeline", said)
    assert any("carol: GC pauses of 40 s" in one for one in await tocsin.told())
    form = await bob.context_menu(room, "Create action item", said)
    assert fields(form)["text"]["value"] == "GC pauses of 40 s"
    await discord.submit("bob", form, text="Alert on GC pauses", owner=["@carol"])
    assert any("Alert on GC pauses" in one for one in await tocsin.told())
    elsewhere = await bob.context_menu(
        incidents, "Add to timeline", discord.found(discord.seen("incidents")[0])
    )
    assert "no incident's room" in answer(elsewhere).text


async def test_a_pushpin_adds_a_message_to_the_timeline(tocsin: Tocsin, discord: DiscordWorld):
    """In an incident's room, by somebody who may; anywhere else it is a pushpin."""
    await declared(discord)
    room = discord.thread("inc-13")
    for user, said in (("bob", "GC pauses"), ("mallory", "buy this"), ("bob", "elsewhere")):
        place = discord.channel("general") if said == "elsewhere" else room
        message = await discord.write("carol", place, said)
        await discord.people[user].react(message, "📌")
        await discord.settle()
    told = " ".join(await tocsin.told())
    assert "carol: GC pauses" in told
    assert "buy this" not in told
    assert "elsewhere" not in told


async def test_a_mention_is_answered_where_only_the_asker_reads(discord: DiscordWorld):
    """The channel sees nothing of it; words without a mention are dropped."""
    await declared(discord)
    await discord.write("carol", "general", f"{discord.mention} incident list")
    assert "INC-13" in discord.direct("carol")[-1].text
    await discord.write("carol", "general", "incident list")
    assert discord.seen("general") == []
    assert len(discord.direct("carol")) == 1


async def test_who_takes_no_direct_messages_is_told_so_without_the_answer(discord: DiscordWorld):
    """What is private never falls back to the channel."""
    await declared(discord, private=True)
    discord.close("bob")
    await discord.write("bob", "general", f"{discord.mention} incident list")
    (told,) = discord.seen("general")
    assert "take no direct messages" in told.text
    assert "INC-13" not in told.text


async def test_a_person_is_paged_by_their_mention(tocsin: Tocsin, discord: DiscordWorld):
    """Discord's mention is Tocsin's person."""
    carol = discord.people["carol"].mention
    await discord.write("bob", "general", f"{discord.mention} page {carol} metastore again")
    assert "metastore again" in discord.direct("carol")[-1].text


async def test_who_has_no_role_is_an_outsider(tocsin: Tocsin, discord: DiscordWorld):
    """A sentence, and nothing else; a mapped role is enough to declare, without any link."""
    refused = await discord.slash("mallory", "incidents", "declare", title="It fails")
    assert await tocsin.open_incidents() == []
    assert answer(refused).labels == []
    await discord.slash("dave", "incidents", "declare", title="It fails")
    assert await tocsin.open_incidents() == ["INC-13"]
    (card,) = discord.seen("incidents")
    refused = await discord.press("mallory", card, "Ack")
    assert (await tocsin.incident()).status == "triggered", answer(refused).text


async def test_a_bot_is_not_answered(discord: DiscordWorld):
    """Nor is Tocsin itself."""
    robot = discord.guild.add_member(discord.env.create_user("robot", bot=True))
    await robot.send(discord.channel("general"), f"{discord.mention} incident list")
    await discord.settle()
    assert discord.seen("general") == []


async def test_a_private_incident_has_a_thread_that_its_members_see(
    tocsin: Tocsin, discord: DiscordWorld
):
    """Nobody else; and it stands in no channel."""
    await declared(discord, private=True, title="Payroll leaked")
    assert discord.seen("incidents") == []
    (room,) = discord.channel("incidents").threads
    assert room.name == "inc-13"
    assert discord.seen(room)
    with pytest.raises(simcord.SetupError):
        room.history(viewer=discord.people["mallory"])
    await discord.slash("bob", room, "incident invite", person="@carol", why="knows payroll")
    assert room.history(viewer=discord.people["carol"])


async def test_without_the_teams_channel_the_card_stands_with_all_incidents(
    tocsin: Tocsin, discord: DiscordWorld
):
    """A card is seen somewhere rather than nowhere."""
    tocsin.forgiven.add("show_card")
    discord.env.backend.delete_channel(discord.channel("alerts-data-platform").id)
    await tocsin.fire(TRINO)
    assert any("INC-13" in one.text for one in discord.seen("incidents"))


async def test_a_role_follows_whoever_is_on_call(discord: DiscordWorld):
    """It is given and taken; who has no account there is passed over."""
    pager = discord.guild.create_role("Pager", position=1)
    chat = discord.platform.chat
    for on, off, held in (
        (("bob", "erin"), (), {"bob"}),
        (("bob", "erin"), (), {"bob"}),
        (("carol",), ("bob", "erin"), {"carol"}),
    ):
        await chat.hold_group(str(pager.id), on, off)
        members = discord.env.backend.get_guild(GUILD).members
        found = {
            name for name, one in discord.people.items() if pager.id in members[one.id].role_ids
        }
        assert found == held
