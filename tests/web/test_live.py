"""The stream nudges readers about what they may know, and never about anything else."""

import asyncio
import json
from dataclasses import replace

import pytest

from domain.incident_facts import NoteAdded
from domain.message import sentence
from domain.ports import Place
from storage.store import Act
from tests.fakes.company import CANARY, OUTSIDERS_OF_INC_2, settle_company
from tests.fakes.console import talk_over
from tests.fakes.served import served
from tests.fakes.site import HOME
from tests.fakes.whole_site import whole_site
from web.live import LiveParts, Pace, events

MESSAGE = sentence(CANARY)
QUICK = Pace(heartbeat_s=0.02, look_s=0.01, gather_s=0)


@pytest.fixture
async def talk(store):
    await settle_company(store)
    return talk_over(store)


@pytest.fixture
def parts(store):
    return LiveParts(store.read, store.live, lambda: False, QUICK)


async def heard(parts, actor, act, *, missed=False):
    """The topics of the first nudge after ``act``; empty where a heartbeat comes first."""
    stream = events(parts, actor, missed=missed)
    await anext(stream)
    await act()
    told = await anext(stream)
    await stream.aclose()
    return topics(told)


def topics(told: str) -> set[str]:
    lines = dict(line.split(": ", 1) for line in told.strip().splitlines())
    return set(json.loads(lines["data"])["topics"]) if lines.get("event") == "nudge" else set()


def note(store, incident: str):
    async def act() -> None:
        async with store.write(Act("bob", "console")) as unit:
            await unit.facts.add(f"incident:{incident}", NoteAdded(), CANARY)

    return act


async def test_a_commit_is_a_nudge_that_names_what_to_read_again(store, talk, parts):
    """And nothing of what was written."""
    told = await heard(parts, await talk.actor("dave"), note(store, "INC-1"))
    assert told == {"incident:INC-1"}


@pytest.mark.parametrize("person", OUTSIDERS_OF_INC_2)
async def test_a_private_incident_nudges_its_members_only(store, talk, parts, person):
    """For everybody else nothing has happened: a heartbeat, no event."""
    assert await heard(parts, await talk.actor(person), note(store, "INC-2")) == set()
    assert await heard(parts, await talk.actor("carol"), note(store, "INC-2")) == {"incident:INC-2"}


async def test_rooms_nudge_those_who_may_enter(store, talk, parts):
    """Direct rooms and private incidents' rooms are nobody else's business."""
    places = ("incidents", "inc-2", "dm-bob")

    async def speak() -> None:
        for room in places:
            await talk.chat.post(Place(platform="console", room=room), MESSAGE, f"k{room}")

    told = await heard(parts, await talk.actor("dave"), speak)
    assert told == {"room:incidents"}


async def test_a_page_nudges_its_person(store, talk, parts):
    """Other people's pages are not told."""

    async def page() -> None:
        await talk.say("alice", "inc-1", "/page @carol look at this")

    assert "person:carol" in await heard(parts, await talk.actor("carol"), page)
    assert "person:carol" not in await heard(parts, await talk.actor("dave"), page)


async def test_who_comes_back_is_told_to_read_everything(store, talk, parts):
    """What they missed is not kept: ids are hints."""
    stream = events(parts, await talk.actor("dave"), missed=True)
    assert topics(await anext(stream)) == {"*"}
    await stream.aclose()


async def test_silence_is_filled_with_a_comment(store, talk, parts):
    """So that proxies and readers know that the line is alive."""
    stream = events(parts, await talk.actor("dave"), missed=False)
    assert [await anext(stream), await anext(stream)] == [": still here\n\n"] * 2
    await stream.aclose()


async def test_the_stream_ends_when_the_process_does(store, talk, parts):
    """A server that drains must not wait for readers."""
    ended = replace(parts, ending=lambda: True)
    assert len([told async for told in events(ended, await talk.actor("dave"), missed=False)]) == 1


async def test_the_stream_ends_when_its_time_is_up(store, talk, parts):
    """To come back takes a credential that still holds."""
    short = replace(parts, pace=replace(QUICK, longest_s=0))
    assert len([told async for told in events(short, await talk.actor("dave"), missed=False)]) == 1


async def test_the_stream_is_served_as_events(store):
    """Over a real connection, by token, not compressed and not cached."""
    site = await whole_site(store)
    async with served(site.app) as port:
        told = await read_one(port, note(store, "INC-1"))
    assert b"content-type: text/event-stream" in told
    assert b"cache-control: no-store" in told
    assert b'event: nudge\ndata: {"topics": ["incident:INC-1"]}\n' in told


async def read_one(port: int, act) -> bytes:
    """Connect, act once the stream has begun, and read up to the first nudge."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    host = HOME.removeprefix("http://")
    asked = f"GET /api/v1/live HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer dave\r\n\r\n"
    writer.write(asked.encode())
    told = await reader.readuntil(b"still here")
    await act()
    told += await reader.readuntil(b"}\n")
    writer.close()
    await writer.wait_closed()
    return told
