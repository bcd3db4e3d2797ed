"""The chat is busy, cut off, or says no: every page still reaches somebody, and once (F7)."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import Permanent, Retry
from domain.message import Message
from domain.ports import MessageRef, Place
from tests.faults.invariants import broken
from tests.faults.rig import RINGING_ONLY, Rig, rigged
from tests.faults.rooms import Rooms
from tests.faults.seeded import BusyOnce, CutOnce, RefusesBob
from tests.faults.world import world

MINUTE = timedelta(minutes=1)


class Refuses(Rooms):
    """Takes nothing, from now on."""

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        raise Permanent("token_revoked")


class BusyForLong(Rooms):
    """Takes no ring before six minutes have passed."""

    busy = True

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        if self.busy and key.startswith("ring:"):
            self.busy = False
            raise Retry("429", 6 * MINUTE)
        return await super().post(place, message, key, again=again)


class BusyInTheLastResort(Rooms):
    """Takes no ring of the first round of the last resort, for a minute."""

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        at = self.clock.now()
        if key.startswith("ring:") and (at.hour, at.minute) == (12, 10):
            raise Retry("429", MINUTE)
        return await super().post(place, message, key, again=again)


@pytest.fixture
def with_chat(seeded: Path, tmp_path: Path):
    """A rig whose chat is of that kind, in which something critical has begun."""

    @asynccontextmanager
    async def opened(rooms: type[Rooms]) -> AsyncIterator[Rig]:
        async with rigged(seeded, tmp_path, replace(RINGING_ONLY, rooms=rooms)) as rig:
            await rig.deliver(world()[0].turn(rig.clock.now()))
            yield rig

    return opened


def rung(rig: Rig) -> list[tuple[str, str]]:
    """Whose room each ring came to, and when."""
    return [(post.room, f"{post.at:%H:%M:%S}") for post in rig.rooms.posts if post.page]


@pytest.mark.parametrize("rooms", [BusyOnce, CutOnce])
async def test_a_page_comes_once_after_a_failed_try(with_chat, rooms):
    """A second later it is there; where it was there already it does not come again."""
    async with with_chat(rooms) as rig:
        await rig.move(MINUTE)
        assert [room for room, _ in rung(rig)] == ["dm-bob"]
        assert broken(rig.evidence()) == []


async def test_the_next_step_is_paged_at_once_where_one_is_refused(with_chat):
    """Carol does not wait for a bob who cannot be reached."""
    async with with_chat(RefusesBob) as rig:
        assert rung(rig) == [("dm-carol", "12:00:00")]
        assert broken(rig.evidence()) == []


async def test_where_all_are_refused_the_last_resort_keeps_its_rhythm(with_chat):
    """All steps are tried at once, then everybody every five minutes, and no faster."""
    async with with_chat(Refuses) as rig:
        await rig.move(11 * MINUTE)
        seen = rig.evidence()
        made = Counter(f"{page.created_at:%H:%M}" for page in seen.pages)
        assert made == {"12:00": 1 + 1 + 3, "12:05": 3, "12:10": 3}
        assert {ring.result for ring in seen.rings} == {"failed"}
        assert broken(seen) == []


async def test_a_first_ring_is_made_however_late(with_chat):
    """Bob hears of it after six minutes, though carol has been paged by then."""
    async with with_chat(BusyForLong) as rig:
        await rig.move(6 * MINUTE)
        assert rung(rig) == [("dm-carol", "12:05:00"), ("dm-bob", "12:06:00")]
        assert broken(rig.evidence()) == []


async def test_what_the_last_resort_missed_in_an_outage_comes_with_its_next_round(with_chat):
    """Its rings were put off by a minute in which the process stopped: an hour later each has one
    message, not that of the old round and that of the new one."""
    async with with_chat(BusyInTheLastResort) as rig:
        await rig.move(10 * MINUTE)
        before = len(rung(rig))
        await rig.outage(60 * MINUTE)
        caught_up = Counter(room for room, _ in rung(rig)[before:])
        assert caught_up == {"dm-alice": 1, "dm-bob": 1, "dm-carol": 1}
        assert broken(rig.evidence()) == []
