"""Slack, as people there meet it: against a real stand-in, over sockets and over signed HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.conditions import TRINO
from tests.fakes.local_slack import (
    ALERTS,
    BINARY,
    GENERAL,
    INCIDENTS,
    account_of,
)
from tests.fakes.slack_tocsin import SlackTocsin, slack_tocsin
from tests.fakes.slack_types import faults, need_typed
from tests.fakes.tocsin import Template, copy_file

pytestmark = pytest.mark.skipif(not BINARY.exists(), reason="local-slack is not installed")


@pytest.fixture(params=["socket", "http"])
async def office(
    request: pytest.FixtureRequest, sqlite_template: Template, tmp_path: Path
) -> AsyncIterator[SlackTocsin]:
    """A workspace in which Tocsin is installed; bob is on call first, carol second."""
    url = copy_file(sqlite_template.url, tmp_path / "tocsin.db")
    made = Template(url, sqlite_template.seeded)
    async with slack_tocsin(made, tmp_path, request.param) as running:
        yield running
        assert await running.tocsin.troubles() == []


async def test_a_command_is_answered_to_its_author_alone(office):
    """In the acknowledgement, without another request."""
    await office.command("bob", "/incident list")
    answer = await office.newest(GENERAL)
    assert answer["ephemeral_to"] == account_of("bob")
    assert await office.slack.calls("chat.postEphemeral") == []


@pytest.mark.parametrize(
    "line",
    ["/incident declare it fails", "/tocsin incident declare it fails", "/acme-inc new it fails"],
)
async def test_every_root_is_heard_whatever_the_manifest_calls_it(office, line):
    """Beside another tool, with a prefix, or as it is."""
    await office.command("alice", line)
    assert (await office.tocsin.incident()).title == "it fails"


async def test_what_a_command_lacks_is_asked_for_in_a_form(office):
    """What is wrong stays in the form, beneath its field."""
    await office.command("bob", "/incident declare")
    view = await office.slack.view()
    assert faults("Opened", {key: view[key] for key in OPENED if key in view}) == []
    assert "title" in [block.get("block_id") for block in view["blocks"]]
    await office.submit("bob", title="x" * 300)
    assert await office.slack.views() == 1
    assert "200" in str(office.slack.refused)
    await office.submit("bob", title="checkout is down", severity="2")
    assert await office.slack.views() == 0
    assert (await office.tocsin.incident()).title == "checkout is down"
    answer = await office.newest(GENERAL)
    assert "INC-13" in answer["text"]
    assert answer["ephemeral_to"] == account_of("bob")


OPENED = ("type", "title", "blocks", "submit", "close", "callback_id", "private_metadata")


async def test_a_typo_is_asked_about_in_a_form_that_keeps_the_words(office):
    """Nothing is done before it is sent."""
    await office.command("bob", "/incident checkuot is slow")
    view = await office.slack.view()
    (title,) = [one for one in view["blocks"] if one.get("block_id") == "title"]
    assert title["element"]["initial_value"] == "checkuot is slow"
    assert await office.tocsin.open_incidents() == []


async def test_people_are_picked_from_tocsins_own(office):
    """Not from Slack's."""
    await office.command("alice", "/incident declare it fails sev:2")
    (card, *_) = await office.slack.room("inc-13-it-fails")
    await office.command("alice", "/incident role", channel=card["channel"])
    view = await office.slack.view()
    (person,) = [one for one in view["blocks"] if one.get("block_id") == "person"]
    assert person["element"]["type"] == "static_select"
    assert "@carol" in [one["value"] for one in person["element"]["options"]]
    await office.submit("alice", role="scribe", person="@carol")
    assert "carol" in (await office.tocsin.incident()).responders


async def test_a_direct_message_needs_no_slash(office):
    """And a bare number answers the newest page."""
    await office.tocsin.fire(TRINO)
    page = await office.page("bob")
    await office.say("bob", "1", channel=page["channel"])
    assert (await office.tocsin.incident()).responders == ("bob",)
    answer = await office.page("bob")
    assert "INC-13 is yours" in answer["text"]


async def test_a_mention_is_the_way_in_from_a_thread(office):
    """It is about the thread's incident, and answered there."""
    await office.tocsin.fire(TRINO)
    card = await office.newest(ALERTS)
    await office.say("bob", "<@U0BOT> note GC pauses of 40 s", channel=ALERTS, thread=card["ts"])
    assert any("GC pauses of 40 s" in line for line in await office.tocsin.told())
    answer = await office.newest(ALERTS)
    assert answer["thread_ts"] == card["ts"]
    assert answer["ephemeral_to"] == account_of("bob")


async def test_what_people_say_to_each_other_is_not_looked_at(office):
    """Neither answered nor kept."""
    await office.say("bob", "resolve INC-1", channel=INCIDENTS)
    await office.say("bob", "a canary sings", channel=INCIDENTS)
    assert len(await office.slack.messages(INCIDENTS)) == 2
    assert "canary" not in str(await office.tocsin.audited())


async def test_a_mentioned_person_is_tocsins(office):
    """By their account, whatever they are called."""
    await office.command("alice", "/incident declare it fails sev:2")
    await office.command("alice", f"/incident lead INC-13 <@{account_of('carol')}|caz>")
    assert (await office.tocsin.incident()).commander == "carol"


async def test_a_reaction_adds_a_message_to_the_timeline(office):
    """With the set emoji, in an incident's room, and once."""
    await office.command("alice", "/incident declare it fails sev:2")
    room = await office.slack.room("inc-13-it-fails")
    said = await office.say("bob", "errors > 5 % since *noon*", channel=room[0]["channel"])
    await office.slack.react("carol", said, "eyes")
    await office.slack.react("carol", said, "pushpin")
    await office.settle()
    kept = [line for line in await office.tocsin.told() if "errors" in line]
    assert len(kept) == 1
    assert "Bob: errors > 5 % since *noon*" in kept[0]
    other = await office.say("bob", "nothing of this", channel=GENERAL)
    await office.slack.react("carol", other, "pushpin")
    await office.settle()
    assert not any("nothing of this" in line for line in await office.tocsin.told())


async def test_home_shows_what_is_mine(office):
    """Shifts, pages and incidents."""
    await office.slack.open_home("bob")
    await office.settle()
    home = await office.slack.home("bob")
    assert home["type"] == "home"
    need_typed(home["blocks"], most=100)


async def test_what_was_said_while_the_line_was_cut_is_heard_afterwards(office):
    """Once, however often it is read: an answer to a page is not lost (F18)."""
    if office.way == "http":
        pytest.skip("Slack itself repeats what it could not deliver over HTTP")
    await office.tocsin.fire(TRINO)
    page = await office.page("bob")
    for _ in range(2):
        await office.go_deaf()
        if not (await office.tocsin.incident()).responders:
            await office.slack.say("bob", "1", channel=page["channel"])
        await office.hear()
        await office.slack.until(lambda: _answers(office))
        await office.settle()
    assert (await office.tocsin.incident()).responders == ("bob",)
    assert len(await _answers(office)) == 1


async def _answers(office):
    return [one for one in await office.slack.direct("bob") if "is yours" in one["text"]]


async def test_a_stale_button_is_told_to_who_presses_it(office):
    """Privately, and nothing is done twice."""
    await office.tocsin.fire(TRINO)
    page = await office.page("bob", "Ack")
    await office.press("bob", page, "Ack")
    told = await office.tocsin.told()
    await office.press("bob", page, "Ack")
    assert await office.tocsin.told() == told
    answer = await office.page("bob")
    assert answer["ephemeral_to"] == account_of("bob")
    assert "already" in answer["text"]
