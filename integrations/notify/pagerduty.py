"""PagerDuty by its Events API v2: a page rings there too, as one incident until it ends.

All rings of a page share one ``dedup_key``, so a repeat is never a second incident. An answer there
comes back by PagerDuty's webhook (`integrations.alerts.pagerduty`).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import DEFAULT_KEY, ContactKind, routing_key
from domain.errors import Permanent
from domain.lasting import OURS, Alarm, alarm_of
from domain.message import Header, Message
from domain.plain import one_line
from domain.receipt import Receipt
from integrations.notify.acting import reading, told
from integrations.notify.reached import PATIENCE_S, given, need_taken, reached

NAME = "PagerDuty"
SAID = "errors"
SOURCE = "Tocsin"
LONGEST_SUMMARY, LONGEST_TEXT = 1000, 4000
DONE = {"acked": "acknowledge", "over": "resolve"}

Json = dict[str, Any]


class PagerDutyService(Frozen):
    """The routing key of who has none of their own; ``url`` may be loopback."""

    key: SecretStr
    url: str = "https://events.pagerduty.com"


@dataclass(frozen=True)
class PagerDuty:
    """`domain.ports.Notifier` and `domain.ports.Lasting` for PagerDuty."""

    service: PagerDutyService

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "pagerduty"

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Trigger once per page. What PagerDuty refuses for now, or leaves open, is a `Retry`."""
        payload = {
            "summary": _summary(message),
            "source": SOURCE,
            "severity": "critical" if message.urgency == "page" else "info",
            "custom_details": {"told": told(message)[:LONGEST_TEXT]},
        }
        event = {"payload": payload, "client": SOURCE, "links": _links(message)}
        return await self._enqueue(address, "trigger", alarm_of(key), event)

    async def settle(self, alarm: Alarm) -> None:
        """Acknowledge it there too, or resolve what nobody is asked for any more."""
        await self._enqueue(alarm.address, DONE[alarm.settled], alarm.name, {})

    async def probe(self) -> None:
        """Whether it answers at all: a key can be tried by an event alone."""
        async with reached(NAME), self._client() as client:
            answer = await client.get("/")
        if answer.is_server_error:
            need_taken(answer, NAME, SAID)

    async def _enqueue(self, address: str, action: str, alarm: str, event: Json) -> Receipt:
        key = self._key(address)
        named = {"routing_key": key, "event_action": action, "dedup_key": f"{OURS}{alarm}"}
        async with reached(NAME), self._client() as client:
            answer = await client.post("/v2/enqueue", json=named | event)
            need_taken(answer, NAME, SAID, key)
        return Receipt(id=given(answer, "dedup_key"))

    def _key(self, address: str) -> str:
        if address == DEFAULT_KEY:
            return self.service.key.get_secret_value()
        try:
            return routing_key(address)
        except ValueError as wrong:
            raise Permanent(str(wrong)) from wrong

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.service.url, timeout=PATIENCE_S)


def _summary(message: Message) -> str:
    headers = [one.text for one in message.nodes if isinstance(one, Header)]
    return one_line(". ".join(headers) or told(message), LONGEST_SUMMARY)


def _links(message: Message) -> list[Json]:
    links = [one for one in reading(message) if one.url and urlsplit(one.url).scheme == "https"]
    return [{"href": one.url, "text": one.text} for one in links]
