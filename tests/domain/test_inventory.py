"""What becomes of servers that another program knows: taken over, kept, or left out by line."""

from datetime import timedelta

import pytest

from domain.inventory import Adoption, Inventory, LeftOut, ToldServer, Usual, adoption
from domain.server import Server, booted_at, platform_of
from tests.fakes.stores import NOON

KEY, OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA=", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHE="
OPS = Usual(user="ops", environment="staging", team="web")


def told(name: str, line: int = 1, **more: object) -> ToldServer:
    """A server of a file."""
    return ToldServer.model_validate({"name": name, "line": line} | more)


def made(
    *servers: ToldServer,
    present: dict[str, tuple[Server, str | None]] | None = None,
    keys: dict[str, tuple[str, ...]] | None = None,
    usual: Usual = OPS,
) -> Adoption:
    """What an import of these would do."""
    missed = (LeftOut(line=9, text="odd"),)
    return adoption(Inventory(servers=servers, left_out=missed), present or {}, usual, keys or {})


def why(found: Adoption) -> list[str]:
    """What is left out, but for the line that was not understood anyway."""
    return [str(one) for one in found.left_out if one.text != "odd"]


def test_new_ones_are_what_the_file_and_the_caller_say():
    """A key only where known hosts have one."""
    found = made(told("a", host="10.0.0.1", port=22), told("b", user="root"), keys={"b": (KEY,)})
    first, second = (one.server for one in found.servers)
    assert (first.user, first.environment, first.team, first.host_keys) == (
        "ops", "staging", "web", (),
    )  # fmt: skip
    assert (second.user, second.host, second.host_keys) == ("root", "b", (KEY,))
    assert [one.action for one in found.servers] == ["create", "create"]
    assert found.servers[0].fields == ()
    assert [str(one) for one in found.left_out] == ["line 9: odd"]


def test_again_is_once_and_what_people_said_here_is_kept():
    """Environment, team and pinned keys stay; where it is reached follows the file."""
    here = Server(id="a", host="a", user="ops", host_keys=(KEY,), environment="prod", team="db")
    again = made(told("a"), present={"a": (here, None)}, keys={"a": (KEY, OTHER)})
    assert [one.action for one in again.servers] == ["keep"]
    moved = made(told("a", host="b", groups=("g",)), present={"a": (here, None)}, usual=Usual())
    assert moved.servers[0].fields == ("host", "groups")
    assert moved.servers[0].action == "change"
    assert moved.servers[0].server.team == "db"
    bare = here.model_copy(update={"host_keys": ()})
    pinned = made(told("a"), present={"a": (bare, None)}, keys={"a": (KEY,)})
    assert pinned.servers[0].server.host_keys == (KEY,)


@pytest.mark.parametrize(
    ("servers", "left_out"),
    [
        ([told("a", 3, user="-x")], "line 3: a: user does not fit: "),
        ([told("a", 1), told("a", 2)], "line 2: a stands above already"),
        ([told("mine", 2)], "line 2: mine is managed by servers.yaml: change it there"),
        ([told("here", 2)], "line 2: here has another host key there than the one pinned here"),
        ([told("a", 2, jump="far")], "line 2: a is reached over far, which is not taken over"),
        ([told("a", 2, jump="b"), told("b", 3, jump="a")], "line 2: a is reached over itself"),
    ],
)
def test_what_does_not_fit_is_left_out_with_its_line(servers: list[ToldServer], left_out: str):
    """And whatever is reached over it."""
    mine = Server(id="mine", host="mine", user="ops", host_keys=(KEY,))
    here = Server(id="here", host="here", user="ops", host_keys=(KEY,))
    found = made(
        *servers,
        present={"mine": (mine, "servers.yaml"), "here": (here, None)},
        keys={"here": (OTHER,)},
    )
    assert why(found)[0].startswith(left_out)


def test_somebody_has_to_log_in():
    """Without a user nothing is reached; one that is known here keeps its own."""
    assert why(made(told("a"), usual=Usual())) == [
        "line 1: a has no user: give one, --set user=NAME"
    ]
    here = Server(id="a", host="a", user="root", host_keys=(KEY,))
    kept = made(told("a"), present={"a": (here, None)}, usual=Usual())
    assert kept.servers[0].server.user == "root"


def test_what_a_machine_says_of_itself():
    """As much of it as it tells, and no more than a line of each."""
    said = (
        'Linux 6.1.0-18-amd64 x86_64\n3600.25 7000.11\nNAME="x"\nPRETTY_NAME="Debian GNU/Linux 12"'
    )
    assert platform_of(said) == {
        "os": "Debian GNU/Linux 12", "kernel": "6.1.0-18-amd64", "arch": "x86_64",
    }  # fmt: skip
    assert booted_at(said, NOON) == NOON - timedelta(hours=1)
    assert platform_of(f"FreeBSD {'x' * 500} amd64\nPRETTY_NAME='open")["os"] == "FreeBSD"
    assert len(platform_of(f"FreeBSD {'x' * 500} amd64")["kernel"]) == 100
    assert platform_of("") == platform_of("Welcome!") == {}
    assert booted_at("Linux", NOON) is None
