"""ntfy: a message as a notification whose button answers the page.

Published as JSON, so that the topic, which is all that protects what is sent there, is in no
address and no log.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import ContactKind, ntfy_topic
from domain.errors import Permanent, Retry
from domain.message import Message, Span, Text
from domain.plain import one_line, plain

PATIENCE_S = 8.0
# Above Do Not Disturb; everything else has the server's own.
LOUDEST = 5
LONGEST_TITLE = 200
LONGEST_TOLD = 200
# Of more bytes the server would make a file.
MOST_BYTES = 3900
MOST_BUTTONS = 3
BUSY = frozenset({408, 425, 429})
SERVER_ERRORS = 500
# Where a POST answers (rules.md 7); everything else is only read.
ANSWERS = "/a/"
LABELS = {"answer this page": "Ack"}

Json = dict[str, Any]


class NtfyServer(Frozen):
    """Where notifications are published; ``token`` for a server that lets not everybody."""

    url: str
    token: SecretStr | None = None


@dataclass(frozen=True)
class Ntfy:
    """`domain.ports.Notifier` for ntfy."""

    server: NtfyServer

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "ntfy"

    async def send(self, address: str, message: Message, key: str) -> None:
        """Publish once per key: a repeat takes the place of what arrived before.

        What the server refuses for now, or leaves open, is a `Retry`.
        """
        body = _notification(_topic(address), message, key)
        async with _answered(), self._client() as client:
            _need_taken(await client.post("/", json=body), address)

    async def probe(self) -> None:
        """Ask how it is; with a token, whose that is."""
        async with _answered(), self._client() as client:
            _need_taken(await client.get("/v1/account" if self.server.token else "/v1/health"))

    def _client(self) -> httpx2.AsyncClient:
        token = self.server.token
        told = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        return httpx2.AsyncClient(base_url=self.server.url, headers=told, timeout=PATIENCE_S)


def _notification(topic: str, message: Message, key: str) -> Json:
    title, _, words = plain(message).partition("\n")
    links = list(_links(message))
    answers = [one for one in links if _answers(one)][:MOST_BUTTONS]
    read = [one.url for one in links if not _answers(one)]
    opened = read[0] if read else next((one.url for one in answers), None)
    told: Json = {
        "topic": topic,
        "title": one_line(title, LONGEST_TITLE),
        "message": _clipped(words or title),
        "sequence_id": hashlib.sha256(key.encode()).hexdigest()[:40],
        "actions": [_button(one) for one in answers],
    }
    if opened:
        told["click"] = opened
    if message.urgency == "page":
        told["priority"] = LOUDEST
    return told


def _links(message: Message) -> Iterator[Span]:
    """The addresses Tocsin gave; one in an alert's words is no link."""
    for node in message.nodes:
        if isinstance(node, Text):
            yield from (one for one in node.spans if one.kind == "link" and one.url)


def _answers(one: Span) -> bool:
    return urlsplit(one.url or "").path.startswith(ANSWERS)


def _button(one: Span) -> Json:
    """Pressed on a lock screen, it answers and takes the notification away."""
    label = LABELS.get(one.text.casefold(), one.text)
    return {"action": "http", "label": label, "url": one.url, "method": "POST", "clear": True}


def _clipped(words: str) -> str:
    return words.encode()[:MOST_BYTES].decode(errors="ignore")


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """No answer, in the words of the ports; none of them holds what was sent."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as wrong:
        raise Permanent(f"the ntfy server: {wrong}") from wrong
    except (httpx2.HTTPError, OSError) as lost:
        raise Retry(f"the ntfy server: {type(lost).__name__}") from lost


def _need_taken(answer: httpx2.Response, topic: str = "") -> None:
    """Raises for anything but success; what servers say of it is kept and shown, so the topic is
    taken out."""
    if answer.is_success:
        return
    code = answer.status_code
    told = f"the ntfy server said {code} {_without(topic, _said(answer))}".rstrip()
    if code in BUSY or code >= SERVER_ERRORS:
        raise Retry(told)
    raise Permanent(told)


def _said(answer: httpx2.Response) -> str:
    try:
        return one_line(str(answer.json()["error"]), LONGEST_TOLD)
    except (ValueError, TypeError, KeyError):
        return ""


def _without(topic: str, said: str) -> str:
    return re.sub(re.escape(topic), "…", said, flags=re.IGNORECASE) if topic else said


def _topic(address: str) -> str:
    try:
        return ntfy_topic(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong
