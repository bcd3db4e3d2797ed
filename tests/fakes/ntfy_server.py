"""An ntfy server on loopback for the real client: what it took, and answers by script.

async with ntfy_server() as server:
    ntfy = Ntfy(server.told)
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from integrations.notify.ntfy import Ntfy, NtfyServer
from tests.fakes.notifiers import reach_by
from tests.fakes.one_request import CUT, Json, listening
from tests.fakes.tocsin import Tocsin

TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
FORBIDDEN = {"code": 40301, "http": 403, "error": "forbidden"}


@dataclass
class FakeNtfy:
    """Takes what is published as JSON. ``answers`` are the refusals to come, each used once, as
    status and error; `CUT` takes the message and hangs up. ``locked`` lets in the token alone."""

    port: int = 0
    locked: bool = False
    answers: list[tuple[int, str]] = field(default_factory=list)
    published: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What ``NTFY_URL`` says of it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def told(self) -> NtfyServer:
        """With the token, where that is asked for."""
        return NtfyServer(url=self.url, token=SecretStr(TOKEN) if self.locked else None)

    def at(self, topic: str) -> list[Json]:
        """What a telephone with that topic shows, oldest first: of one sequence the newest."""
        shown = {one["sequence_id"]: one for one in self.published if one["topic"] == topic}
        return list(shown.values())

    def answer(self, asked: str, credential: str, body: bytes) -> tuple[int, Json]:
        """What is said to a request."""
        self.asked.append(asked)
        if self.locked and credential != f"Bearer {TOKEN}":
            return 403, FORBIDDEN
        if self.answers and self.answers[0][0] != CUT:
            status, error = self.answers.pop(0)
            return status, {"error": error}
        if asked.startswith("GET "):
            return 200, {"healthy": True}
        self.published.append(json.loads(body))
        return (self.answers.pop(0)[0] if self.answers else 200), {"id": "x"}


@asynccontextmanager
async def ntfy_server() -> AsyncIterator[FakeNtfy]:
    """A server for the length of the block."""
    made = FakeNtfy()
    async with listening(made.answer) as made.port:
        yield made


@asynccontextmanager
async def notifying(tocsin: Tocsin) -> AsyncIterator[FakeNtfy]:
    """A server by which a Tocsin rings telephones for the length of the block."""
    async with ntfy_server() as server:
        reach_by(tocsin, Ntfy(server.told))
        yield server
