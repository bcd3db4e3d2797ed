"""A signed webhook: a page as JSON, posted to an address of somebody's own.

Named and signed as Standard Webhooks are: ``webhook-id`` is the same for a repeat, the signature is
HMAC-SHA256 over ``id.timestamp.body``. Each address has a secret of its own, which it is told with
the code that verifies it. Nothing is posted into our own network.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import ContactKind
from domain.message import Message
from domain.plain import plain
from domain.ports import Clock
from domain.receipt import Receipt
from integrations.notify.acting import answering, reading
from integrations.notify.outside import Outside
from integrations.notify.reached import need_taken

NAME = "the webhook"
AGENT = "Tocsin"
VERIFIES = "contact-code:"
LONGEST_TITLE, LONGEST_TEXT = 300, 4000

Json = dict[str, Any]


class WebhookTerms(Frozen):
    """``key`` is what each address's secret is made of; ``hosts`` may be reached though they are
    private, and without TLS; ``outside`` is off where only those may. ``named`` are addresses that
    stand in the settings, for whoever only says their name."""

    key: SecretStr
    hosts: frozenset[str] = frozenset()
    outside: bool = True
    named: dict[str, SecretStr] = {}

    def address(self, said: str) -> str:
        """The address of a name; an address is its own."""
        found = self.named.get(said)
        return found.get_secret_value() if found else said

    def secret(self, address: str) -> bytes:
        """What the posts to one address are signed with."""
        made = hmac.new(self.key.get_secret_value().encode(), address.encode(), hashlib.sha256)
        return made.digest()

    def told(self, address: str) -> str:
        """The secret as its receiver keeps it."""
        return f"whsec_{b64encode(self.secret(address)).decode()}"


@dataclass(frozen=True)
class Webhook:
    """`domain.ports.Notifier` for webhooks."""

    terms: WebhookTerms
    clock: Clock

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "webhook"

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Post once. What the receiver refuses for now, or leaves open, is a `Retry`."""
        address = self.terms.address(address)
        told = _event(message)
        if key.startswith(VERIFIES):
            told["secret"] = self.terms.told(address)
        body = json.dumps({"type": told.pop("type"), "data": told}, ensure_ascii=False).encode()
        headers = self._signed(address, key, body)
        answer = await Outside(NAME, self.terms.hosts, self.terms.outside).post(
            address.strip(), body, headers
        )
        need_taken(answer, NAME, "")
        return Receipt(id=headers["webhook-id"])

    async def probe(self) -> None:
        """Nothing is ours to ask."""

    def _signed(self, address: str, key: str, body: bytes) -> dict[str, str]:
        name = f"msg_{hashlib.sha256(f'{address} {key}'.encode()).hexdigest()[:32]}"
        at = str(int(self.clock.now().timestamp()))
        signed = hmac.new(
            self.terms.secret(address), f"{name}.{at}.".encode() + body, hashlib.sha256
        )
        return {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "webhook-id": name,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{b64encode(signed.digest()).decode()}",
        }


def _event(message: Message) -> Json:
    """The page in words, and the addresses that act and tell; of a private incident no more than
    the message holds (rules.md 2)."""
    title, _, words = plain(message).partition("\n")
    return {
        "type": "page" if message.urgency == "page" else "message",
        "title": title[:LONGEST_TITLE],
        "text": words[:LONGEST_TEXT],
        "answer": [one.url for one in answering(message)],
        "open": [one.url for one in reading(message)],
    }
