"""A push service on loopback for the real client, with the browsers behind it: it verifies who
sends (RFC 8292), and they read what only they can (RFC 8188, 8291).

async with push_service(clock) as service:
    push = WebPush(service.vapid, service.outside, clock)
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from domain.ports import Clock
from domain.web_push import unpacked
from integrations.notify.outside import Outside
from integrations.notify.sealed import Vapid, packed, public_bytes
from integrations.notify.web_push import NAME, WebPush
from tests.fakes.notifiers import reach_by
from tests.fakes.one_request import CUT, Json, Said, hearing
from tests.fakes.tocsin import Tocsin

HOST = "127.0.0.1"
KEY = packed(bytes(range(1, 33)))
SUBJECT = "mailto:ops@example.com"
LONGEST_BODY, LONGEST_TOPIC, LONGEST_PROOF = 4096, 32, timedelta(hours=24)


@dataclass
class FakeBrowser:
    """What a browser keeps of its subscription, and what it shows."""

    key: ec.EllipticCurvePrivateKey
    auth: bytes
    shown: dict[str, Json] = field(default_factory=dict)

    def read(self, body: bytes) -> Json:
        """The message as its worker gets it: the record of RFC 8188, keyed as RFC 8291 says."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        both = b"WebPush: info\0" + public_bytes(self.key.public_key()) + theirs
        shared = _mac(_mac(self.auth, self.key.exchange(ec.ECDH(), point)), both + b"\1")
        seed = _mac(salt, shared)
        key = _mac(seed, b"Content-Encoding: aes128gcm\0\1")[:16]
        nonce = _mac(seed, b"Content-Encoding: nonce\0\1")[:12]
        words = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert words.endswith(b"\2"), "the last record says so"
        told: Json = json.loads(words[:-1])
        return told

    def show(self, told: Json) -> None:
        """Of one tag the newest."""
        self.shown[told["tag"]] = told


def _mac(key: bytes, words: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(words)
    return made.finalize()


@dataclass
class FakePushService:
    """Takes what one sender hands in. ``answers`` are the statuses to come, each used once; `CUT`
    takes the message and hangs up. ``bodies`` is what it saw, ``gone`` the browsers that left."""

    clock: Clock
    port: int = 0
    answers: list[int] = field(default_factory=list)
    browsers: list[FakeBrowser] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def vapid(self) -> Vapid:
        """The sender that its browsers know."""
        return Vapid(key=SecretStr(KEY), subject=SUBJECT)

    @property
    def outside(self) -> Outside:
        """What the settings say, which allow it."""
        return Outside(NAME, frozenset({HOST}), everywhere=False)

    @property
    def shown(self) -> list[Json]:
        """What all its browsers show, oldest first."""
        return [told for one in self.browsers for told in one.shown.values()]

    def browser(self) -> str:
        """Another browser asks to be rung: its address."""
        made = FakeBrowser(ec.generate_private_key(ec.SECP256R1()), bytes(range(16)))
        self.browsers.append(made)
        keys = f"{packed(public_bytes(made.key.public_key()))}.{packed(made.auth)}"
        return f"http://{HOST}:{self.port}/push/{len(self.browsers) - 1}#{keys}"

    def answer(self, first: str, fields: dict[str, str], body: bytes) -> Said:
        """What is said to a post."""
        number = int(first.split()[1].removeprefix("/push/"))
        if refused := self._refused(fields, body):
            return refused, {}
        if number in self.gone:
            return 410, {}
        if self.answers and self.answers[0] != CUT:
            return self.answers.pop(0), {}
        self.bodies.append(body)
        self.headers.append(fields)
        self.browsers[number].show(self.browsers[number].read(body))
        told = {"Location": f"/message/{len(self.bodies)}"}
        return (self.answers.pop(0) if self.answers else 201), {}, told

    def _refused(self, fields: dict[str, str], body: bytes) -> int:
        """What a push service does not take: a sender it cannot tell, and what is not well made."""
        if not self._proven(fields.get("authorization", "")):
            return 403
        if len(body) > LONGEST_BODY:
            return 413
        well = fields.get("content-encoding") == "aes128gcm" and fields.get("ttl", "").isdigit()
        topic, urgency = fields.get("topic", ""), fields.get("urgency")
        fits = len(topic) <= LONGEST_TOPIC and urgency in ("very-low", "low", "normal", "high")
        return 0 if well and fits else 400

    def _proven(self, said: str) -> bool:
        """A token of the sender that the browsers were told of, for this service, not for long."""
        scheme, _, rest = said.partition(" ")
        given = dict(one.strip().split("=", 1) for one in rest.split(",") if "=" in one)
        if scheme != "vapid" or given.get("k") != self.vapid.public:
            return False
        point = unpacked(given["k"])
        known = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        here, now = f"http://{HOST}:{self.port}", self.clock.now().timestamp()
        try:
            told = jwt.decode(
                given["t"], known, ["ES256"], audience=here, options={"verify_exp": False}
            )
        except jwt.InvalidTokenError:
            return False
        lasts = float(told["exp"]) - now
        return 0 < lasts <= LONGEST_PROOF.total_seconds() and str(told["sub"]) == SUBJECT


@asynccontextmanager
async def push_service(clock: Clock) -> AsyncIterator[FakePushService]:
    """A push service for the length of the block."""
    made = FakePushService(clock)
    async with hearing(made.answer) as made.port:
        yield made


@asynccontextmanager
async def pushing_browsers(tocsin: Tocsin) -> AsyncIterator[FakePushService]:
    """One by which a Tocsin rings browsers for the length of the block."""
    async with push_service(tocsin.clock) as service:
        reach_by(tocsin, WebPush(service.vapid, service.outside, tocsin.clock))
        tocsin.settled(push_key=service.vapid.public)
        yield service
