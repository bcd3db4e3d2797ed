"""A process from its start to its end: it serves, and it stops without losing work."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from bot.lifecycle import run
from bot.site import listeners
from bot.starting import UP, WEB, WORKER, Mode, NotStarted, migrate
from bot.wiring import Parts, build, system_clock, system_ids
from domain.job import Job
from jobs.registry import Behaviours, Reaction
from storage.duties import Duties
from storage.unit import Unit
from tests.fakes.child import free_port
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import settings

PATIENCE_S = 30.0


class Slow(Job):
    """A job that waits until a test lets it end."""

    kind = "test_slow"


class Process:
    """A process that runs in this loop."""

    def __init__(self, parts: Parts, mode: Mode) -> None:
        self.parts = parts
        self.mode = mode
        self.ready = asyncio.Event()
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        behaviour = Reaction(Slow, self._slow)
        kinds = {**parts.worker.behaviours.by_kind, Slow.kind: behaviour}
        parts.worker.behaviours = Behaviours(kinds)

    async def start(self) -> None:
        answered = listeners(self.parts) if self.mode.serves else ()
        self.task = asyncio.create_task(run(self.parts, self.mode, answered, self._ready))
        await soon(self.ready.wait())

    async def get(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
            return await client.get(f"{self.parts.settings.address}{path}")

    async def end(self) -> None:
        self.parts.stop.set()
        assert self.task
        await soon(self.task)

    async def _ready(self) -> None:
        self.ready.set()

    async def _slow(self, _unit: Unit, _job: Slow) -> None:
        self.begun.set()
        await self.may_end.wait()


async def soon(waited: Awaitable[object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await waited


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():
            pass


@asynccontextmanager
async def process(url: str, tmp_path: Path, mode: Mode, **more: str) -> AsyncIterator[Process]:
    """A process over the migrated database at ``url``, started; ended if the test did not."""
    told = settings(url, tmp_path, port=str(free_port()), **more)
    migrate(told)
    clock = system_clock()
    async with build(told, clock, system_ids(clock)) as parts:
        one = Process(parts, mode)
        await one.start()
        try:
            yield one
        finally:
            one.may_end.set()
            await one.end()


async def test_a_started_process_is_healthy_and_ready(database_url: str, tmp_path: Path) -> None:
    """All duties have been done once before it says that it is ready."""
    async with process(database_url, tmp_path, UP) as one:
        health = await one.get("/healthz")
        assert health.status_code == 200
        assert {"worker", "sealer", "scheduler", "metrics"} <= health.json()["ages"].keys()
        assert (await one.get("/readyz")).status_code == 200


async def test_what_may_face_the_internet_can_be_answered_by_itself(tmp_path: Path) -> None:
    """Hooks and acknowledge links have an address of their own, without the dashboard."""
    url, port = f"sqlite:///{tmp_path / 'tocsin.db'}", free_port()
    async with (
        process(url, tmp_path, UP, ack_addr=f"127.0.0.1:{port}"),
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as outside,
    ):
        assert (await outside.get("/a/no-such-code")).status_code == 404
        assert (await outside.post("/hooks/alertmanager", json={})).status_code == 401
        assert (await outside.get("/healthz")).status_code == 404
        assert (await outside.get("/login")).status_code == 404


async def test_a_job_that_is_owed_is_done_at_once(database_url: str, tmp_path: Path) -> None:
    """The commit wakes the worker."""
    async with process(database_url, tmp_path, UP) as one:
        async with one.parts.store.write(SYSTEM) as unit:
            await unit.jobs.add(Slow())
        await soon(one.begun.wait())
        one.may_end.set()


async def test_stopping_finishes_what_runs(database_url: str, tmp_path: Path) -> None:
    """A job in hand comes to its end, and nothing new begins."""
    async with process(database_url, tmp_path, UP) as one:
        async with one.parts.store.write(SYSTEM) as unit:
            await unit.jobs.add(Slow())
        await soon(one.begun.wait())
        one.parts.stop.set()
        one.parts.worker.wake()
        assert one.task
        done, _ = await asyncio.wait({one.task}, timeout=0.2)
        assert not done, "it did not wait for the job"
        one.may_end.set()
        await one.end()


@pytest.mark.parametrize("caught", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_in_good_order(tmp_path: Path, caught: int) -> None:
    """Its duties are given back, so that another takes over without waiting."""
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    async with process(url, tmp_path, UP) as one:
        os.kill(os.getpid(), caught)
        assert one.task
        await soon(one.task)
    told = settings(url, tmp_path)
    clock = system_clock()
    async with build(told, clock, system_ids(clock)) as parts, parts.store.read() as unit:
        duties = Duties(unit.scope)
        now = await duties.now()
        assert all(duty.leased_until <= now for duty in await duties.everything())


async def test_a_port_that_is_taken_is_said_and_nothing_is_left_running(tmp_path: Path) -> None:
    """With the port, and how to give another."""
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    async with process(url, tmp_path, UP) as one:
        told = one.parts.settings.model_copy(update={"data_dir": tmp_path / "other"})
        clock = system_clock()
        async with build(told, clock, system_ids(clock)) as parts:
            with pytest.raises(NotStarted, match="--port"):
                await run(parts, UP, listeners(parts), one._ready)


@pytest.mark.postgres
async def test_web_and_worker_apart_do_the_work_of_one(postgres_url: str, tmp_path: Path) -> None:
    """What the web commits, the worker hears of and does; the web tells how the worker is."""
    async with (
        process(postgres_url, tmp_path, WORKER) as worker,
        process(postgres_url, tmp_path, WEB) as web,
    ):
        async with web.parts.store.write(SYSTEM) as unit:
            await unit.jobs.add(Slow())
        await soon(worker.begun.wait())
        worker.may_end.set()

        ages = (await web.get("/healthz")).json()["ages"]
        assert {"worker", "sealer"} <= ages.keys()


@pytest.mark.postgres
async def test_readers_hear_what_another_process_committed(
    postgres_url: str, tmp_path: Path
) -> None:
    """A page that is open at one process follows the work of another."""
    async with (
        process(postgres_url, tmp_path, WORKER) as worker,
        process(postgres_url, tmp_path, WEB) as web,
    ):
        with web.parts.store.live.reading() as reader:

            async def heard() -> bool:
                async with worker.parts.store.write(SYSTEM) as unit:
                    unit.scope.topics.add("incidents")
                return "incidents" in await reader.next(0.2)

            await until(heard)
