"""SMS by Twilio's REST interface: one line, and the address that answers.

Twilio knows no key of a message: a repeat after a lost answer may come twice.
"""

from dataclasses import dataclass
from urllib.parse import quote

import httpx2
from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import ContactKind, phone_number
from domain.errors import Permanent
from domain.message import Message
from domain.plain import one_line, plain
from integrations.notify.acting import answering, label
from integrations.notify.reached import PATIENCE_S, need_taken, reached

NAME = "Twilio"
ONE_SMS = 160
# What the title keeps beside an address that fills the message.
SHORTEST_TITLE = 40
# Twilio takes 1600 characters.
LONGEST = 1500
# One character outside the alphabet of SMS would leave room for 70 instead of 160.
PLAINER = str.maketrans(
    {"·": "-", "…": "...", "–": "-", "’": "'", "“": '"', "”": '"', "\u00a0": " "}
)


class TwilioAccount(Frozen):
    """Whose account sends, from which number; ``url`` may be loopback."""

    sid: str
    token: SecretStr
    sender: str
    url: str = "https://api.twilio.com"


@dataclass(frozen=True)
class Sms:
    """`domain.ports.Notifier` for SMS."""

    account: TwilioAccount

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "sms"

    async def send(self, address: str, message: Message, key: str) -> None:  # noqa: ARG002 - see above
        """Hand in one SMS. What Twilio refuses for now, or leaves open, is a `Retry`."""
        fields = {"To": _number(address), "From": self.account.sender, "Body": _words(message)}
        async with reached(NAME), self._client() as client:
            answer = await client.post(f"{self._path}/Messages.json", data=fields)
            need_taken(answer, NAME, "message", address)

    async def probe(self) -> None:
        """Ask for the account, which costs nothing."""
        async with reached(NAME), self._client() as client:
            need_taken(await client.get(f"{self._path}.json"), NAME, "message")

    @property
    def _path(self) -> str:
        return f"/2010-04-01/Accounts/{quote(self.account.sid, safe='')}"

    def _client(self) -> httpx2.AsyncClient:
        who = (self.account.sid, self.account.token.get_secret_value())
        return httpx2.AsyncClient(base_url=self.account.url, auth=who, timeout=PATIENCE_S)


def _words(message: Message) -> str:
    """One page fits one SMS where its address leaves room; a list of several is told whole."""
    answers = answering(message)
    words = plain(message)
    if len(answers) != 1:
        return words.translate(PLAINER)[:LONGEST]
    acting = f"\n{label(answers[0])}: {answers[0].url}"
    room = max(ONE_SMS - len(acting), SHORTEST_TITLE)
    title = one_line(words.partition("\n")[0]).translate(PLAINER)
    return f"{_cut(title, room)}{acting}"


def _cut(title: str, room: int) -> str:
    """The end stays, which names the incident."""
    if len(title) <= room:
        return title
    last = title.rpartition(" ")[2]
    return f"{title[: max(room - len(last) - 4, 0)]}... {last}"


def _number(address: str) -> str:
    try:
        return phone_number(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong
