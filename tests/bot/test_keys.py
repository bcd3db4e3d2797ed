"""The secret key, and what is derived from it."""

import re
from pathlib import Path

from bot.keys import KEPT_IN, Keys, secret_key
from tests.fakes.tocsin import SECRET_KEY, settings


def test_a_key_that_is_set_is_the_key(tmp_path: Path) -> None:
    """Nothing is written where the installation says its key."""
    told = settings("sqlite:///x.db", tmp_path)
    assert secret_key(told, lambda: "made") == SECRET_KEY
    assert list(tmp_path.iterdir()) == []


def test_without_one_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    """The second start finds the first one's key; nobody else on the machine can read it."""
    told = settings("sqlite:///x.db", tmp_path / "data").model_copy(update={"secret_key": None})
    first = secret_key(told, lambda: "made first")
    assert first == secret_key(told, lambda: "made again") == "made first"
    assert (tmp_path / "data" / KEPT_IN).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_keys_are_derived() -> None:
    """The same secret gives the same keys, and none of them is the secret."""
    keys = Keys.derived("secret")
    assert keys == Keys.derived("secret")
    assert len({keys.audit, keys.links, b"secret"}) == 3
    assert keys.audit != Keys.derived("another").audit
    assert len(keys.audit) == 32


def test_keys_of_before_still_verify() -> None:
    """The one in use comes first."""
    keys = Keys.derived("new", "old", "older")
    assert keys.audit == Keys.derived("new").audit
    assert keys.verifying == tuple(Keys.derived(one).audit for one in ("new", "old", "older"))


def test_the_code_of_a_page_is_made_by_the_key_alone() -> None:
    """Always the same, another for each page and key, and fit for an address."""
    keys = Keys.derived("secret")
    codes = {keys.code("p1"), keys.code("p2"), Keys.derived("another").code("p1")}
    assert len(codes) == 3
    assert keys.code("p1") in codes
    assert all(re.fullmatch(r"[\w-]{32}", code) for code in codes)
