"""The processes that are measured: Tocsin's demo and the reference, on loopback."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.bench.patience import until

STARTED_WITHIN_S = 60.0
LOOK_AGAIN_S = 0.05
NOTHING: Mapping[str, str] = {}
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running process and the port it listens on; ``demo`` is its demo.json, if it has one."""

    process: asyncio.subprocess.Process
    port: int
    demo: Mapping[str, object]

    def memory_mib(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self.process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        found = [line.split() for line in lines if line.startswith("VmRSS")]
        return int(found[0][1]) / 1024 if found else 0.0

    def processor_s(self) -> float:
        """Processor time that the process has used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return 0.0
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS_A_SECOND

    def token(self, person: str) -> str:
        """The person's token in the demo."""
        tokens = self.demo["tokens"]
        assert isinstance(tokens, dict)  # noqa: S101 - the demo wrote it
        return str(tokens[person])


@asynccontextmanager
async def tocsin(folder: Path, told: Mapping[str, str] = NOTHING) -> AsyncIterator[Server]:
    """A demo of Tocsin with its data in ``folder``, ``told`` further settings."""
    port = free_port()
    words = ("-m", "bot", "demo", "--no-browser", "--port", str(port))
    places = {"TOCSIN_DATA_DIR": str(folder), "LOG_LEVEL": "ERROR", **told}
    async with _running(words, places) as process:
        written = folder / "demo.json"
        await until(lambda: _is_there(written), STARTED_WITHIN_S, LOOK_AGAIN_S)
        await until(lambda: _is_open(port), STARTED_WITHIN_S, LOOK_AGAIN_S)
        yield Server(process, port, json.loads(written.read_text()))


@asynccontextmanager
async def reference(folder: Path) -> AsyncIterator[Server]:
    """The bare reference with its data in ``folder``."""
    async with beside("reference", str(folder / "reference.db")) as server:
        yield server


@asynccontextmanager
async def beside(module: str, *words: str) -> AsyncIterator[Server]:
    """A program of this package that is given its port first."""
    port = free_port()
    async with _running(("-m", f"bot.bench.{module}", str(port), *words), {}) as process:
        await until(lambda: _is_open(port), STARTED_WITHIN_S, LOOK_AGAIN_S)
        yield Server(process, port, {})


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def _running(
    words: tuple[str, ...], places: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        "env",
        *(f"{name}={value}" for name, value in places.items()),
        sys.executable,
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


async def _is_there(file: Path) -> bool:
    return file.exists()  # noqa: ASYNC240 - one look at a local file


async def _is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
