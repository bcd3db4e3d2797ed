"""Where an address that somebody gave may lead: to the open internet, or where an admin says."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from domain.plain import visible

LONGEST_HOST = 253
HOOK_NAME = re.compile(r"[a-z0-9][-_a-z0-9]{0,40}")
# An IPv4 address inside one of IPv6, which would be global without it.
TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
LAST_32 = 0xFFFFFFFF


def web_hook(text: str) -> str:
    """``text`` as an address to post to. Raises `ValueError` with a sentence that does not
    repeat it: such addresses hold secrets."""
    found = text.strip()
    parts = urlsplit(found)
    plain = visible(found) == found and found.isascii() and not any(map(str.isspace, found))
    if parts.scheme not in ("https", "http") or not parts.hostname or not plain:
        raise ValueError("that is no address to post to, like https://example.com/pages")
    if parts.username or parts.password or parts.fragment or len(parts.hostname) > LONGEST_HOST:
        raise ValueError("leave user names, passwords and fragments out of the address")
    if parts.port == 0:
        raise ValueError("that address has no port that can be reached")
    return found


def named_hooks(text: str) -> dict[str, str]:
    """Addresses to post to by their names: ``name=address``, and more of them after commas.

    Raises `ValueError`, which repeats none of them.
    """
    found: dict[str, str] = {}
    for one in filter(None, map(str.strip, text.split(","))):
        name, _, address = one.partition("=")
        if not HOOK_NAME.fullmatch(name):
            raise ValueError("must be name=address, and more of them after commas")
        found[name] = web_hook(address)
    return found


def may_reach(host: str, address: str, named: Iterable[str]) -> bool:
    """Whether one may connect to ``address``, which ``host`` was resolved to: in the open
    internet, or because an admin has named the host (``*.internal`` names all beneath)."""
    if any(fnmatchcase(host.lower(), pattern.lower()) for pattern in named):
        return True
    return is_public(address)


def is_public(address: str) -> bool:
    """Whether an IP address is in the open internet, whatever it is wrapped in."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (found, *_within(found)))


def _within(found: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The addresses that it wraps: mapped, 6to4, Teredo, translated, compatible."""
    if isinstance(found, IPv4Address):
        return ()
    wrapped = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if any(found in net for net in TRANSLATED) or int(found) <= LAST_32:
        wrapped.append(IPv4Address(int(found) & LAST_32))
    return tuple(one for one in wrapped if one is not None)
