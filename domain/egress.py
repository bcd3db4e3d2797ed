"""Where somebody's own address may lead: to the open internet, and nowhere else."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from domain.plain import visible

LONGEST_HOST = 253
# An IPv4 address inside one of IPv6, which would be global without it.
TRANSLATED = IPv6Network("64:ff9b::/96")
TRANSLATED_HERE = IPv6Network("64:ff9b:1::/48")


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


def is_public(address: str) -> bool:
    """Whether an IP address is in the open internet, whatever it is wrapped in."""
    found = ip_address(address.partition("%")[0])
    inner = _inside(found) if isinstance(found, IPv6Address) else None
    known = (found, inner) if inner else (found,)
    return all(one.is_global and not one.is_multicast for one in known)


def _inside(found: IPv6Address) -> IPv4Address | None:
    if found in TRANSLATED or found in TRANSLATED_HERE:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    teredo = found.teredo[1] if found.teredo else None
    return found.ipv4_mapped or found.sixtofour or teredo
