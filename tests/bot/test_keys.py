"""The secret key, and what is derived from it."""

import re
from pathlib import Path

from bot.keys import KEPT_BEFORE, KEPT_IN, Key, Keys, kept_before, rotate, secret_key
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
    key = Key.derived("secret")
    assert key == Key.derived("secret")
    assert len({key.audit, key.links, b"secret"}) == 3
    assert key.audit != Key.derived("another").audit
    assert len(key.audit) == 32


def test_keys_of_before_still_verify() -> None:
    """The one in use comes first, and each counts once."""
    keys = Keys.derived("new", "old", "new", "older", "old")
    assert keys.audit == Key.derived("new").audit
    assert keys.verifying == tuple(Key.derived(one).audit for one in ("new", "old", "older"))


def test_the_code_of_a_page_is_made_by_the_key_alone() -> None:
    """Always the same, another for each page and key, and fit for an address."""
    keys = Keys.derived("secret")
    codes = {keys.code("p1"), keys.code("p2"), Keys.derived("another").code("p1")}
    assert len(codes) == 3
    assert keys.code("p1") in codes
    assert all(re.fullmatch(r"[0-9a-f]{8}-p[12]-[\w-]{32}", code) for code in codes)


def test_a_code_outlives_its_key_while_that_is_named() -> None:
    """What an earlier key made leads to its page; what was changed in it leads nowhere."""
    code = Keys.derived("old").code("p1")
    assert Keys.derived("new", "old").page_of(code) == "p1"
    assert Keys.derived("new").page_of(code) is None
    for wrong in (code.replace("p1", "p2"), code[:-1], f"{code}x", code[9:], "", "é-é-é"):
        assert Keys.derived("new", "old").page_of(wrong) is None


def test_a_key_in_a_file_is_replaced_by_another(tmp_path: Path) -> None:
    """The new one is found at the next start, those before it stay, and only their owner reads."""
    told = settings("sqlite:///x.db", tmp_path).model_copy(update={"secret_key": None})
    assert secret_key(told, lambda: "first") == "first"
    assert kept_before(told) == ()
    rotate(told, "second")
    rotate(told, "third")
    assert secret_key(told, lambda: "made") == "third"
    assert kept_before(told) == ("second", "first")
    for name in (KEPT_IN, KEPT_BEFORE):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
