"""The secret key, and one key for each purpose derived from it."""

import base64
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.configuration import Settings

CODE_BYTES = 24
KEPT_IN = "secret.key"


@dataclass(frozen=True)
class Keys:
    """Keys of 32 bytes; one says nothing about another.

    ``audit`` seals, ``audit_before`` are those that sealed before it; ``links`` makes codes.
    """

    audit: bytes
    links: bytes
    audit_before: tuple[bytes, ...] = ()

    @property
    def verifying(self) -> tuple[bytes, ...]:
        """Every key whose seals are believed, the one that seals now first."""
        return (self.audit, *self.audit_before)

    @classmethod
    def derived(cls, secret: str, *previous: str) -> "Keys":
        """The keys that ``secret`` and those before it stand for, always the same."""
        return cls(
            audit=_derived(secret, "audit"),
            links=_derived(secret, "links"),
            audit_before=tuple(_derived(one, "audit") for one in previous),
        )

    def code(self, page: str) -> str:
        """The code in the links of a page, always the same, which only this key can make."""
        made = hmac.digest(self.links, page.encode(), "sha256")
        return base64.urlsafe_b64encode(made[:CODE_BYTES]).decode()


def secret_key(settings: Settings, make: Callable[[], str]) -> str:
    """``TOCSIN_SECRET_KEY``, or the key that was made at the first start and kept (mode 0600)."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _kept(settings.data_dir / KEPT_IN, make)


def _kept(path: Path, make: Callable[[], str]) -> str:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    except FileExistsError:
        pass
    return path.read_text(encoding="utf-8").strip()


def _derived(secret: str, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"tocsin {purpose}".encode())
    return kdf.derive(secret.encode())
