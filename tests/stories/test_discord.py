"""The whole story on Discord: declare, page, acknowledge, update, approve, resolve, postmortem."""

from collections.abc import AsyncIterator

import pytest

from domain.pace import EDITS_APART
from tests.fakes.discord_world import DiscordWorld, answer, discord_world, fields
from tests.fakes.tocsin import Tocsin


@pytest.fixture
async def discord(tocsin: Tocsin) -> AsyncIterator[DiscordWorld]:
    """Bob and Carol respond."""
    async with discord_world(tocsin) as world:
        await world.join("bob", "Responders")
        await world.join("carol", "Responders")
        yield world


async def test_from_the_declaration_to_the_postmortem(tocsin: Tocsin, discord: DiscordWorld):
    """Everything by Discord's own means, and every card says how things stand."""
    tocsin.deploys_in(98)
    told = {"title": "Queries fail", "service": "trino"}
    declared = await discord.slash("carol", "incidents", "incident declare", **told)
    assert "INC-13" in answer(declared).text
    (card,) = discord.seen("incidents")
    assert "triggered" in card.text

    (page,) = discord.direct("bob")
    assert "Queries fail" in page.text
    await discord.press("bob", page, "Ack")
    (page,) = discord.direct("bob")
    assert "Yours, Bob" in page.text
    await discord.press("bob", page, "Take lead & open room")
    room = discord.thread("inc-13")
    assert "acknowledged" in discord.seen(room)[0].text

    form = await discord.slash("bob", room, "incident update")
    assert fields(form)["status"]["options"][0]["value"] == "investigating"
    await discord.submit("bob", form, text="v248 broke the planner", status=["identified"])
    assert "v248 broke the planner" in discord.seen(room)[-1].text

    await discord.slash("bob", room, "rollback start", service="trino")
    plan = answer(await discord.press("carol", discord.seen(room)[-1], "See plan"))
    own = await discord.press("bob", discord.seen(room)[-1], "See plan")
    assert "yourself" in answer(await discord.press("bob", answer(own), "Approve")).text
    await discord.press("carol", plan, "Approve")
    await tocsin.advance(EDITS_APART)
    assert "Rolled back trino prod to v247" in discord.seen(room)[-1].text

    ended = {"text": "v248 rolled back", "resolution": "fixed"}
    await discord.slash("bob", room, "incident resolve", **ended)
    await tocsin.advance(EDITS_APART)
    assert "resolved" in discord.seen(room)[0].text
    assert "resolved" in discord.seen("incidents")[0].text
    head = next(one for one in discord.seen(room) if "Postmortem INC-13" in one.text)
    assert any(one.text.startswith("### Timeline") for one in discord.seen(room))
    await discord.press("bob", head, "Publish")
    await tocsin.advance(EDITS_APART)
    head = next(one for one in discord.seen(room) if "Postmortem INC-13" in one.text)
    assert "published" in head.text
