"""What a process does every so many seconds."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.beats import Heart, Sampler, Sealer, Upkeep, Waking, Watch, counting, watching, working
from bot.duties import DutyHolder
from bot.metrics import Metrics
from bot.pulses import Pulses
from bot.wiring import Parts, build
from domain.incident_facts import NoteAdded
from jobs.upkeep import Forget
from storage.migrations import migrate
from storage.store import Store
from tests.fakes.stores import SYSTEM, StillClock, clock_of, seeded_ids
from tests.fakes.tocsin import settings

KEY = b"k" * 32


@asynccontextmanager
async def built(tmp_path: Path, **told: str) -> AsyncIterator[Parts]:
    """The parts of a process over an empty file."""
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    migrate(url)
    clock = StillClock()
    parts = build(settings(url, tmp_path, **told), clock, seeded_ids(clock))
    try:
        yield parts
    finally:
        await parts.core.close()


async def test_the_sealer_chains_what_was_committed(store: Store) -> None:
    """After its cycle the trail is whole and nothing waits."""
    async with store.write(SYSTEM) as unit:
        await unit.facts.add("incident:INC-1", NoteAdded(), "words")
    assert await Sealer(DutyHolder(store, "one"), KEY).cycle()
    async with store.read() as unit:
        found = await unit.audit.verify(KEY)
    assert (found.rows, found.unsealed, found.problems) == (1, 0, ())


async def test_only_one_process_seals(store: Store) -> None:
    """The other's cycle finishes too: it has looked, and it is not its duty."""
    await Sealer(DutyHolder(store, "one"), KEY).cycle()
    async with store.write(SYSTEM) as unit:
        await unit.facts.add("incident:INC-1", NoteAdded(), "words")
    assert await Sealer(DutyHolder(store, "two"), KEY).cycle()
    async with store.read() as unit:
        assert await unit.audit.waits()


async def test_the_scheduler_owes_the_daily_upkeep(store: Store) -> None:
    """Once, and due in the coming night."""
    upkeep = Upkeep(DutyHolder(store, "one"))
    assert await upkeep.cycle()
    assert await upkeep.cycle()
    async with store.write(SYSTEM) as unit:
        clock_of(store).move(days=1)
        unit.scope.now = store.clock.now()
        owed = await unit.jobs.claim("slow", (Forget,), 10)
    assert [job.kind for job in owed] == ["forget"]


async def test_the_daily_upkeep_forgets_without_complaint(tmp_path: Path) -> None:
    """The job that is owed is one that the worker can carry out."""
    async with built(tmp_path) as parts:
        await Upkeep(parts.holder).cycle()
        clock_of(parts.store).move(days=1)
        await parts.worker.drain()
        async with parts.store.read() as unit:
            assert await unit.jobs.depth() == {}


async def test_a_worker_that_no_longer_looks_is_noticed(tmp_path: Path) -> None:
    """Waking it is no proof: its cycle counts when it has looked for jobs again."""
    async with built(tmp_path) as parts:
        waking = Waking(parts.worker, parts.holder)
        assert await waking.cycle()
        assert not await waking.cycle()
        await parts.worker.claim_and_start()
        assert await waking.cycle()


async def test_metrics_count_only_in_the_process_that_has_the_duty(store: Store) -> None:
    """What is counted by two would be twice as much."""
    one = Sampler(store, Metrics("1"), DutyHolder(store, "one"))
    two = Sampler(store, Metrics("1"), DutyHolder(store, "two"))
    for sampler in (one, two):
        assert await sampler.cycle()
    assert one.since is not None
    assert two.since is None


async def test_a_process_without_worker_tells_of_the_duties_of_others(store: Store) -> None:
    """Its health is the age of what any process last did."""
    await Upkeep(DutyHolder(store, "another")).cycle()
    pulses = Pulses(time.monotonic)
    assert await Watch(store, pulses).cycle()
    assert pulses.ages()["scheduler"] < 60


async def _listening(asked: list[bytes], status: str) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


@pytest.mark.parametrize("status", ["200 OK", "500 Broken"])
async def test_the_heart_beats_while_every_duty_is_done(status: str) -> None:
    """What the other side answers does not make this process ill."""
    asked: list[bytes] = []
    async with await _listening(asked, status) as server:
        port = server.sockets[0].getsockname()[1]
        pulses = Pulses(time.monotonic)
        pulses.finished("worker")
        assert await Heart(f"http://127.0.0.1:{port}/ping", pulses, clean).cycle()
    assert asked[0].startswith(b"GET /ping ")


async def clean() -> bool:
    """The auditor finds nothing."""
    return True


async def unclean() -> bool:
    """The auditor finds something."""
    return False


@pytest.mark.parametrize(("late_s", "audit"), [(61, clean), (0, unclean)])
async def test_the_heart_stops_when_a_duty_is_late_or_nothing_would_ring(late_s, audit) -> None:
    """Whoever waits for it outside raises the alarm."""
    asked: list[bytes] = []
    async with await _listening(asked, "200 OK") as server:
        port = server.sockets[0].getsockname()[1]
        pulses = Pulses(time.monotonic)
        pulses.finished("worker", ago_s=late_s)
        assert await Heart(f"http://127.0.0.1:{port}/ping", pulses, audit).cycle()
    assert asked == []


async def test_nobody_to_take_the_heartbeat_is_no_fault_of_ours() -> None:
    """An unreachable address is logged and tried again."""
    assert await Heart("http://127.0.0.1:9/ping", Pulses(time.monotonic), clean).cycle()


async def test_each_kind_of_process_has_its_beats(tmp_path: Path) -> None:
    """The demo depends on nobody: it sends no heartbeat."""
    async with built(tmp_path, heartbeat_url="http://127.0.0.1:9/ping") as parts:
        assert [beat.duty for beat in working(parts)] == [
            "worker", "sealer", "scheduler", "auditor", "heartbeat",
        ]  # fmt: skip
        assert [beat.duty for beat in watching(parts)] == ["watch"]
        assert [beat.duty for beat in counting(parts)] == ["metrics"]
        told = parts.store.installation.model_copy(update={"demo": True})
        parts.store.installation = told
        assert "heartbeat" not in [beat.duty for beat in working(replace(parts))]
