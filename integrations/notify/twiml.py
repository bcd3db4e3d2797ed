"""TwiML: what Twilio says, asks and writes for us."""

from xml.sax.saxutils import escape, quoteattr

from integrations.notify.acting import BETWEEN

PRESSED_AT = "/twilio/voice/"
TESTED = "test/"
ASKS = "Press 1 to take it. Press 2 to pass it on."
ASKS_ALL = "Press 1 to take all of them. Press 2 to pass all of them on."
ASKS_TESTED = "Press 1 if you hear this."


def document(*verbs: str) -> str:
    """A whole document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


def write(words: str) -> str:
    """An SMS as an answer to one."""
    return f"<Message>{escape(words)}</Message>"


def say(words: str, times: int = 1) -> str:
    """Read words aloud, so often."""
    return f'<Say loop="{times}">{escape(words)}</Say>'


def ask(words: str, address: str) -> str:
    """Read words aloud until a key is pressed, and post which it was."""
    where = f'action={quoteattr(address)} method="POST"'
    return f'<Gather input="dtmf" numDigits="1" timeout="8" {where}>{say(words, 2)}</Gather>'


def keys(address: str) -> str:
    """What can be pressed, by where it is posted to."""
    if f"{PRESSED_AT}{TESTED}" in address:
        return ASKS_TESTED
    return ASKS_ALL if BETWEEN in address.rpartition("/")[2] else ASKS
