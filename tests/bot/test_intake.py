"""The intake: what waits is committed together, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from bot.intake import AT_ONCE, Intake
from domain.alert import Parsed
from domain.errors import Retry
from storage.store import Store
from storage.tables.alerts import deliveries
from storage.tables.ledger import jobs
from tests.fakes.stores import NOON, SYSTEM, opened
from web.ports import Arrived

FULL, ROOMY = 1, 1_000_000
ARRIVED = Arrived(
    source="alertmanager", integration="am", received_at=NOON, body=b"{}", parsed=Parsed()
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(f"sqlite:///{tmp_path / 'intake.db'}") as store:
        yield store


async def delivered(store: Store) -> list[str]:
    """The ids of all deliveries on disk."""
    async with store.read() as unit:
        query = select(deliveries.c.id).order_by(deliveries.c.id)
        return list((await unit.scope.connection.execute(query)).scalars())


async def owed(store: Store) -> list[list[str]]:
    """The deliveries of each triage job."""
    async with store.read() as unit:
        rows = (await unit.scope.connection.execute(select(jobs))).mappings().all()
    assert {row["kind"] for row in rows} <= {"triage"}
    return [row["payload"]["deliveries"] for row in rows]


async def grow_to(store: Store, pages: int) -> None:
    """Let the database file grow to ``pages`` pages, or not at all."""
    async with store.database.writing() as connection:
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))


async def test_what_waits_is_committed_together(store: Store) -> None:
    """A thousand at once need few commits; each owes jobs of a few deliveries each."""
    commits: list[object] = []
    event.listen(store.database.write_engine, "commit", commits.append)
    intake = Intake(store)
    ids = await asyncio.gather(*(intake.accept(ARRIVED) for _ in range(1000)))
    assert await delivered(store) == sorted(ids)
    batches = await owed(store)
    assert sorted(one for batch in batches for one in batch) == sorted(ids)
    assert len(commits) <= 4
    assert max(map(len, batches)) <= AT_ONCE


async def test_a_failed_commit_fails_every_waiting_request(store: Store) -> None:
    """With a full disk each request is told to come again, and nothing is half stored."""
    intake = Intake(store)
    await grow_to(store, FULL)
    large = ARRIVED.model_copy(update={"body": bytes(range(256)) * 4096})
    outcomes = await asyncio.gather(
        *(intake.accept(large) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in outcomes] == [Retry, Retry, Retry]
    assert (await delivered(store), await owed(store)) == ([], [])


async def test_the_intake_recovers(store: Store) -> None:
    """As soon as there is space again deliveries are taken."""
    intake = Intake(store)
    await grow_to(store, FULL)
    large = ARRIVED.model_copy(update={"body": bytes(range(256)) * 4096})
    with pytest.raises(Retry):
        await intake.accept(large)
    await grow_to(store, ROOMY)
    stored = await intake.accept(ARRIVED)
    assert await delivered(store) == [stored]


async def test_nobody_waits_for_a_stuck_database(store: Store) -> None:
    """A request gives up after its patience; what became of the delivery is not known."""
    intake = Intake(store, patience_s=0.01)
    async with store.write(SYSTEM):
        with pytest.raises(Retry, match="does not answer in time"):
            await intake.accept(ARRIVED)


async def test_the_queue_is_bounded(store: Store) -> None:
    """One more than there is room for is refused at once; those who wait are stored."""
    intake = Intake(store, room=2)
    async with store.write(SYSTEM):
        taken = [asyncio.create_task(intake.accept(ARRIVED)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Retry, match="More arrives"):
            await intake.accept(ARRIVED)
    stored = sorted(await asyncio.gather(*taken))
    assert await delivered(store) == stored


async def test_closing_brings_what_waits_to_disk(store: Store) -> None:
    """A stopping process stores what it has taken, and takes nothing more."""
    intake = Intake(store)
    taken = [asyncio.create_task(intake.accept(ARRIVED)) for _ in range(20)]
    await asyncio.sleep(0)
    await intake.close()
    assert sorted(await asyncio.gather(*taken)) == await delivered(store)
    with pytest.raises(Retry, match="stopping"):
        await intake.accept(ARRIVED)


async def test_a_request_that_goes_away_takes_nothing_along(store: Store) -> None:
    """A cancelled request leaves the others of its batch alone."""
    intake = Intake(store)
    gone = asyncio.create_task(intake.accept(ARRIVED))
    stays = asyncio.create_task(intake.accept(ARRIVED))
    await asyncio.sleep(0)
    gone.cancel()
    stored = await stays
    assert stored in await delivered(store)
