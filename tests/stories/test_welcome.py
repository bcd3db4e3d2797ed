"""A channel that people bring Tocsin into reads in a line what to type first, and once."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.place import Place
from tests.fakes.discord_world import GUILD, discord_world
from tests.fakes.slack_api import BOT, SlackApiStub, slack_api
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Template, Tocsin, copy_file, opened
from tests.fakes.web_client import web_client

SECRET = "a-signing-secret"


@pytest.fixture
async def slack() -> AsyncIterator[SlackApiStub]:
    async with slack_api() as stub:
        yield stub


@pytest.fixture
async def tocsin(
    sqlite_template: Template, tmp_path: Path, slack: SlackApiStub
) -> AsyncIterator[Tocsin]:
    """A Tocsin that Slack reaches over HTTP."""
    url = copy_file(sqlite_template.url, tmp_path / "tocsin.db")
    told = {
        "slack.bot_token": "xoxb-1",
        "slack.signing_secret": SECRET,
        "slack.api_url": f"{slack.url}/",
    }
    async with opened(url, tmp_path, sqlite_template.seeded, **told) as made:
        yield made
        await made.parts.platforms[0].close()


async def joined(tocsin: Tocsin, channel: str, user: str = BOT, inviter: str = "U0BOB") -> None:
    """Slack tells that somebody came into a channel."""
    event = {"type": "member_joined_channel", "user": user, "channel": channel}
    told = {"event": event | ({"inviter": inviter} if inviter else {}), "team_id": "T01TEST"}
    number = f"Ev{time.monotonic_ns()}"
    body = json.dumps(told | {"type": "event_callback", "event_id": number}).encode()
    stamp = str(int(time.time()))
    signed = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    headers = {
        "content-type": "application/json",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={signed.hexdigest()}",
    }
    async with web_client(tocsin) as door:
        answer = await door.post("/slack/events", content=body, headers=headers)
    assert answer.status_code == 200
    platform = tocsin.parts.platforms[0]
    await platform.turns.settle()  # type: ignore[attr-defined] # it is Slack's


async def test_a_channel_reads_once_what_to_type(tocsin, slack):
    """However often Tocsin is brought there."""
    await joined(tocsin, "C0STORE")
    await joined(tocsin, "C0STORE")
    (said,) = slack.posted
    assert said.channel == "C0STORE"
    assert "/incident declare checkout is down" in said.text
    await joined(tocsin, "C0PLATFORM")
    assert [one.channel for one in slack.posted] == ["C0STORE", "C0PLATFORM"]


async def test_nothing_is_said_where_nobody_asked_for_it(tocsin, slack):
    """Somebody else came; we opened it ourselves; others read there; it is an incident's room."""
    await joined(tocsin, "C0STORE", user="U0BOB")
    await joined(tocsin, "C0MADE1", inviter="")
    slack.shared.add("C0SHARED")
    await joined(tocsin, "C0SHARED")
    await tocsin.say("alice", "/incident declare checkout fails sev:3")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        incident = await unit.incidents.need("INC-13")
        await unit.incidents.settle(incident, Place(platform="slack", room="C0INC13"))
    await joined(tocsin, "C0INC13")
    assert [one for one in slack.posted if "All the rest" in one.text] == []


async def test_a_discord_server_reads_it_where_it_reads_its_news(tocsin):
    """As soon as Tocsin is on it, and not at every restart."""
    async with discord_world(tocsin) as world:
        general = world.channel("general")
        world.env.backend.guilds[GUILD].system_channel_id = general.id
        await world.restart()
        await world.restart()
        (said,) = world.seen(general)
        assert "/incident declare checkout is down" in said.text
        assert world.seen("incidents") == []
