"""Secrets kept in the database, encrypted (AES-256-GCM) by a key of the secret key.

Each is bound to its name: moved to another one it does not open.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.keys import Keys
from domain.errors import Permanent
from domain.ssh_key import SshKey
from storage.store import Store

NONCE_BYTES = 12


def sealed(keys: Keys, secret: bytes, name: str) -> str:
    """``secret`` as only these keys open it: which key, then what it made."""
    nonce = os.urandom(NONCE_BYTES)
    made = nonce + AESGCM(keys.current.secrets).encrypt(nonce, secret, name.encode())
    return f"{keys.current.id}.{base64.b64encode(made).decode()}"


def opened(keys: Keys, text: str, name: str) -> bytes:
    """What was sealed under that name. Raises `Permanent`."""
    by, _, made = text.partition(".")
    key = next((one for one in (keys.current, *keys.before) if one.id == by), None)
    if key is None:
        raise Permanent(f"{name} was sealed by a secret key that is not known here")
    try:
        raw = base64.b64decode(made, validate=True)
        return AESGCM(key.secrets).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], name.encode())
    except (InvalidTag, ValueError) as error:
        raise Permanent(f"{name} cannot be opened: it is not as it was sealed") from error


class StoredKeys:
    """The SSH keys that are kept in the store, opened for one connection."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def find(self, name: str) -> tuple[bytes, str | None]:
        """The private key of that name, and its certificate. Raises `Permanent`."""
        async with self._store.read() as unit:
            found: SshKey | None = await unit.catalog.ssh_keys.get(name)
        if found is None:
            raise Permanent(f"no key {name} is kept here: tocsin keys keep {name} FILE")
        return opened(self._keys, found.sealed, found.id), found.certificate
