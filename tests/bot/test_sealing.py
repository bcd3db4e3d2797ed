"""What is kept encrypted opens under its own name and by its own key, and not otherwise."""

from pathlib import Path

import pytest

from bot.keys import Keys
from bot.sealing import StoredKeys, opened, sealed
from domain.errors import Permanent
from domain.ssh_key import SshKey
from tests.fakes.stores import NOON, SYSTEM
from tests.fakes.stores import opened as store_of

KEYS = Keys.derived("now", "before")


def test_what_is_sealed_opens_again_and_only_so():
    """Also after the secret key has changed; never under another name, nor when it was touched."""
    old = sealed(Keys.derived("before"), b"private", "deploy")
    assert opened(KEYS, old, "deploy") == b"private"
    made = sealed(KEYS, b"private", "deploy")
    assert made != sealed(KEYS, b"private", "deploy")
    for text, name in ((made, "other"), (made[:-4] + "AAA=", "deploy"), (made + "!", "deploy")):
        with pytest.raises(Permanent, match="it is not as it was sealed"):
            opened(KEYS, text, name)
    with pytest.raises(Permanent, match="a secret key that is not known here"):
        opened(Keys.derived("another"), made, "deploy")


async def test_a_kept_key_is_found_by_its_name(tmp_path: Path):
    """With its certificate."""
    async with store_of(f"sqlite:///{tmp_path / 'tocsin.db'}") as store:
        text = sealed(KEYS, b"private", "deploy")
        kept = SshKey(id="deploy", sealed=text, public_key="p", certificate="c", kept_at=NOON)
        async with store.write(SYSTEM) as unit:
            await unit.catalog.ssh_keys.put(kept)
        assert await StoredKeys(store, KEYS).find("deploy") == (b"private", "c")
        with pytest.raises(Permanent, match="no key other is kept here: tocsin keys keep other"):
            await StoredKeys(store, KEYS).find("other")
