"""The secret key and those before it, and one key for each purpose derived from each."""

import base64
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.configuration import Settings
from storage.chain import key_id

CODE_BYTES = 24
KEPT_IN, KEPT_BEFORE = "secret.key", "secret.key.previous"


@dataclass(frozen=True)
class Key:
    """What one secret stands for: keys of 32 bytes, of which one says nothing about another.

    ``audit`` seals rows, ``links`` makes the codes in links, ``secrets`` encrypts what is kept.
    """

    audit: bytes
    links: bytes
    secrets: bytes = b""

    @classmethod
    def derived(cls, secret: str) -> "Key":
        """The keys that ``secret`` stands for, always the same."""
        purposes = ("audit", "links", "secrets")
        return cls(**{purpose: _derived(secret, purpose) for purpose in purposes})

    @property
    def id(self) -> str:
        """Its name in audit rows and links; it says nothing about the key."""
        return key_id(self.audit)

    def proof(self, page: str) -> str:
        """What only this key can make of a page's id, always the same."""
        made = hmac.digest(self.links, page.encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(made[:CODE_BYTES]).decode()


@dataclass(frozen=True)
class Keys:
    """The key that seals and makes links now, and those before it, which are still believed."""

    current: Key
    before: tuple[Key, ...] = ()

    @classmethod
    def derived(cls, secret: str, *previous: str) -> "Keys":
        """The keys that ``secret`` and those before it stand for."""
        older = [one for one in dict.fromkeys(previous) if one != secret]
        return cls(Key.derived(secret), tuple(Key.derived(one) for one in older))

    @property
    def audit(self) -> bytes:
        """What seals now."""
        return self.current.audit

    @property
    def verifying(self) -> tuple[bytes, ...]:
        """Every key whose seals are believed, the one that seals now first."""
        return tuple(key.audit for key in (self.current, *self.before))

    def code(self, page: str) -> str:
        """The code in the links of a page: which key made it, which page, and the proof."""
        return f"{self.current.id}-{page}-{self.current.proof(page)}"

    def page_of(self, code: str) -> str | None:
        """The page that a code is for; None where none of these keys has made it."""
        name, _, rest = code.partition("-")
        page, _, proof = rest.partition("-")
        given = proof.encode("utf-8", "replace")
        for key in (self.current, *self.before):
            if key.id == name and hmac.compare_digest(given, key.proof(page).encode()):
                return page
        return None


def secret_key(settings: Settings, make: Callable[[], str]) -> str:
    """``TOCSIN_SECRET_KEY``, or the key that was made at the first start and kept (mode 0600)."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _kept(settings.data_dir / KEPT_IN, make)


def kept_before(settings: Settings) -> tuple[str, ...]:
    """The secrets that `rotate` has replaced, the newest first."""
    path = settings.data_dir / KEPT_BEFORE
    return tuple(path.read_text(encoding="utf-8").split()) if path.exists() else ()


def rotate(settings: Settings, fresh: str) -> None:
    """Keep ``fresh`` as the key, and the one until now among those before it.

    That one is written first: whenever this ends, no key is lost.
    """
    until_now = (settings.data_dir / KEPT_IN).read_text(encoding="utf-8").strip()
    older = dict.fromkeys((until_now, *kept_before(settings)))
    _replace(settings.data_dir / KEPT_BEFORE, "\n".join(older))
    _replace(settings.data_dir / KEPT_IN, fresh)


def _replace(path: Path, text: str) -> None:
    """The file has the old text or the new one, never a part; for its owner alone."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


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
