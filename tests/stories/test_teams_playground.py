"""The whole story in the Agents Playground: declare, page, acknowledge, approve, resolve."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.site import build_site
from integrations.chat.teams.invoke import DIRECTLY
from tests.fakes.bot_framework import APP, INCIDENTS, TENANT, Json, written
from tests.fakes.browser import page_at
from tests.fakes.peers import PeerMissing
from tests.fakes.playground import Message, Playground, joined, playground
from tests.fakes.served import served
from tests.fakes.tocsin import Template, Tocsin, opened

SETTINGS = {"teams.app_id": APP, "teams.tenant_id": TENANT, "chat.home": "teams"}


@dataclass
class Bob:
    """Bob in his Teams; after each step everything that is due has been done."""

    tocsin: Tocsin
    teams: Playground

    async def say(self, text: str, conversation: str | None = None) -> None:
        """Type words to Tocsin alone, or where it is mentioned; it answers directly."""
        seen = len(self.teams.messages)
        await self.teams.say(conversation or self.teams.alone, text)
        await self.teams.until(lambda one: len(self.teams.messages) > seen)
        await self.tocsin.settle()

    async def press(self, message: Message, title: str, **values: str) -> Json:
        """Press a button; returns what is shown for it."""
        shown = await self.teams.press(message, title, **values)
        await self.tocsin.settle()
        return shown

    async def offers(self, title: str) -> Message:
        """The newest message with that button, once it is there."""
        return await self.teams.until(lambda one: title in one.titles)

    async def sees(self, *words: str, alone: bool = False) -> Message:
        """The newest message that holds all these words, once it is there."""
        return await self.teams.until(
            lambda one: (
                all(word in one.text for word in words)
                and (not alone or one.conversation == self.teams.alone)
            )
        )


@pytest.fixture
async def bob(copied: Template, tmp_path: Path) -> AsyncIterator[Bob]:
    """Bob has Tocsin in his chats and in his team."""
    async with (
        opened(copied.url, tmp_path, copied.seeded, **SETTINGS) as tocsin,
        served(build_site(tocsin.parts)) as port,
    ):
        endpoint = f"http://127.0.0.1:{port}/teams/messages"
        try:
            async with (
                playground(tmp_path, endpoint, "bob") as address,
                joined(address, "bob") as teams,
            ):
                made = Bob(tocsin, teams)
                await made.say("help", INCIDENTS)
                await made.sees("What you can do", alone=True)
                yield made
        except PeerMissing as missing:
            pytest.skip(f"no Agents Playground: {missing}")
        assert await tocsin.troubles() == []
        for platform in tocsin.parts.platforms:
            await platform.close()


async def test_from_the_declaration_to_the_postmortem(bob: Bob):
    """Everything by the means of Teams, and every card says how things stand."""
    bob.tocsin.deploys_in(98)
    await bob.tocsin.say("carol", '/declare "Queries fail" service:trino sev:2')
    card = await bob.sees("INC-13", "triggered")
    assert card.conversation.startswith(f"{INCIDENTS};messageid=")

    page = await bob.sees("Queries fail", "You are on call", alone=True)
    shown = await bob.press(page, "Ack")
    assert "yours, Bob" in str(shown)
    await bob.sees("Yours, Bob", alone=True)
    page = bob.teams.messages[page.id]
    assert page.edits >= 1
    assert "acknowledged" in bob.teams.messages[card.id].text
    assert bob.teams.messages[card.id].edits >= 1

    room = (await bob.sees("#inc-13-queries-fail", "SEV2 INC-13")).conversation
    inside = await bob.teams.until(lambda one: one.conversation == room and "Phase" in one.text)
    shown = await bob.press(inside, "Update…")
    assert DIRECTLY in written(shown["value"])
    form = await bob.sees("Post an update", alone=True)
    again = await bob.press(form, "Update", text="v248 broke the planner", next="whenever")
    assert "Next: " in written(again["value"])
    again = await bob.press(form, "Update", text="v248 broke the planner", status="identified")
    assert "Post an update" not in written(again["value"])
    said = await bob.sees("v248 broke the planner")
    assert said.conversation == room

    asked = await bob.tocsin.say("alice", "/rollback trino")
    assert asked.approval, asked.text
    approval = await bob.offers("See plan & approve…")
    await bob.press(approval, "See plan")
    await bob.press(await bob.offers("Approve"), "Approve")
    await bob.sees("Rolled back trino prod to v247")

    await bob.say("resolve v248 rolled back resolution:fixed", room)
    assert (await bob.tocsin.incident()).resolution == "fixed"
    await bob.teams.until(lambda one: one.id == card.id and "resolved" in one.text)
    await bob.sees("Postmortem INC-13")
    await bob.sees("Timeline")


@pytest.mark.browser
async def test_a_person_in_the_browser(bob: Bob, tmp_path: Path):
    """What is drawn can be read, pressed and filled in; an error stands beneath its field."""
    async with page_at(bob.teams.address) as page:
        await page.get_by_text("Personal Chat").first.click()
        await page.get_by_role("textbox").last.fill("declare Disk full service:trino sev:2")
        await page.keyboard.press("Enter")
        await page.get_by_text("INC-13").first.wait_for()
        await bob.tocsin.settle()
        await page.get_by_text("You are on call").wait_for()
        await page.get_by_role("button", name="Ack").last.click()
        await page.get_by_text("INC-13 is yours, Bob.").wait_for()
        await page.screenshot(path=tmp_path / "acknowledged.png")
        await bob.tocsin.settle()
        await page.get_by_text("Yours, Bob").wait_for()

        await page.get_by_role("button", name="Update…").last.click()
        await page.get_by_label("Text").last.fill("v248 broke the planner")
        await page.get_by_label("Next").last.fill("whenever")
        await page.get_by_role("button", name="Update", exact=True).last.click()
        await page.get_by_text("Next: ").last.wait_for()
        await page.screenshot(path=tmp_path / "wrong.png")
        await page.get_by_label("Next").last.fill("30m")
        await page.get_by_role("button", name="Update", exact=True).last.click()
        await page.get_by_role("button", name="Update", exact=True).wait_for(state="detached")
        await page.screenshot(path=tmp_path / "updated.png")
    await bob.tocsin.settle()
    assert any("v248 broke the planner" in line for line in await bob.tocsin.told())
