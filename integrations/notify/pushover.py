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
from domain.receipt import Emergency, Receipt
from integrations.notify.acting import ACKNOWLEDGED_AT, BETWEEN, answering, label, reading, together
from integrations.notify.reached import PATIENCE_S, given, need_taken, reached

NAME = "Pushover"
SAID = "errors"
EMERGENCY = "2"
YES = "1"
# A receipt is kept for a week.
FORGOTTEN = 404
# Until the next ring of the plan comes.
AGAIN_S, ENDS_S = "30", "300"
LONGEST_TITLE, LONGEST_TEXT, LONGEST_URL = 200, 1024, 512


class PushoverApp(Frozen):
    """The application that sends; ``url`` may be loopback."""

    token: SecretStr
    url: str = "https://api.pushover.net"


@dataclass(frozen=True)
class Pushover:
    """`domain.ports.Notifier`, `Lasting` and `Receipted` for Pushover."""

    app: PushoverApp

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "pushover"

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Hand in one message. What Pushover refuses for now, or leaves open, is a `Retry`."""
        told = {"user": _user(address), **_words(message)}
        told |= _acting(message, told["message"])
        if message.urgency == "page":
            told |= {"priority": EMERGENCY, "retry": AGAIN_S, "expire": ENDS_S, "tags": _tag(key)}
        answer = await self._post("/1/messages.json", told, address)
        if receipt := given(answer, "receipt"):
            codes = told.get("callback", "").rpartition("/")[2].split(BETWEEN)
            return Receipt(id=receipt, news="asked", codes=tuple(codes))
        return Receipt(id=given(answer, "request"))

    async def state_of(self, receipt: str) -> Emergency:
        """Ask what came of an emergency."""
        async with reached(NAME), self._client() as client:
            token = self.app.token.get_secret_value()
            answer = await client.get(f"/1/receipts/{receipt}.json", params={"token": token})
        if answer.status_code == FORGOTTEN:
            return "expired"
        need_taken(answer, NAME, SAID, token)
        if given(answer, "acknowledged") == YES:
            return "acknowledged"
        return "expired" if given(answer, "expired") == YES else "waiting"

    async def settle(self, alarm: Alarm) -> None:
        """Let it sound no more."""
        await self._post(f"/1/receipts/cancel_by_tag/{_tag(alarm.name)}.json", {})

    async def probe(self) -> None:
        """Ask how many messages are left."""
        async with reached(NAME), self._client() as client:
            token = self.app.token.get_secret_value()
            answer = await client.get("/1/apps/limits.json", params={"token": token})
            need_taken(answer, NAME, SAID, token)

    async def _post(self, path: str, told: dict[str, str], address: str = "") -> httpx2.Response:
        fields = {"token": self.app.token.get_secret_value(), **told}
        async with reached(NAME), self._client() as client:
            answer = await client.post(path, data=fields)
            need_taken(answer, NAME, SAID, address)
        return answer

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.app.url, timeout=PATIENCE_S)


def _words(message: Message) -> dict[str, str]:
    title, _, words = plain(message).partition("\n")
    text = words.strip() or title
    return {"title": one_line(title, LONGEST_TITLE), "message": text[:LONGEST_TEXT]}


def _acting(message: Message, words: str) -> dict[str, str]:
    """What a tap opens, and where the acknowledgement in the app is posted to."""
    opened = next(iter((*reading(message), *answering(message))), None)
    told = {"url": opened.url or "", "url_title": label(opened)} if opened else {}
    if message.urgency == "page" and (callback := _callback(message, words)):
        told["callback"] = callback
    return told


def _callback(message: Message, words: str) -> str | None:
    """Of a long list only the worst pages fit: the others ring on, as what was cut off does."""
    first, *others = [one.url for one in answering(message)] or [None]
    whole = sum((url or "") in words for url in others)
    return together(message, ACKNOWLEDGED_AT, LONGEST_URL, most=1 + whole) if first else None


def _tag(key: str) -> str:
    return hashlib.sha256(alarm_of(key).encode()).hexdigest()[:32]


def _user(address: str) -> str:
    try:
        return pushover_user(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong
