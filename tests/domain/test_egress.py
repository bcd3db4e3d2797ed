"""Where somebody's own address may lead."""

import pytest

from domain.egress import is_public, named_hooks, web_hook


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_open_internet_may_be_reached(address):
    """By either version."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - not bound, refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_nothing_else_whatever_it_is_wrapped_in(address):
    """IPv4 inside IPv6 counts as what it is."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "gopher://victim.com",
        "//victim.com",
        "https://",
        "https://a@b.victim/",
        "https://exa mple.com/",
        "https://ex\u0430mple.com/",
        "https://victim.com\r\nX: y",
        "https://victim.com:0/",
        "https://victim.com:99999/",
        "https://victim.com/#f",
    ],
)
def test_what_is_no_address_to_post_to(text):
    """A sentence says so, and does not repeat it."""
    with pytest.raises(ValueError, match=r"^(?!.*victim)"):
        web_hook(text)


def test_an_address_stays_as_it_was_typed():
    """But for blanks around it."""
    assert web_hook(" https://example.com:8443/p?t=1 ") == "https://example.com:8443/p?t=1"


def test_named_addresses_are_read_from_one_text():
    """And one that is none is refused without being repeated."""
    hooks = named_hooks("bridge=https://a.example/x?k=1, desk=https://b.example/,")
    assert hooks == {"bridge": "https://a.example/x?k=1", "desk": "https://b.example/"}
    assert named_hooks("") == {}
    for wrong in ("bridge", "Big=https://a.example", "a=ftp://zanzibar"):
        with pytest.raises(ValueError, match=r"name=address|no address") as told:
            named_hooks(wrong)
        assert "zanzibar" not in str(told.value)
