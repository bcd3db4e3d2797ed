"""Somebody's own receiver of signed webhooks on loopback, which verifies as Standard Webhooks say.

async with webhook_receiver() as receiver:
    webhook = Webhook(receiver.terms, clock)
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from integrations.notify.webhook import Webhook, WebhookTerms
from tests.fakes.notifiers import reach_by
from tests.fakes.one_request import CUT, Json, hearing
from tests.fakes.tocsin import Tocsin

KEY = "a-key-of-the-webhooks-of-stories-0123456789"
HOST = "127.0.0.1"


@dataclass
class FakeReceiver:
    """Takes what is signed with the secret it was told, each id once. ``answers`` are the statuses
    to come, each used once; `CUT` takes the post and hangs up."""

    port: int = 0
    secret: str = ""
    answers: list[int] = field(default_factory=list)
    events: dict[str, Json] = field(default_factory=dict)
    posts: int = 0

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}/pages?of=bob"

    @property
    def terms(self) -> WebhookTerms:
        """What the settings say, which allow it."""
        named = {"bridge": SecretStr(self.address)}
        hosts = frozenset({HOST})
        return WebhookTerms(key=SecretStr(KEY), hosts=hosts, outside=False, named=named)

    @property
    def heard(self) -> list[Json]:
        """What came, oldest first."""
        return list(self.events.values())

    def answer(self, first: str, fields: dict[str, str], body: bytes) -> tuple[int, Json]:
        """What is said to a post."""
        assert first == "POST /pages?of=bob HTTP/1.1"
        self.posts += 1
        event = json.loads(body)
        self.secret = event["data"].pop("secret", self.secret)
        if not self._proven(fields, body):
            return 401, {"message": f"wrong signature at {self.address}"}
        if self.answers and self.answers[0] != CUT:
            return self.answers.pop(0), {"message": f"not now, {self.address}"}
        self.events.setdefault(fields["webhook-id"], event)
        return (self.answers.pop(0) if self.answers else 204), {}

    def _proven(self, fields: dict[str, str], body: bytes) -> bool:
        key = b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
        made = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{made}" in fields["webhook-signature"].split(" ")


@asynccontextmanager
async def webhook_receiver() -> AsyncIterator[FakeReceiver]:
    """A receiver for the length of the block."""
    made = FakeReceiver()
    async with hearing(made.answer) as made.port:
        yield made


@asynccontextmanager
async def receiving(tocsin: Tocsin) -> AsyncIterator[FakeReceiver]:
    """A receiver that a Tocsin may post to for the length of the block."""
    async with webhook_receiver() as receiver:
        reach_by(tocsin, Webhook(receiver.terms, tocsin.clock))
        yield receiver
