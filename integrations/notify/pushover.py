"""Pushover: an emergency that sounds again and again until it is acknowledged in the app.

The acknowledgement is posted to an address that holds the codes of the pages; what all rings of a
page have in common is their tag, by which they are cancelled. Pushover knows no key of a message:
a repeat after a lost answer may come twice.
"""

import hashlib
from dataclasses import dataclass

import httpx2
from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import ContactKind, pushover_user
from domain.errors import Permanent
from domain.lasting import Alarm, alarm_of
from domain.message import Message
from domain.plain import one_line, plain
from integrations.notify.acting import ACKNOWLEDGED_AT, answering, label, reading, together
from integrations.notify.reached import PATIENCE_S, need_taken, reached

NAME = "Pushover"
SAID = "errors"
EMERGENCY = "2"
# Until the next ring of the plan comes.
AGAIN_S, ENDS_S = "30", "300"
LONGEST_TITLE, LONGEST_TEXT, LONGEST_URL = 200, 1024, 512


class PushoverApp(Frozen):
    """The application that sends; ``url`` may be loopback."""

    token: SecretStr
    url: str = "https://api.pushover.net"


@dataclass(frozen=True)
class Pushover:
    """`domain.ports.Notifier` and `domain.ports.Lasting` for Pushover."""

    app: PushoverApp

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "pushover"

    async def send(self, address: str, message: Message, key: str) -> None:
        """Hand in one message. What Pushover refuses for now, or leaves open, is a `Retry`."""
        told = {"user": _user(address), **_words(message), **_acting(message)}
        if message.urgency == "page":
            told |= {"priority": EMERGENCY, "retry": AGAIN_S, "expire": ENDS_S, "tags": _tag(key)}
        await self._post("/1/messages.json", told, address)

    async def settle(self, alarm: Alarm) -> None:
        """Let it sound no more."""
        await self._post(f"/1/receipts/cancel_by_tag/{_tag(alarm.name)}.json", {})

    async def probe(self) -> None:
        """Ask how many messages are left."""
        async with reached(NAME), self._client() as client:
            token = self.app.token.get_secret_value()
            answer = await client.get("/1/apps/limits.json", params={"token": token})
            need_taken(answer, NAME, SAID, token)

    async def _post(self, path: str, told: dict[str, str], address: str = "") -> None:
        fields = {"token": self.app.token.get_secret_value(), **told}
        async with reached(NAME), self._client() as client:
            need_taken(await client.post(path, data=fields), NAME, SAID, address)

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.app.url, timeout=PATIENCE_S)


def _words(message: Message) -> dict[str, str]:
    title, _, words = plain(message).partition("\n")
    text = words.strip() or title
    return {"title": one_line(title, LONGEST_TITLE), "message": text[:LONGEST_TEXT]}


def _acting(message: Message) -> dict[str, str]:
    """What a tap opens, and where the acknowledgement in the app is posted to."""
    opened = next(iter((*reading(message), *answering(message))), None)
    told = {"url": opened.url or "", "url_title": label(opened)} if opened else {}
    if message.urgency == "page" and (callback := _callback(message)):
        told["callback"] = callback
    return told


def _callback(message: Message) -> str | None:
    """Of a long list only the worst pages fit: the others ring on."""
    return together(message, ACKNOWLEDGED_AT, LONGEST_URL)


def _tag(key: str) -> str:
    return hashlib.sha256(alarm_of(key).encode()).hexdigest()[:32]


def _user(address: str) -> str:
    try:
        return pushover_user(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong
