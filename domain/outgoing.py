"""Which addresses a step may ask: public ones, and those of hosts that an admin has named."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

NAT64 = ip_network("64:ff9b::/96")
LAST_32 = 0xFFFFFFFF


def may_reach(host: str, address: str, named: Iterable[str]) -> bool:
    """Whether a step may connect to ``address``, which ``host`` was resolved to.

    What wraps another address is judged by that one.
    """
    if any(fnmatchcase(host.lower(), pattern.lower()) for pattern in named):
        return True
    return is_public(address)


def is_public(address: str) -> bool:
    """Whether it is an address of the internet, and no way round into a network of one's own."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (found, *_within(found)))


def _within(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The addresses that it wraps: mapped, 6to4, Teredo, NAT64, compatible."""
    if isinstance(address, IPv4Address):
        return ()
    wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64 or int(address) <= LAST_32:
        wrapped.append(IPv4Address(int(address) & LAST_32))
    return tuple(one for one in wrapped if one is not None)
