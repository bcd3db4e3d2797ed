"""SMS by Twilio's REST interface: one line, and the address that answers."""

from dataclasses import dataclass

from domain.contact import ContactKind
from domain.message import Message
from domain.plain import one_line, plain
from domain.receipt import Receipt
from integrations.notify.acting import answering, label
from integrations.notify.twilio import TwilioAccount

ONE_SMS = 160
# What the title keeps beside an address that fills the message.
SHORTEST_TITLE = 40
# Twilio takes 1600 characters.
LONGEST = 1500
# One character outside the alphabet of SMS would leave room for 70 instead of 160.
PLAINER = str.maketrans(
    {"·": "-", "…": "...", "–": "-", "’": "'", "“": '"', "”": '"', "\u00a0": " "}
)


@dataclass(frozen=True)
class Sms:
    """`domain.ports.Notifier` for SMS."""

    account: TwilioAccount

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "sms"

    async def send(self, address: str, message: Message, key: str) -> Receipt:  # noqa: ARG002
        """Hand in one SMS; there is no key."""
        return await self.account.hand_in("Messages", address, {"Body": _words(message)})

    async def probe(self) -> None:
        """Ask for the account."""
        await self.account.probe()


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
