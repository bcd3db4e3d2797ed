"""Slack's adapter over a scripted Web API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from integrations.chat.slack.api import SlackApi
from integrations.chat.slack.people import SlackPeople
from integrations.chat.slack.render import render_strictly
from integrations.chat.slack.rooms import SlackRooms
from integrations.chat.slack.send import SlackChat
from tests.fakes.slack_api import MemoryKeep, SlackApiStub, slack_api
from tests.fakes.stores import StillClock

SHORT_S = 0.3


@dataclass
class Office:
    """The adapter's parts, and what they speak to."""

    stub: SlackApiStub
    keep: MemoryKeep
    clock: StillClock
    people: SlackPeople
    rooms: SlackRooms
    chat: SlackChat


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """A workspace in which bob has an account and carol has none."""
    keep, clock = MemoryKeep(links={"bob": "U0BOB", "alice": "U0ALICE"}), StillClock()
    async with slack_api() as stub:
        api = SlackApi("xoxb-1", stub.url, SHORT_S)
        people = SlackPeople(api, keep, clock)
        rooms = SlackRooms(api, keep, people, "incidents")
        yield Office(stub, keep, clock, people, rooms, SlackChat(api, keep, rooms, render_strictly))
        await api.close()
