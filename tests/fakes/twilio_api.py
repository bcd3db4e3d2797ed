"""Twilio's REST interface on loopback for the real client: what it took, answers by script.

async with twilio_api() as api:
    sms = Sms(api.account)
"""

import hmac
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from urllib.parse import parse_qsl

from pydantic import SecretStr

from integrations.notify.sms import Sms
from integrations.notify.twilio import TwilioAccount
from tests.fakes.notifiers import reach_by
from tests.fakes.one_request import CUT, Json, listening
from tests.fakes.tocsin import Tocsin

SID, TOKEN, SENDER = "AC0123456789abcdef0123456789abcdef", "the-auth-token", "+15005550006"
CREDENTIAL = "Basic " + b64encode(f"{SID}:{TOKEN}".encode()).decode()
ACCOUNT = f"/2010-04-01/Accounts/{SID}"
POST = f"POST {ACCOUNT}/{{}}.json HTTP/1.1"
LONGEST_TWIML = 4000


def refusal(status: int, code: int, words: str) -> tuple[int, Json]:
    """An error as Twilio words it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, {"code": code, "message": words, "more_info": more, "status": status}


def signed(fields: dict[str, str], url: str, token: str = TOKEN) -> str:
    """As Twilio documents it: the address, then every field by name, each with its value."""
    words = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return b64encode(hmac.new(token.encode(), words.encode(), sha1).digest()).decode()


def _root(twiml: str) -> ET.Element:
    return ET.fromstring(twiml)  # noqa: S314 - our own program wrote it


def spoken(twiml: str) -> str:
    """What a document says, read once."""
    return " ".join(one.text or "" for one in _root(twiml).iter("Say"))


def posts_to(twiml: str) -> str:
    """Where a pressed key is posted."""
    (gather,) = _root(twiml).iter("Gather")
    assert (gather.attrib["method"], gather.attrib["numDigits"]) == ("POST", "1")
    return gather.attrib["action"]


@dataclass
class FakeTwilio:
    """Takes SMS and calls. ``answers`` are the refusals to come, each used once; `CUT` takes the
    message and hangs up."""

    port: int = 0
    answers: list[tuple[int, Json]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    called: list[dict[str, str]] = field(default_factory=list)

    @property
    def account(self) -> TwilioAccount:
        """What the settings say of it."""
        url = f"http://127.0.0.1:{self.port}"
        return TwilioAccount(sid=SID, token=SecretStr(TOKEN), sender=SENDER, url=url)

    def to(self, number: str) -> list[str]:
        """The words a telephone shows, oldest first."""
        return [one["Body"] for one in self.sent if one["To"] == number]

    def calls_to(self, number: str) -> list[str]:
        """The TwiML of the calls to a number, oldest first."""
        return [one["Twiml"] for one in self.called if one["To"] == number]

    def answer(self, asked: str, credential: str, body: bytes) -> tuple[int, Json]:
        """What is said to a request."""
        if credential != CREDENTIAL:
            return refusal(401, 20003, "Authenticate")
        if asked == f"GET {ACCOUNT}.json HTTP/1.1":
            return 200, {"sid": SID, "status": "active"}
        takes = {"Messages": self._taken, "Calls": self._calls}
        found = [take for name, take in takes.items() if asked == POST.format(name)]
        if not found:
            return refusal(404, 20404, "The requested resource was not found")
        if self.answers and self.answers[0][0] != CUT:
            return self.answers.pop(0)
        return found[0](dict(parse_qsl(body.decode(), strict_parsing=True)))

    def _taken(self, fields: dict[str, str]) -> tuple[int, Json]:
        if missing := {"To", "From", "Body"} - fields.keys():
            return refusal(400, 21604, f"{missing} is required")
        self.sent.append(fields)
        return self._named(f"SM{len(self.sent)}")

    def _calls(self, fields: dict[str, str]) -> tuple[int, Json]:
        """Only what would ring: both numbers, and a script that Twilio can read."""
        if "To" not in fields or "From" not in fields:
            return refusal(400, 21201, "No 'To' or 'From' number is specified")
        if len(fields.get("Twiml", "")) not in range(1, LONGEST_TWIML + 1):
            return refusal(400, 21205, "Url parameter is required")
        if _root(fields["Twiml"]).tag != "Response":
            return refusal(400, 12100, "Document parse failure")
        self.called.append(fields)
        return self._named(f"CA{len(self.called)}")

    def _named(self, sid: str) -> tuple[int, Json]:
        """The first of them is 1, whatever was cut off meanwhile."""
        if self.answers:
            return self.answers.pop(0)
        return 201, {"sid": sid, "status": "queued"}


@asynccontextmanager
async def twilio_api() -> AsyncIterator[FakeTwilio]:
    """An account for the length of the block."""
    made = FakeTwilio()
    async with listening(made.answer) as made.port:
        yield made


@asynccontextmanager
async def texting(tocsin: Tocsin) -> AsyncIterator[FakeTwilio]:
    """An account by which a Tocsin sends SMS for the length of the block."""
    async with twilio_api() as api:
        reach_by(tocsin, Sms(api.account))
        yield api
