"""Passwords are kept as argon2id, each with its own salt."""

from bot.passwords import hash_password, is_outdated, is_right

WEAK = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21l$1oKqJx3FZm1mJbPYFnEXgwlJOkB1yO5PB4dRkSDNc3o"


def test_only_the_right_password_fits() -> None:
    """The same password gives different texts, and each knows its own."""
    one, two = hash_password("secret"), hash_password("secret")
    assert one != two
    assert one.startswith("$argon2id$")
    assert (is_right("secret", one), is_right("secret", two)) == (True, True)
    assert not is_right("Secret", one)


def test_where_no_password_was_set_none_fits() -> None:
    """Nothing that can be typed fits nothing, nor what is no hash."""
    assert not is_right("", None)
    assert not is_right("\x00 no password \x00", None)
    assert not is_right("secret", "plain text")


def test_weaker_parameters_are_noticed() -> None:
    """A hash of older parameters is renewed at the next login."""
    assert is_outdated(WEAK)
    assert not is_outdated(hash_password("secret"))
