"""E-mail by SMTP: a message as a letter whose subject is its lock-screen line.

A repeat of the same key carries the same Message-ID, so that a mailbox that got both shows one.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import ContactKind, email_address
from domain.errors import Permanent, Retry
from domain.message import Message
from domain.plain import one_line, plain
from domain.ports import Clock
from domain.receipt import Receipt
from integrations.chat.console.render import html

PATIENCE_S = 8.0
LONGEST_SUBJECT = 200
LONGEST_RECEIPT = 80
FOR_GOOD = 500
PORTS = {"smtp": 587, "smtps": 465}
OPTIONS = {"from", "starttls"}

Tls = Literal["at once", "starttls", "never"]


class MailServer(Frozen):
    """Where letters are handed in, how, and whom they are from."""

    host: str
    port: int
    tls: Tls
    sender: str
    user: str | None = None
    password: SecretStr | None = None


def mail_server(url: str) -> MailServer:
    """``smtp://user:password@host:587?from=tocsin@example.com`` taken apart.

    ``smtps`` speaks TLS at once; ``smtp`` demands STARTTLS, unless ``starttls=never`` says that
    the network is trusted. Raises `ValueError` with a sentence.
    """
    split = urlsplit(url)
    if split.scheme not in PORTS or not split.hostname:
        raise ValueError("must be like smtp://user:password@mail.example.com:587")
    options = {name: values[-1] for name, values in parse_qs(split.query).items()}
    if unknown := options.keys() - OPTIONS:
        raise ValueError(f"has {', '.join(sorted(unknown))}, but only from and starttls are known")
    user = unquote(split.username) if split.username else None
    return MailServer(
        host=split.hostname,
        port=split.port or PORTS[split.scheme],
        tls=_tls(split, options.get("starttls", "")),
        sender=email_address(options.get("from") or _sender(user, split.hostname)),
        user=user,
        password=SecretStr(unquote(split.password)) if split.password else None,
    )


@dataclass(frozen=True)
class Email:
    """`domain.ports.Notifier` for e-mail."""

    server: MailServer
    clock: Clock

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "email"

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Hand in one letter. What the server refuses for now, or leaves open, is a `Retry`.

        The receipt is what the server said, which often names the letter in its own queue.
        """
        letter = self._letter(address, message, key)
        async with _answered(address), asyncio.timeout(PATIENCE_S), self._client() as client:
            _, said = await client.send_message(letter)
        return Receipt(id=one_line(_without(address, said), LONGEST_RECEIPT))

    async def probe(self) -> None:
        """Connect, log in and leave."""
        async with _answered(), asyncio.timeout(PATIENCE_S), self._client() as client:
            await client.noop()

    def _letter(self, address: str, message: Message, key: str) -> EmailMessage:
        words = plain(message)
        letter = EmailMessage(policy=WIRE)
        letter["Subject"] = _subject(words.partition("\n")[0])
        letter["From"] = f"Tocsin <{self.server.sender}>"
        letter["To"] = _recipient(address)
        letter["Date"] = self.clock.now()
        letter["Message-ID"] = f"<{_digest(key)}@{self.server.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        if message.urgency == "page":
            letter["Importance"] = "high"
        letter.set_content(words)
        letter.add_alternative(PAGE.replace("{}", html(message, "mail")), subtype="html")
        return letter

    def _client(self) -> aiosmtplib.SMTP:
        told = self.server
        return aiosmtplib.SMTP(
            hostname=told.host,
            port=told.port,
            username=told.user,
            password=told.password.get_secret_value() if told.password else None,
            local_hostname=told.sender.rpartition("@")[2],
            use_tls=told.tls == "at once",
            start_tls=told.tls == "starttls",
            timeout=PATIENCE_S,
        )


def _subject(words: str) -> str:
    """One line that stays as it is: the library would decode an encoded word inside it, line
    breaks and all."""
    return one_line(words, LONGEST_SUBJECT).replace("=?", "= ?")


@asynccontextmanager
async def _answered(address: str = "") -> AsyncIterator[None]:
    """What the server said, or did not say, in the words of the ports; refusals are kept and
    shown, so the address that servers like to repeat is taken out."""
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as refused:
        first = refused.recipients[0]
        raise _refusal(first.code, _without(address, first.message)) from refused
    except aiosmtplib.SMTPResponseException as refused:
        raise _refusal(refused.code, _without(address, refused.message)) from refused
    except OSError as lost:
        raise Retry(f"the mail server: {type(lost).__name__}: {lost}") from lost
    except aiosmtplib.SMTPException as missing:
        raise Permanent(f"the mail server: {missing.message}") from missing


def _refusal(code: int, said: str) -> Retry | Permanent:
    """4xx is for now, 5xx for good; anything else is no answer at all."""
    told = f"the mail server said {code} {one_line(said, LONGEST_SUBJECT)}"
    return Permanent(told) if code >= FOR_GOOD else Retry(told)


def _without(address: str, said: str) -> str:
    return re.sub(re.escape(address), "…", said, flags=re.IGNORECASE) if address else said


def _recipient(address: str) -> str:
    try:
        return email_address(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def _tls(split: SplitResult, starttls: str) -> Tls:
    if starttls not in ("", "never"):
        raise ValueError("has starttls, whose only value is never")
    if split.scheme == "smtps":
        return "at once"
    return "never" if starttls else "starttls"


def _sender(user: str | None, host: str) -> str:
    return user if user and "@" in user else f"tocsin@{host}"


PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<body style="font:16px/1.5 sans-serif;max-width:40em">{}</body></html>'
)
