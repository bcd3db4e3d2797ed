"""Steps on servers, by SSH: pinned host keys, no agent, no forwarding, within their time."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.errors import Permanent
from domain.run import StepOrder, StepOutcome
from domain.server import Server, StrangeHostKey

AT_ONCE = 8
CONNECT_S = 15
MOST_BYTES = 65_536
PART = 8_192
NOT_PINNED = "its host key is not pinned"
OTHER_KEY = "it answered with a host key that is not pinned"
LOST = "the line was cut; what it had done by then is not known"
LATE = "it took too long; what it had done by then is not known"


Kept = Callable[[str], Awaitable[tuple[bytes, str | None]]]


async def nothing_kept(name: str) -> tuple[bytes, str | None]:
    """Where no keys are kept."""
    raise Permanent(f"no key {name} is kept here")


@dataclass(frozen=True)
class SshSteps:
    """``key`` is the file of the private key, with its certificate beside it where there is
    one. ``kept`` opens those that a server names."""

    key: Path | None
    kept: Kept = nothing_kept
    connect_s: float = CONNECT_S
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Run it once on the server, within the time of the step."""
        async with self.slots, self._connected(order.route) as line:
            return await _run(line, order)

    @asynccontextmanager
    async def _connected(self, route: Sequence[Server]) -> AsyncIterator[Any]:
        """A connection to the last server of ``route``. Raises `Permanent`: nothing was done."""
        import asyncssh

        keys = [await self._key_for(server) for server in route]
        async with AsyncExitStack() as open_ones:
            line: Any = None
            for server, key in zip(route, keys, strict=True):
                try:
                    async with asyncio.timeout(self.connect_s):
                        if not server.host_keys:
                            raise await self._strange(server, line, NOT_PINNED)
                        connecting = self._connect(server, line, key)
                        line = await open_ones.enter_async_context(connecting)
                except asyncssh.HostKeyNotVerifiable as error:
                    raise await self._strange(server, line, OTHER_KEY) from error
                except (OSError, asyncssh.Error, TimeoutError, ValueError) as error:
                    raise Permanent(_why(server, error)) from error
            yield line

    async def _strange(self, server: Server, tunnel: Any, why: str) -> Permanent:
        """What to say of a server whose key nobody has pinned: with the key that it shows, which
        it is asked for before anything of ours is told."""
        import asyncssh

        text = f"{server.address} was not reached: {why}"
        try:
            async with asyncio.timeout(self.connect_s):
                key = await asyncssh.get_server_host_key(
                    server.host, server.port, tunnel=tunnel or (), config=None
                )
        except (OSError, asyncssh.Error, TimeoutError, ValueError):
            key = None
        if key is None:
            return Permanent(text)
        return StrangeHostKey(text, server.id, key.export_public_key().decode().strip())

    async def _key_for(self, server: Server) -> Any:
        """The key by which we log in there. Raises `Permanent`."""
        import asyncssh

        if server.key is None:
            if self.key is None:
                raise Permanent("there is no key: an admin sets runbooks.ssh_key first")
            return str(self.key)
        private, certificate = await self.kept(server.key)
        key = asyncssh.import_private_key(private)
        return (key, asyncssh.import_certificate(certificate)) if certificate else key

    def _connect(self, server: Server, tunnel: Any, key: Any) -> Any:
        import asyncssh

        pinned = [asyncssh.import_public_key(key) for key in server.host_keys]
        return asyncssh.connect(
            server.host,
            server.port,
            tunnel=tunnel or (),
            username=server.user,
            client_keys=[key],
            known_hosts=(pinned, [], []),
            agent_path=None,
            config=None,
            password=None,
            preferred_auth="publickey",
            connect_timeout=self.connect_s,
            login_timeout=self.connect_s,
            keepalive_interval=10,
            keepalive_count_max=3,
        )


def _why(server: Server, error: Exception) -> str:
    """What stood against a connection, without what the other side made up."""
    names = {
        "PermissionDenied": "it did not let our key in",
        "TimeoutError": "it did not answer in time",
        "ConnectionRefusedError": "nothing listens there",
    }
    kind = type(error).__name__
    return f"{server.address} was not reached: {names.get(kind, kind)}"


async def _run(line: Any, order: StepOrder) -> StepOutcome:
    """The program's end. A remote login shell reads the line, so every word is quoted."""
    import asyncssh

    said = bytearray()
    try:
        async with asyncio.timeout(order.timeout.total_seconds()):
            process = await line.create_process(
                shlex.join(order.action.command or ()),
                stdin=asyncssh.DEVNULL,
                stderr=asyncssh.STDOUT,
                encoding=None,
            )
            while part := await process.stdout.read(PART):
                order.heard(part)
                said += part
                del said[:-MOST_BYTES]
            await process.wait_closed()
    except TimeoutError:
        return StepOutcome(ok=None, detail=LATE, output=_words(said))
    except (OSError, asyncssh.Error):
        return StepOutcome(ok=None, detail=LOST, output=_words(said))
    code = process.exit_status
    if code is None:
        return StepOutcome(ok=None, detail=LOST, output=_words(said))
    if process.exit_signal is not None:
        return StepOutcome(ok=False, detail=f"ended by {process.exit_signal[0]}", exit_code=code,
                           output=_words(said))  # fmt: skip
    return StepOutcome(
        ok=code == 0, detail=f"ended with {code}", exit_code=code, output=_words(said)
    )


def _words(said: bytearray) -> str:
    return said.decode(errors="replace")
