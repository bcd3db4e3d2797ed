"""Servers out of files of other programs: what is understood, and what is named with its line."""

import asyncssh
import pytest

from domain.inventory import Inventory
from integrations.inventory import read
from integrations.inventory.known_hosts import keys_of

SSH_CONFIG = """
# the way in
Host door
    HostName door.example.com
    User ops
    Port 2222

Host db-* !db-9
    ProxyJump door
    User=deploy
    ForwardAgent yes
    IdentityFile ~/.ssh/id_ed25519

Host db-3 db-9
    HostName %h.internal

Host odd
    ProxyJump root@far:22
    Port many
Include more
Match exec "touch /tmp/x"
    User nobody
Host *
    Compression yes
"unclosed
"""
INI = """
lonely ansible_host=10.0.0.9  # by itself
[web]
web[01:02].example.com ansible_user=deploy ansible_become=yes
[db]
db-3:2200 ansible_host="10.0.0.3" ansible_ssh_common_args='-o ProxyJump=door'
door
local ansible_connection=local
strange ansible_host="{{ where }}"
[db:vars]
ansible_user = postgres
ansible_ssh_private_key_file=~/.ssh/key
[prod:children]
web
db
[prod:vars]
ansible_user=ops
ansible_port=2022
[what is:this]
"""
YAML = """
all:
  vars:
    ansible_user: ops
  hosts:
    door:
  children:
    workers:
      hosts:
        trino-[1:2]:
          ansible_port: 2200
        vaulted:
          ansible_host: !vault |
            abc
      vars:
        ansible_user: deploy
        anything: else
      things: 1
"""


def told(inventory: Inventory) -> list[str]:
    """Each server in a line."""
    return [
        f"{one.name} {one.user}@{one.host}:{one.port} over {one.jump or '-'} {','.join(one.groups)}"
        for one in inventory.servers
    ]


def test_an_ssh_configuration():
    """The first value that fits counts; patterns, what is denied and what stands for the name."""
    found = read("config", SSH_CONFIG)
    assert told(found) == [
        "door ops@door.example.com:2222 over - ",
        "db-3 deploy@db-3.internal:22 over door ",
        "db-9 @db-9.internal:22 over - ",
    ]
    assert [str(one) for one in sorted(found.left_out, key=lambda one: one.line)] == [
        "line 11: ForwardAgent is not taken over",
        "line 12: IdentityFile: Tocsin logs in with a key of its own (runbooks.ssh_key)",
        "line 18: odd: ProxyJump root@far:22 is not understood: name one Host that stands here",
        "line 19: odd: Port many is no number",
        "line 20: a file that is included is not read: import it by itself",
        "line 21: Match is not understood: what stands beneath it is not taken over",
        "line 24: Compression is not taken over",
        "line 25: this line is not understood",
    ]


def test_an_inventory_as_ini():
    """Ranges, groups within groups, the nearest word, and the way over another server."""
    found = read("hosts", INI)
    assert told(found) == [
        "lonely @10.0.0.9:22 over - ",
        "web01.example.com deploy@web01.example.com:2022 over - prod,web",
        "web02.example.com deploy@web02.example.com:2022 over - prod,web",
        "db-3 postgres@10.0.0.3:2200 over door db,prod",
        "door postgres@door:2022 over - db,prod",
    ]
    assert [str(one) for one in sorted(found.left_out, key=lambda one: one.line)] == [
        "line 4: ansible_become is not taken over",
        "line 8: local is not reached by SSH: ansible_connection is local",
        "line 9: ansible_host is not known before Ansible runs: it is not taken over",
        "line 9: strange is left out: how it is reached is not known",
        "line 12: ansible_ssh_private_key_file: Tocsin logs in with a key of its own"
        " (runbooks.ssh_key)",
        "line 19: [what is:this] is no group: what follows is not taken over",
    ]


def test_an_inventory_as_yaml():
    """Also where its name does not say so; what is encrypted is not taken over."""
    found = read("inventory", YAML)
    assert read("hosts.yml", YAML) == found
    assert told(found) == [
        "door ops@door:22 over - ",
        "trino-1 deploy@trino-1:2200 over - workers",
        "trino-2 deploy@trino-2:2200 over - workers",
    ]
    assert [str(one) for one in found.left_out] == [
        "line 13: ansible_host is not known before Ansible runs: it is not taken over",
        "line 18: things is no part of a group: hosts, vars or children",
        "line 12: vaulted is left out: how it is reached is not known",
    ]
    assert read("hosts.yaml", "- a\n").left_out[0].text.startswith("this is not understood")
    with pytest.raises(ValueError, match="this is no YAML at line"):
        read("hosts.yaml", "a: [")
    # 2^50 ways lead through a group that is within itself twice
    for hostile in ("all: &a {children: {x: *a, y: *a}}", "all: {hosts: &b {x: }, children: *b}"):
        with pytest.raises(ValueError, match="has aliases"):
            read("hosts.yaml", hostile)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("a 'b", "a quotation mark is not closed"),
        ("a b", "b is not understood: write name=value"),
        ("a ansible_port=x", "a: ansible_port x is no number"),
        ("a ansible_ssh_common_args=-v", "ansible_ssh_common_args is not taken over"),
        ("a[1:5000]", "a[1:5000] is more than 1000 hosts: the rest is not taken over"),
        ("[g:vars]\nb", "this line is not understood: write name=value"),
    ],
)
def test_lines_that_are_not_understood(line: str, why: str):
    """Each is named, and the rest is read."""
    found = read("hosts.ini", f"{line}\n[h]\nlast\n")
    assert why in [one.text for one in found.left_out]
    assert found.servers[-1].name == "last"


def test_letters_count_too_and_many_hosts_are_cut():
    """``[a:c]``; a range of two kinds is none."""
    found = read("hosts.ini", "db-[a:c]\nx[1:z]\ny[01:05:2]\n")
    assert [one.name for one in found.servers] == ["db-a", "db-b", "db-c", "y01", "y03", "y05"]


def test_known_hosts_also_hashed_and_of_other_ports():
    """What is revoked is not taken over; a file that is none is said so."""
    key, other, gone = (
        asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
        for _ in range(3)
    )
    lines = f"door.example.com {key}\n[10.0.0.3]:2200 {other}\nweb01.example.com {gone}\n"
    servers = read("hosts.ini", INI).servers
    servers = (*servers, *read("config", "Host door2\nHostName door.example.com").servers)
    found = keys_of(lines + f"@revoked * {gone}\n", servers)
    assert (found["door2"], found["db-3"], found["web01.example.com"]) == ((key,), (other,), ())
    with pytest.raises(ValueError, match="no file of known hosts"):
        keys_of("one", servers)
