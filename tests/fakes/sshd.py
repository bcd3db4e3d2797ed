"""A real OpenSSH server on loopback, with keys of its own; skipped by name where there is none."""

import asyncio
import contextlib
import getpass
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from domain.server import Server

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
SEPARATION = Path("/run/sshd")
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
AuthorizedKeysFile {home}/authorized
PidFile {home}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
LogLevel ERROR
"""


@dataclass(frozen=True)
class Sshd:
    """A server that runs; ``key`` is the file of the key that it lets in."""

    port: int
    key: Path
    host_key: str

    def server(self, name: str = "here", **changes: object) -> Server:
        """As a file would declare it."""
        told = {"id": name, "host": "127.0.0.1", "port": self.port, "user": getpass.getuser()}
        return Server.model_validate(told | {"host_keys": (self.host_key,)} | changes)


def missing() -> str:
    """Why it cannot be started here; empty where it can."""
    if SSHD is None:
        return "sshd is not installed"
    with contextlib.suppress(OSError):
        SEPARATION.mkdir(exist_ok=True)
    return "" if SEPARATION.exists() else f"{SEPARATION} is not there"


@asynccontextmanager
async def sshd(home: Path) -> AsyncIterator[Sshd]:
    """Started, answering, and ended."""
    host, mine = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    for name, key in (("host", host), ("mine", mine)):
        (home / name).touch(mode=0o600)
        key.write_private_key(str(home / name))
    mine.write_public_key(str(home / "authorized"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / "config").write_text(CONFIG.format(port=port, home=home))
    process = await asyncio.create_subprocess_exec(SSHD or "", "-D", "-f", str(home / "config"))
    try:
        await _answering(port)
        yield Sshd(port, home / "mine", host.export_public_key().decode().strip())
    finally:
        process.terminate()
        await process.wait()


async def _answering(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                await reader.readline()
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.02)
