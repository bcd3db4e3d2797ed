"""A mail server on loopback for the real client: what it took, and answers by script.

async with mail_server() as server:
    email = Email(server.told, clock)
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from integrations.notify.email import Email
from integrations.notify.email import mail_server as told
from tests.fakes.notifiers import reach_by
from tests.fakes.stores import NOON
from tests.fakes.tocsin import Tocsin

CUT = "cut"
USER, PASSWORD = "tocsin@example.com", "p@ss/word"


@dataclass
class MailServer:
    """Takes letters. ``at_recipient`` and ``after_data`` are the answers to come, each used once;
    `CUT` in ``after_data`` takes the letter and hangs up without a word."""

    port: int = 0
    scheme: str = "smtp"
    options: str = "starttls=never"
    who: str = ""
    at_recipient: list[str] = field(default_factory=list)
    after_data: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What ``SMTP_URL`` says of it."""
        return f"{self.scheme}://{self.who}127.0.0.1:{self.port}?{self.options}"

    def to(self, person: str) -> list[EmailMessage]:
        """The letters to somebody of the demo's company, oldest first."""
        return [one for one in self.letters if one["To"] == f"{person}@example.com"]

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take or refuse a recipient."""
        if self.at_recipient:
            return self.at_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
    ) -> str:
        """Take or refuse the letter."""
        answer = self.after_data.pop(0) if self.after_data else "250 OK"
        if answer.startswith("250") or answer == CUT:
            content = envelope.content
            assert isinstance(content, bytes)
            letter = message_from_bytes(content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
            self.envelopes.append(envelope)
        if answer == CUT:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer

    def login(self, _server: object, _session: object, _how: object, _mechanism: str, said: object):
        """Let in who knows the password."""
        assert isinstance(said, LoginPassword)
        self.logins.append(said.login.decode())
        right = (said.login.decode(), said.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=right, handled=right)


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None = None, made: MailServer | None = None
) -> AsyncIterator[MailServer]:
    """A server for the length of the block; with ``tls`` it speaks it and wants a password."""
    made = made or MailServer()
    loop = asyncio.get_running_loop()

    def accepted() -> SMTP:
        if tls is None:
            return SMTP(made, enable_SMTPUTF8=True, loop=loop, hostname="mail.test")
        return SMTP(
            made,
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=made.login,
            loop=loop,
            hostname="mail.test",
        )

    listening = await loop.create_server(accepted, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield made


@asynccontextmanager
async def mailing(tocsin: Tocsin) -> AsyncIterator[MailServer]:
    """A server by which a Tocsin sends mail for the length of the block."""
    async with mail_server() as server:
        reach_by(tocsin, Email(told(server.url), tocsin.clock))
        yield server


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server on 127.0.0.1 proves itself with, and the certificate to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOON - timedelta(days=3650))
        .not_valid_after(NOON + timedelta(days=3650))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    trusted, private = folder / "mail.pem", folder / "mail.key"
    trusted.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


def words(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    part = letter.get_body(("plain",))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")
