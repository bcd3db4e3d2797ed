"""A process from its start to its end: what runs in it, and how it stops without losing work."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from bot.beats import counting, watching, working
from bot.configuration import Settings
from bot.logs import Traced
from bot.platforms import listening
from bot.scheduler import Scheduler
from bot.starting import FAILED, Mode, NotStarted
from bot.wiring import Parts
from storage.notify import Notifier, Nudge

log = structlog.get_logger()

REQUESTS_S = 5
JOBS_S = 24
AGAIN_S = 1.0
OBJECTS = 20_000  # made before the garbage collector looks among the young ones

Ready = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Listener:
    """An application, and the address at which it is answered."""

    app: ASGIApp
    host: str
    port: int


async def run(parts: Parts, mode: Mode, listeners: Sequence[Listener], ready: Ready) -> None:
    """Serve until SIGTERM or SIGINT, then finish what runs, within 30 s in all.

    ``ready`` is called once everything works.
    """
    with _signals(parts.stop):
        async with AsyncExitStack() as stack:
            if not parts.settings.sqlite:
                await stack.enter_async_context(_notifying(parts))
            if mode.works:
                await stack.enter_async_context(_worker(parts))
            if mode.listens:
                held = listening(parts.platforms, parts.holder, parts.pulses)
                await stack.enter_async_context(held)
            await stack.enter_async_context(_scheduler(parts, mode))
            stack.push_async_callback(parts.intake.close)
            for listener in listeners:
                await stack.enter_async_context(_server(parts, listener))
            await ready()
            _settle_memory()
            log.info("started", mode=mode.name, database=_kind(parts.settings))
            await parts.stop.wait()
            log.info("stopping", mode=mode.name)


def _settle_memory() -> None:
    """Let the garbage collector pass over what stays until the end: the programs themselves.

    A look at all of them takes a tenth of a second, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS)


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens, and leaves the signals to us."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _server(parts: Parts, listener: Listener) -> AsyncIterator[None]:
    """The web server; at its end it accepts nothing more and finishes its requests."""
    server = _Server(_web_config(parts, listener.app))
    serving = asyncio.create_task(server.serve(sockets=[_bound(listener)]), name="web")
    serving.add_done_callback(lambda _done: server.listening.set())
    serving.add_done_callback(lambda _done: parts.stop.set())
    await server.listening.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def _worker(parts: Parts) -> AsyncIterator[None]:
    """The worker; at its end it takes nothing new and finishes its jobs."""
    working = asyncio.create_task(_kept_up(parts), name="worker")
    try:
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(JOBS_S):
                await parts.worker.stop()
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _kept_up(parts: Parts) -> None:
    """Run the worker, also over times in which the database does not answer."""
    while not parts.worker.stopping:
        try:
            await parts.worker.run()
        except (SQLAlchemyError, OSError) as error:
            log.warning("the worker could not look for jobs", error=str(error))
            await asyncio.sleep(AGAIN_S)


@asynccontextmanager
async def _scheduler(parts: Parts, mode: Mode) -> AsyncIterator[None]:
    beats = working(parts) if mode.works else watching(parts)
    counts = counting(parts) if mode.serves else ()
    scheduler = Scheduler((*beats, *counts), parts.pulses)
    await scheduler.start()
    try:
        yield
    finally:
        scheduler.stop()
        await parts.holder.give_back()


@asynccontextmanager
async def _notifying(parts: Parts) -> AsyncIterator[None]:
    def heard(nudge: Nudge) -> None:
        parts.store.live.publish(set(nudge.topics))
        if nudge.jobs:
            parts.worker.wake()

    notifier = Notifier(parts.settings.database, parts.holder.name, heard)
    parts.store.listen(notifier)
    running = asyncio.create_task(notifier.run(), name="notify")
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _web_config(parts: Parts, app: ASGIApp) -> uvicorn.Config:
    told = parts.settings
    return uvicorn.Config(
        Traced(app, parts.store.ids.new),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(told.trusted_proxies),
        forwarded_allow_ips=list(told.trusted_proxies),
        timeout_graceful_shutdown=REQUESTS_S,
    )


def _bound(listener: Listener) -> socket.socket:
    """The socket to listen on, taken before anything is said to be ready."""
    bound = socket.socket(socket.AF_INET6 if ":" in listener.host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listener.host, listener.port))
    except OSError as error:
        bound.close()
        where = f"{listener.host}:{listener.port}"
        said = f"Cannot listen on {where}: {error.strerror}. Give another port: --port 8001"
        raise NotStarted(said, code=FAILED) from None
    return bound


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop, caught = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
    for one in caught:
        loop.add_signal_handler(one, stop.set)
    try:
        yield
    finally:
        for one in caught:
            loop.remove_signal_handler(one)


def _kind(settings: Settings) -> str:
    return "SQLite" if settings.sqlite else "PostgreSQL"
