"""What both forms of an Ansible inventory come to: groups, hosts in them, and what they say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.inventory import Inventory, LeftOut, ToldServer

Values = dict[str, tuple[str, int]]
RANGE = re.compile(r"\[([0-9]+|[a-zA-Z]):([0-9]+|[a-zA-Z])(?::([1-9][0-9]*))?\]")
MOST = 1000
HIDDEN = "{{"
EVERYBODY = ("all", "ungrouped")
NAMES = {
    "ansible_host": "host", "ansible_ssh_host": "host",
    "ansible_port": "port", "ansible_ssh_port": "port",
    "ansible_user": "user", "ansible_ssh_user": "user",
    "ansible_ssh_common_args": "args", "ansible_connection": "connection",
}  # fmt: skip
OWN_KEY = ("ansible_ssh_private_key_file", "ansible_private_key_file")
OVER_SSH = ("ssh", "smart", "paramiko", "paramiko_ssh")
JUMP = re.compile(r"(?:-J\s*|-o\s*ProxyJump[= ])[\"']?([A-Za-z0-9][A-Za-z0-9._-]*)[\"']?")


@dataclass
class Group:
    """A group: what it says of each host in it, and the groups within."""

    hosts: set[str] = field(default_factory=set)
    children: set[str] = field(default_factory=set)
    values: Values = field(default_factory=dict)


@dataclass
class Groups:
    """An inventory as it is read."""

    groups: dict[str, Group] = field(default_factory=dict)
    hosts: dict[str, tuple[Values, int]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    def group(self, name: str) -> Group:
        """The group of that name, new or not."""
        return self.groups.setdefault(name, Group())

    def host(self, group: str, written: str, values: Values, line: int) -> None:
        """A host, or many (``db[1:3]``), in a group."""
        for name in self._expanded(written, line):
            self.group(group).hosts.add(name)
            before, first = self.hosts.get(name, ({}, line))
            self.hosts[name] = (before | values, first)

    def missed(self, line: int, text: str) -> None:
        """Something that is not taken over."""
        self.left_out.append(LeftOut(line=line, text=text))

    def kept(self, name: str, value: str, line: int) -> Values:
        """What a variable says of the way to a server; others are none of ours."""
        if name in OWN_KEY:
            self.missed(line, f"{name}: Tocsin logs in with a key of its own (runbooks.ssh_key)")
        elif name in NAMES and HIDDEN in value:
            self.missed(line, f"{name} is not known before Ansible runs: it is not taken over")
            return {NAMES[name]: (HIDDEN, line)}
        elif name in NAMES:
            return {NAMES[name]: (value, line)}
        elif name.startswith("ansible_"):
            self.missed(line, f"{name} is not taken over")
        return {}

    def inventory(self) -> Inventory:
        """The servers of it."""
        found = [self._server(name) for name in self.hosts]
        servers = tuple(one for one in found if one)
        unique = tuple(dict.fromkeys(self.left_out))
        return Inventory(servers=servers, left_out=unique)

    def _expanded(self, written: str, line: int) -> Iterator[str]:
        waiting, made = [written], 0
        while waiting and made < MOST:
            name = waiting.pop(0)
            found = RANGE.search(name)
            if found is None:
                made += 1
                yield name
                continue
            before, after = name[: found.start()], name[found.end() :]
            waiting[:0] = [f"{before}{one}{after}" for one in _between(*found.groups())]
        if waiting:
            self.missed(line, f"{written} is more than {MOST} hosts: the rest is not taken over")

    def _server(self, name: str) -> ToldServer | None:
        own, line = self.hosts[name]
        groups = self._over(name)
        told: Values = {}
        for group in groups:
            told |= self.group(group).values
        told |= own
        if fault := _fault(name, told):
            self.missed(line, fault)
            return None
        jump = JUMP.search(told["args"][0]) if "args" in told else None
        if "args" in told and not jump:
            self.missed(told["args"][1], "ansible_ssh_common_args is not taken over")
        return ToldServer(
            name=name,
            host=told.get("host", (name, line))[0],
            port=int(told.get("port", ("22", line))[0]),
            user=told.get("user", ("", line))[0],
            jump=jump[1] if jump else "",
            groups=tuple(sorted(one for one in groups if one not in EVERYBODY)),
            line=line,
        )

    def _over(self, host: str) -> list[str]:
        """The groups that a host is in, the nearest last: what that says counts."""
        near = sorted(name for name, group in self.groups.items() if host in group.hosts)
        depth = dict.fromkeys(["all"], -MOST) | dict.fromkeys(near, 0)
        waiting = list(near)
        while waiting:
            name = waiting.pop(0)
            for parent in self._parents(name):
                if parent not in depth:
                    depth[parent] = depth[name] - 1
                    waiting.append(parent)
        return sorted(depth, key=lambda name: (depth[name], name))

    def _parents(self, name: str) -> Iterable[str]:
        return (parent for parent, group in self.groups.items() if name in group.children)


def _fault(name: str, told: Values) -> str:
    if told.get("connection", ("ssh", 0))[0] not in OVER_SSH:
        return f"{name} is not reached by SSH: ansible_connection is {told['connection'][0]}"
    if any(told.get(part, ("", 0))[0] == HIDDEN for part in ("host", "port", "user")):
        return f"{name} is left out: how it is reached is not known"
    port = told.get("port", ("22", 0))[0]
    return "" if port.isdecimal() else f"{name}: ansible_port {port} is no number"


def _between(first: str, last: str, step: str | None) -> list[str]:
    """``01`` to ``10``, or ``a`` to ``f``."""
    each = int(step or 1)
    if first.isdecimal() and last.isdecimal():
        wide = len(first) if first.startswith("0") else 0
        numbers = range(int(first), min(int(last), int(first) + MOST * each) + 1, each)
        return [str(number).zfill(wide) for number in numbers]
    if first.isdecimal() or last.isdecimal():
        return []
    return [chr(code) for code in range(ord(first), ord(last) + 1, each)]
