"""Host keys out of a file of known hosts, hashed names too."""

from collections.abc import Iterable, Mapping

import asyncssh

from domain.inventory import ToldServer

SSH = 22


def keys_of(text: str, servers: Iterable[ToldServer]) -> Mapping[str, tuple[str, ...]]:
    """The keys that it has for each server by name. Raises `ValueError` where it is none."""
    try:
        known = asyncssh.import_known_hosts(text)
    except (asyncssh.Error, ValueError) as error:
        raise ValueError(f"this is no file of known hosts: {error}") from error
    found: dict[str, tuple[str, ...]] = {}
    for one in servers:
        host, port = one.host or one.name, one.port or SSH
        matched = known.match(host, "", None if port == SSH else port)
        keys, revoked = matched[0], {key.public_data for key in matched[2]}
        written = (
            key.export_public_key().decode().strip()
            for key in keys
            if key.public_data not in revoked
        )
        found[one.name] = tuple(dict.fromkeys(written))
    return found
