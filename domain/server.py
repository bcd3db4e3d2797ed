"""Servers: where steps of runbooks may run, and by which keys they are known."""

import base64
import hashlib
import re
import shlex
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.base import Frozen
from domain.errors import Invalid, NotFound, Permanent

PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( .*)?")
HOST = r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$"
USER = r"^[a-z_][a-z0-9_.-]{0,31}$"


def _public_key(value: str) -> str:
    if not PUBLIC_KEY.fullmatch(value):
        raise ValueError("write a host key as ssh-keyscan prints it, like ssh-ed25519 AAAA…")
    return value


class Server(Frozen):
    """A machine that is reached by SSH. ``host_keys`` are pinned: whoever answers with another
    one is not asked anything, and without one nothing runs there. ``jump`` is the server that
    the way leads over. ``key`` is that by which Tocsin logs in, of those it keeps; the one in
    ``runbooks.ssh_key`` without it.

    ``platform`` is what is known of it, like ``{os: debian 12}``.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    host: Annotated[str, Field(pattern=HOST)]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, Field(pattern=USER)]
    host_keys: tuple[Annotated[str, AfterValidator(_public_key)], ...] = ()
    jump: str | None = None
    key: str | None = None
    groups: tuple[str, ...] = ()
    environment: str = "prod"
    team: str | None = None
    platform: dict[str, str] = {}

    @property
    def address(self) -> str:
        """Where a step goes, as plans say it."""
        return f"{self.id} ({self.user}@{self.host}:{self.port})"

    def is_known_by(self, public_key: str) -> bool:
        """Whether that host key is pinned."""
        return fingerprint(public_key) in map(fingerprint, self.host_keys)


def fingerprint(public_key: str) -> str:
    """A host key in short, as OpenSSH shows it."""
    try:
        key = base64.b64decode(public_key.split()[1], validate=True)
    except ValueError:
        key = public_key.encode()
    return f"SHA256:{base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip('=')}"


Route = tuple[Server, ...]
"""The servers on the way, the last one the goal."""


def route_to(name: str, servers: Mapping[str, Server]) -> Route:
    """The servers on the way to one, as they are now. Raises `Refused`."""
    way: list[Server] = []
    while name:
        server = servers.get(name)
        if server is None or server in way:
            raise NotFound(f"There is no server {name} to run on: see /server list.")
        if not server.host_keys:
            raise Invalid(f"{name} has no pinned host key: try /server test {name} first.")
        way.insert(0, server)
        name = server.jump or ""
    return tuple(way)


class StrangeHostKey(Permanent):
    """A server on the way answered with ``key``, which nobody has pinned; nothing was asked."""

    def __init__(self, text: str, server: str, key: str) -> None:
        super().__init__(text)
        self.server = server
        self.key = key


class ServerTest(Frozen):
    """What came of the last test of a server (``id``).

    ``offered`` is the host key that it answered with where that is not pinned. ``platform`` is
    what it says of itself, ``booted_at`` when it was started.
    """

    id: str
    at: datetime
    ok: bool
    detail: str
    offered: str = ""
    platform: dict[str, str] = {}
    booted_at: datetime | None = None


# Reads only; where a machine has no such file, that part is not told.
LOOK = ("sh", "-c", "uname -srm; cat /proc/uptime /etc/os-release 2>/dev/null; true")
MOST_TOLD = 100
UNAME = re.compile(r"(\S+) (\S+) (\S+)")
UPTIME = re.compile(r"([0-9]{1,12})(?:\.[0-9]+)? [0-9.]+")


def platform_of(said: str) -> dict[str, str]:
    """``os``, ``kernel`` and ``arch``, as far as the answer to `LOOK` tells them."""
    lines = said.splitlines()
    found = UNAME.fullmatch(lines[0].strip()) if lines else None
    if found is None:
        return {}
    told = {"os": _os_name(lines) or found[1], "kernel": found[2], "arch": found[3]}
    return {name: value[:MOST_TOLD] for name, value in told.items()}


def booted_at(said: str, now: datetime) -> datetime | None:
    """Since when it is up, where the answer to `LOOK` tells it."""
    found = next(filter(None, map(UPTIME.fullmatch, map(str.strip, said.splitlines()))), None)
    return now - timedelta(seconds=int(found[1])) if found else None


def _os_name(lines: list[str]) -> str:
    written = next((one for one in lines if one.startswith("PRETTY_NAME=")), "")
    try:
        return " ".join(shlex.split(written.partition("=")[2]))
    except ValueError:
        return ""
