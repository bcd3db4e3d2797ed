"""Proof: what would happen, what has happened, and that they are the same."""

import pytest

from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.tocsin import Tocsin


@pytest.mark.both
async def test_what_was_foreseen_is_what_happens(tocsin: Tocsin):
    """Whom, and when; then why, with every attempt and what comes next."""
    foreseen = await tocsin.say("dave", "/whatif trino sev:2")
    assert foreseen.refused == "", foreseen.text
    assert "Nothing was sent." in foreseen.text
    assert await tocsin.open_incidents() == []
    steps = foreseen.data["steps"]
    await tocsin.fire(TRINO)
    began = tocsin.clock.now()
    await tocsin.advance(9 * MINUTE)
    pages = [(page.user, page.created_at - began) for page in await tocsin.pages()]
    told = [
        (person["user"], 5 * MINUTE * n) for n, step in enumerate(steps) for person in step["rung"]
    ]
    assert pages == told[: len(pages)]
    assert {user for user, _ in pages} == {"bob", "carol"}
    why = await tocsin.say("bob", "/why 13", room="dm-bob")
    assert "Rule: ALR-1 opened: " in why.text
    assert "Bob: on call for data-platform" in why.text
    assert "step 1 of" in why.text and "layer weekly" in why.text
    assert "ring 1 by chat" in why.text and "console dm-bob" in why.text
    assert why.data["next"][0]["at"] == (began + 10 * MINUTE).isoformat().replace("+00:00", "Z")
    everybody = await tocsin.say("dave", "/page why 13")
    assert "Bob: on call" in everybody.text and "Carol: on call" in everybody.text
    await tocsin.say("carol", "/incident ack INC-13")
    after = await tocsin.say("bob", "/why 13", room="dm-bob")
    assert "INC-13 is acknowledged: no step is to come." in after.text
    private = await tocsin.say("bob", "/incident declare canary7f3a sev:3 private:yes")
    name = private.data["id"].removeprefix("INC-")
    assert "There is no incident" in (await tocsin.say("dave", f"/why {name}")).text


async def test_what_rings_nobody_says_why(tocsin: Tocsin):
    """A silence; what can wait, and until when; what is only listed; a name that nobody has."""
    low = await tocsin.say("dave", "/whatif trino sev:3")
    assert "One quiet page to Bob at Mon 23 Nov 09:00 UTC" in low.text
    assert "it is only listed" in (await tocsin.say("dave", "/whatif trino sev:5")).text
    asked = await tocsin.say("bob", "/alert silence service=trino for:1h why:restart")
    await tocsin.press("bob", asked, "Silence")
    held = await tocsin.say("dave", "/whatif trino")
    assert "Nobody is rung: silence SIL-1 by" in held.text
    later = await tocsin.say("dave", "/whatif trino at:2h")
    assert "step 1 of" in later.text
    team = await tocsin.say("dave", "/page whatif web sev:1")
    assert "step 1 of" in team.text
    assert "Nobody is called nix" in (await tocsin.say("dave", "/whatif nix")).text
