"""A person in the Agents Playground: what is drawn can be read, pressed and filled in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.browser import page_at
from tests.fakes.hands.teams import TeamsHand, teams_hand
from tests.fakes.peers import PeerMissing
from tests.fakes.tocsin import Template

pytestmark = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)


@pytest.fixture
async def bob(copied: Template, tmp_path: Path) -> AsyncIterator[TeamsHand]:
    """Bob has Tocsin in his chats and in his team."""
    try:
        async with teams_hand(copied, tmp_path) as made:
            yield made
            assert await made.tocsin.troubles() == []
    except PeerMissing as missing:
        pytest.skip(f"no Agents Playground: {missing}")


@pytest.mark.browser
async def test_a_person_in_the_browser(bob: TeamsHand, tmp_path: Path):
    """An error stands beneath its field."""
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
