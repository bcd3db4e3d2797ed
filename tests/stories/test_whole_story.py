"""One story, told once and lived in every chat: from the declaration to the postmortem."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.hands.console import console_hand
from tests.fakes.hands.discord import discord_hand
from tests.fakes.hands.hand import Hand
from tests.fakes.hands.slack import slack_hand
from tests.fakes.hands.teams import teams_hand
from tests.fakes.local_slack import LocalSlackMissing
from tests.fakes.peers import PeerMissing
from tests.fakes.tocsin import Template

Held = Callable[[Template, Path], AbstractAsyncContextManager[Hand]]
HANDS: dict[str, Held] = {
    "console": console_hand,
    "slack over sockets": partial(slack_hand, way="socket"),
    "slack over signed http": partial(slack_hand, way="http"),
    "discord": discord_hand,
    "teams": teams_hand,
}
# What is stored, and how, is the same for all chats: one tells it on both databases.
BOTH = pytest.param("postgresql", "console", marks=[pytest.mark.postgres, pytest.mark.both])


@pytest.fixture
async def hand(
    request: pytest.FixtureRequest, copied: Template, tmp_path: Path
) -> AsyncIterator[Hand]:
    """Bob's; when the story is told every job has come to its end, and the audit is whole."""
    try:
        async with HANDS[request.param](copied, tmp_path) as made:
            yield made
            assert await made.tocsin.troubles() == []
            assert (await made.tocsin.verify()).problems == ()
    except (LocalSlackMissing, PeerMissing) as missing:
        pytest.skip(f"{request.param}: {missing}")


@pytest.mark.parametrize(
    ("copied", "hand"), [*(("sqlite", one) for one in HANDS), BOTH], indirect=True
)
async def test_from_the_declaration_to_the_postmortem(hand: Hand):
    """Declared, paged, taken, updated, approved, resolved and written down by the chat's own
    means; every card says how things stand. Alice is elsewhere."""
    hand.tocsin.deploys_in(98)
    await hand.type("/incident declare Queries fail service:trino severity:SEV2")
    assert "triggered" in await hand.see("INC-13", "Queries fail", "triggered")

    await hand.see("You are on call", "Queries fail")
    await hand.press("You are on call", "Ack")
    await hand.press("Yours, Bob", "Take lead")
    await hand.see("INC-13", "acknowledged")

    await hand.press("acknowledged", "Update…")
    await hand.fill(text="v248 broke the planner", status="identified")
    await hand.see("v248 broke the planner")

    asked = await hand.tocsin.say("alice", "/rollback trino")
    assert asked.approval == "APR-1"
    await hand.press("Approval needed", "See plan")
    await hand.press("v247", "Approve")
    await hand.see("Rolled back trino prod to v247")

    await hand.type("/incident resolve v248 rolled back resolution:fixed", inside=True)
    assert (await hand.tocsin.incident()).resolution == "fixed"
    await hand.see("INC-13", "resolved")
    await hand.see("Postmortem INC-13")
    await hand.see("Timeline", "v248 broke the planner")
    await hand.press("Postmortem INC-13", "Publish")
    await hand.see("Postmortem INC-13", "published")

    told = "\n".join(await hand.tocsin.told())
    for said in ("v248 broke the planner", "APR-1 approved by Bob", "v248 rolled back"):
        assert said in told
