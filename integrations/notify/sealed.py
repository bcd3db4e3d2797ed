"""A message that only one browser can read, and the proof whose it is: RFC 8291 and RFC 8292.

The push service between us sees neither the words nor for which incident they are.
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from domain.base import Frozen
from domain.web_push import Subscription, unpacked

CURVE = SECP256R1()
KEY_BYTES = 32
RECORD = 4096
# One record, and it is the last.
END = b"\x02"
# A push service takes 4096 bytes: salt, record size, key and its length, the end, the tag.
MOST_BYTES = RECORD - (16 + 4 + 1 + 65) - len(END) - 16
PROOF_LASTS = timedelta(hours=12)


class Vapid(Frozen):
    """Who sends: ``key`` is 32 bytes in base64 for addresses, ``subject`` whom a push service
    may write to."""

    key: SecretStr
    subject: str

    @property
    def public(self) -> str:
        """What a browser is told when it asks to be rung."""
        return packed(public_bytes(self._private().public_key()))

    def proof(self, endpoint: str, now: datetime) -> str:
        """The header that says to the push service of ``endpoint`` who sends."""
        there = urlsplit(endpoint)
        claims = {
            "aud": f"{there.scheme}://{there.netloc}",
            "exp": int((now + PROOF_LASTS).timestamp()),
            "sub": self.subject,
        }
        token = jwt.encode(claims, self._private(), algorithm="ES256")
        return f"vapid t={token}, k={self.public}"

    def _private(self) -> EllipticCurvePrivateKey:
        return private_key(self.key.get_secret_value())


def private_key(text: str) -> EllipticCurvePrivateKey:
    """A key as it is written in settings. Raises `ValueError`."""
    read = unpacked(text)
    if len(read) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, in base64 for addresses")
    return derive_private_key(int.from_bytes(read), CURVE)


def sealed(words: bytes, to: Subscription, own: EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """The body of a push (``aes128gcm``): ``own`` and ``salt`` are used this once.

    Raises `ValueError` where the browser's key is none.
    """
    theirs = EllipticCurvePublicKey.from_encoded_point(CURVE, to.p256dh)
    mine = public_bytes(own.public_key())
    both = b"WebPush: info\x00" + to.p256dh + mine
    shared = _derived(own.exchange(ECDH(), theirs), to.auth, both, 32)
    key = _derived(shared, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(shared, salt, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD.to_bytes(4) + len(mine).to_bytes(1) + mine
    return head + AESGCM(key).encrypt(nonce, words + END, None)


def public_bytes(key: EllipticCurvePublicKey) -> bytes:
    """A point, uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def packed(read: bytes) -> str:
    """In base64 for addresses, without padding."""
    return urlsafe_b64encode(read).rstrip(b"=").decode()


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
