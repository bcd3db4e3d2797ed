"""In front of an outside chat: rooms at a pace, pages past it."""

from datetime import timedelta

import pytest

from bot.pacing import MOST_KNOWN, PacedChat
from domain.errors import Retry, TooSoon
from domain.message import sentence
from domain.pace import BURST
from domain.place import MessageRef, Place
from tests.fakes.outside import OutsideChat

WORDS = sentence("hello")
ROOM = Place(platform="slack", room="incidents")


class OneAccount:
    """Everybody has the account of their own name."""

    async def account(self, user: str, platform: str) -> str:
        return user


class Seconds:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def outside() -> OutsideChat:
    """The chat behind."""
    return OutsideChat(OneAccount())


@pytest.fixture
def seconds() -> Seconds:
    """What the pace goes by."""
    return Seconds()


@pytest.fixture
def chat(outside: OutsideChat, seconds: Seconds) -> PacedChat:
    """The chat in front."""
    return PacedChat(outside, seconds)


async def waits(chat: PacedChat, *keys: str, place: Place = ROOM) -> list[float]:
    """Post each; returns how long each must wait, in seconds."""
    told = []
    for key in keys:
        try:
            await chat.post(place, WORDS, key)
        except TooSoon as full:
            told.append(full.after.total_seconds() if full.after else -1)
        else:
            told.append(0.0)
    return told


FIRST = [f"first {number}" for number in range(BURST)]


async def test_a_room_gets_a_burst_and_then_one_a_second(chat, outside, seconds):
    """In the order of asking, edits as well; other rooms are not concerned."""
    assert await waits(chat, *FIRST, "a", "b") == [0.0] * BURST + [1.0, 2.0]
    with pytest.raises(TooSoon) as edit:
        await chat.edit(MessageRef(platform="slack", room="incidents", message="0"), WORDS)
    assert edit.value.after == timedelta(seconds=3)
    assert await waits(chat, "other", place=Place(platform="slack", room="other")) == [0.0]
    seconds.now = 1.0
    assert await waits(chat, "b", "a", "c") == [1.0, 0.0, 3.0]
    seconds.now = 2.0
    assert await waits(chat, "b") == [0.0]
    assert [one.key for one in outside.room("incidents")] == [*FIRST, "a", "b"]


async def test_a_page_waits_for_no_turn(chat, outside, seconds):
    """However many others wait for theirs; its cards are redrawn at once by any process."""
    direct = await chat.direct("bob")
    keys = [f"ring {number}" for number in range(20)]
    refs = [await chat.post(direct, WORDS, key) for key in keys]
    assert len(outside.room(direct.room)) == 20
    after_a_restart = PacedChat(outside, seconds)
    for ref in refs:
        await after_a_restart.edit(ref, WORDS)
    assert outside.edited == keys


async def test_a_busy_platform_is_left_alone(chat, outside, seconds):
    """A room for as long as it said, without asking it again; a page is told at once."""
    direct = await chat.direct("bob")
    outside.busy = timedelta(seconds=30)
    for place in (ROOM, direct):
        with pytest.raises(Retry, match="429"):
            await chat.post(place, WORDS, "first")
    asked = outside.calls
    seconds.now = 10.0
    with pytest.raises(TooSoon) as held:
        await chat.post(ROOM, WORDS, "second")
    assert held.value.after == timedelta(seconds=20)
    with pytest.raises(Retry, match="busy") as refused:
        await chat.post(direct, WORDS, "second")
    assert not isinstance(refused.value, TooSoon)
    assert outside.calls == asked
    outside.busy = None
    seconds.now = 30.0
    await chat.post(ROOM, WORDS, "third")


async def test_rooms_that_are_idle_are_forgotten(chat, seconds):
    """What is remembered does not grow for ever."""
    for number in range(MOST_KNOWN):
        await chat.post(Place(platform="slack", room=str(number)), WORDS, str(number))
    seconds.now = 60.0
    await chat.post(ROOM, WORDS, "new")
    assert set(chat.rooms) == {"incidents"}
