"""Servers: where steps of runbooks may run, and by which keys they are known."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.base import Frozen
from domain.errors import NotFound

PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( .*)?")
HOST = r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$"
USER = r"^[a-z_][a-z0-9_.-]{0,31}$"


def _public_key(value: str) -> str:
    if not PUBLIC_KEY.fullmatch(value):
        raise ValueError("write a host key as ssh-keyscan prints it, like ssh-ed25519 AAAA…")
    return value


class Server(Frozen):
    """A machine that is reached by SSH. ``host_keys`` are pinned: whoever answers with another
    one is not asked anything. ``jump`` is the server that the way leads over.

    ``platform`` is what is known of it, like ``{os: debian 12}``.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    host: Annotated[str, Field(pattern=HOST)]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, Field(pattern=USER)]
    host_keys: Annotated[
        tuple[Annotated[str, AfterValidator(_public_key)], ...], Field(min_length=1)
    ]
    jump: str | None = None
    groups: tuple[str, ...] = ()
    environment: str = "prod"
    team: str | None = None
    platform: dict[str, str] = {}

    @property
    def address(self) -> str:
        """Where a step goes, as plans say it."""
        return f"{self.id} ({self.user}@{self.host}:{self.port})"


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
    """The servers on the way to one, as they are now. Raises `NotFound`."""
    way: list[Server] = []
    while name:
        server = servers.get(name)
        if server is None or server in way:
            raise NotFound(f"There is no server {name} to run on: see /server list.")
        way.insert(0, server)
        name = server.jump or ""
    return tuple(way)
