"""ntfy: a message as a notification whose button answers the page.

Published as JSON, so that the topic, which is all that protects what is sent there, is in no
address and no log.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import ContactKind, ntfy_topic
from domain.errors import Permanent
from domain.message import Message, Span
from domain.plain import one_line, plain
from domain.receipt import Receipt
from integrations.notify.acting import answering, label, reading
from integrations.notify.reached import PATIENCE_S, given, need_taken, reached

NAME = "the ntfy server"
# Above Do Not Disturb; everything else has the server's own.
LOUDEST = 5
LONGEST_TITLE = 200
# Of more bytes the server would make a file.
MOST_BYTES = 3900
MOST_BUTTONS = 3

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

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Publish once per key: a repeat takes the place of what arrived before.

        What the server refuses for now, or leaves open, is a `Retry`.
        """
        body = _notification(_topic(address), message, key)
        async with reached(NAME), self._client() as client:
            answer = await client.post("/", json=body)
            need_taken(answer, NAME, "error", address)
        return Receipt(id=given(answer, "id"))

    async def probe(self) -> None:
        """Ask how it is; with a token, whose that is."""
        async with reached(NAME), self._client() as client:
            path = "/v1/account" if self.server.token else "/v1/health"
            need_taken(await client.get(path), NAME, "error")

    def _client(self) -> httpx2.AsyncClient:
        token = self.server.token
        told = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        return httpx2.AsyncClient(base_url=self.server.url, headers=told, timeout=PATIENCE_S)


def _notification(topic: str, message: Message, key: str) -> Json:
    title, _, words = plain(message).partition("\n")
    answers = answering(message)[:MOST_BUTTONS]
    opened = next((one.url for one in (*reading(message), *answers)), None)
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


def _button(one: Span) -> Json:
    """Pressed on a lock screen, it answers and takes the notification away."""
    told = {"action": "http", "label": label(one), "url": one.url}
    return told | {"method": "POST", "clear": True}


def _clipped(words: str) -> str:
    return words.encode()[:MOST_BYTES].decode(errors="ignore")


def _topic(address: str) -> str:
    try:
        return ntfy_topic(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong
