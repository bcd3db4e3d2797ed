"""Which keys a server may answer with, and how they are shown."""

import pytest

from domain.errors import NotFound
from domain.server import Server, fingerprint, route_to

TOLD = {"id": "db-3", "host": "10.0.0.3", "user": "ops"}


@pytest.mark.parametrize("key", ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 root@db-3", "ssh-rsa AAAA=="])
def test_a_key_as_ssh_keyscan_prints_it(key: str) -> None:
    """With or without a comment; shown as OpenSSH shows it."""
    server = Server.model_validate(TOLD | {"host_keys": [key]})
    assert fingerprint(server.host_keys[0]).startswith("SHA256:")
    assert server.address == "db-3 (ops@10.0.0.3:22)"


@pytest.mark.parametrize("key", ["", "AAAAC3NzaC1lZDI1NTE5", "db-3 ssh-ed25519 AAAA", "ssh-rsa a!"])
def test_what_is_no_key_is_refused(key: str) -> None:
    """By what to write instead: without a key anybody could answer."""
    with pytest.raises(ValueError, match="as ssh-keyscan prints it"):
        Server.model_validate(TOLD | {"host_keys": [key]})


def server(name: str, jump: str | None = None) -> Server:
    """Reached over another one, or at once."""
    return Server.model_validate(
        TOLD | {"id": name, "jump": jump, "host_keys": ["ssh-ed25519 AAAA"]}
    )


def test_the_way_to_a_server_is_known_before_anybody_goes_it() -> None:
    """Over each that stands in between; none that is not there, and none twice."""
    there = {one.id: one for one in (server("db", "gate"), server("gate"), server("a", "a"))}
    assert [one.id for one in route_to("db", there)] == ["gate", "db"]
    assert route_to("", there) == ()
    for lost in ("a", "b"):
        with pytest.raises(NotFound, match=f"There is no server {lost} to run on"):
            route_to(lost, there)
