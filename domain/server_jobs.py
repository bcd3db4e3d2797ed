"""What a test of a server owes."""

from typing import ClassVar

from domain.facts import Fact
from domain.job import Job, Lane
from domain.place import Place


class ServerTried(Fact):
    """Somebody asked whether a server can be reached."""

    kind: ClassVar[str] = "server_tried"
    template: ClassVar[str] = "{by} tries whether {server} can be reached"
    server: str


class HostKeyPinned(Fact):
    """Somebody said by which key a server is known."""

    kind: ClassVar[str] = "host_key_pinned"
    template: ClassVar[str] = "{by} pins {key} as the host key of {server}"
    server: str
    key: str


class TestServer(Job):
    """Connect to a server and ask it what it is."""

    __test__ = False
    kind: ClassVar[str] = "test_server"
    lane: ClassVar[Lane] = "run"
    max_attempts: ClassVar[int] = 1
    server: str
    user: str
    place: Place | None = None
