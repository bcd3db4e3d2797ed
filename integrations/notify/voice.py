"""Voice calls by Twilio's REST interface: the line of the lock screen, read aloud, and two keys.

Only a pressed key answers: a mailbox presses none.
"""

import re
from dataclasses import dataclass

from domain.contact import ContactKind
from domain.message import Header, Message, Text
from domain.plain import one_line
from domain.receipt import Receipt
from integrations.notify.acting import answering, together
from integrations.notify.twilio import TwilioAccount
from integrations.notify.twiml import PRESSED_AT, ask, document, keys, say

# Before most mailboxes answer.
RINGS_S = "30"
LONGEST = 600
TIMES = 3
ONE_TIME_CODE = re.compile(r"\b[2-9A-HJ-Z]{4}-[2-9A-HJ-Z]{4}\b")
NO_KEY = "No key was pressed, so nobody has answered. Goodbye."


@dataclass(frozen=True)
class Voice:
    """`domain.ports.Notifier` for voice calls."""

    account: TwilioAccount

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "voice"

    async def send(self, address: str, message: Message, key: str) -> Receipt:  # noqa: ARG002
        """Hand in one call; there is no key."""
        told = {"Twiml": _script(message), "Timeout": RINGS_S}
        return await self.account.hand_in("Calls", address, told)

    async def probe(self) -> None:
        """Ask for the account."""
        await self.account.probe()


def _script(message: Message) -> str:
    address = together(message, PRESSED_AT)
    if address is None:
        return document(say(_spelled(_words(message, whole=True)), TIMES))
    words = f"{_words(message, whole=len(answering(message)) > 1)} {keys(address)}"
    return document(ask(words, address), say(NO_KEY))


def _words(message: Message, *, whole: bool) -> str:
    """What a lock screen shows; of what is no single page, its lines too, but no address."""
    lines = [one.text for one in message.nodes if isinstance(one, Header)]
    if whole:
        texts = [one.spans for one in message.nodes if isinstance(one, Text)]
        lines += ["".join(one.text for one in spans if one.kind != "link") for spans in texts]
    said = ". ".join(filter(None, (line.strip(" ·●") for line in lines)))
    return one_line(said.replace(" · ", ", "), LONGEST) + "."


def _spelled(words: str) -> str:
    """A code letter by letter, as it must be typed."""
    return ONE_TIME_CODE.sub(lambda found: ", ".join(found[0].replace("-", "")), words)
