"""Work that only coalesces: owed again while it is done, and never done twice at once."""

from typing import ClassVar

import pytest

from domain.job import Job
from storage.jobs import Claimed
from storage.store import Store
from tests.fakes.stores import SYSTEM


class Draw(Job):
    """Draws something."""

    kind: ClassVar[str] = "test_draw"
    n: int


async def owe(store: Store, n: int, key: str = "~card") -> bool:
    async with store.write(SYSTEM) as unit:
        return await unit.jobs.add(Draw(n=n), key=key)


async def claim(store: Store) -> list[Claimed]:
    async with store.write(SYSTEM) as unit:
        return await unit.jobs.claim("default", (Draw,), 10)


async def test_what_changed_meanwhile_waits_for_the_first_to_end(store: Store):
    """The second drawing begins when the first is over, so the newer one is drawn last."""
    await owe(store, 1)
    (first,) = await claim(store)
    assert await owe(store, 2)
    assert not await owe(store, 3)
    assert await claim(store) == []
    async with store.write(SYSTEM) as unit:
        await unit.jobs.finish(first)
    assert [job.payload["n"] for job in await claim(store)] == [2]


async def test_other_keys_do_not_wait(store: Store):
    """Two cards are drawn at once; what has no key, or one for good, too."""
    await owe(store, 1, "~card:1")
    await owe(store, 2, "~card:2")
    await owe(store, 3, "ring:1")
    assert len(await claim(store)) == 3


@pytest.mark.parametrize("ending", ["retry", "bury"])
async def test_a_failure_lets_the_next_one_begin(store: Store, ending: str):
    """Whatever became of the first, the key is not held by it."""
    await owe(store, 1)
    (first,) = await claim(store)
    await owe(store, 2)
    async with store.write(SYSTEM) as unit:
        if ending == "bury":
            await unit.jobs.bury(first, "no")
        else:
            await unit.jobs.retry(first, "busy", unit.now)
    assert 2 in [job.payload["n"] for job in await claim(store)]
    assert await owe(store, 3)


async def wait(store: Store, job: Claimed) -> None:
    async with store.write(SYSTEM) as unit:
        await unit.jobs.wait(job, "slack")


async def test_what_waits_for_a_platform_is_owed_once(store: Store):
    """However often it is owed meanwhile; when the platform is back it is done, as at first."""
    await owe(store, 1)
    (first,) = await claim(store)
    await wait(store, first)
    assert not await owe(store, 2)
    assert await claim(store) == []
    async with store.write(SYSTEM) as unit:
        await unit.jobs.go_on("slack")
    (again,) = await claim(store)
    assert (again.payload["n"], again.attempts) == (1, 1)


async def test_what_was_owed_while_the_first_was_in_hand_waits_instead(store: Store):
    """One of them is enough: the newer one draws what is newest."""
    await owe(store, 1)
    (first,) = await claim(store)
    await owe(store, 2)
    await wait(store, first)
    (second,) = await claim(store)
    assert second.payload["n"] == 2
    await wait(store, second)
    async with store.write(SYSTEM) as unit:
        await unit.jobs.go_on("discord")
    assert await claim(store) == []


async def test_what_nobody_needs_any_more_is_dropped(store: Store):
    """Of what waits for that platform alone."""
    await owe(store, 1)
    (first,) = await claim(store)
    await wait(store, first)
    async with store.write(SYSTEM) as unit:
        await unit.jobs.drop("discord", (Draw,))
        await unit.jobs.drop("slack", (Draw,))
        await unit.jobs.go_on("slack")
    assert await claim(store) == []
