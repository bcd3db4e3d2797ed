"""Ansible's inventory as INI: groups in brackets, a host a line."""

import re
import shlex

from domain.inventory import Inventory
from integrations.inventory.ansible import Groups, Values

HEAD = re.compile(r"\[([^\]:]+)(?::(children|vars|hosts))?\]\s*(?:#.*)?")
PORT = re.compile(r"([^:\[\]]+):([0-9]+)")


def read(text: str) -> Inventory:
    """What it holds."""
    found = Groups()
    group, part = "ungrouped", "hosts"
    for number, line in enumerate(text.splitlines(), 1):
        written = line.strip()
        if not written or written.startswith(("#", ";")):
            continue
        if head := HEAD.fullmatch(written):
            group, part = head[1].strip(), head[2] or "hosts"
            found.group(group)
        elif written.startswith("["):
            found.missed(number, f"{written} is no group: what follows is not taken over")
            part = "unknown"
        else:
            PARTS[part](found, group, written, number)
    return found.inventory()


def _host(found: Groups, group: str, written: str, number: int) -> None:
    try:
        name, *words = shlex.split(written, comments=True)
    except ValueError:
        found.missed(number, "a quotation mark is not closed")
        return
    values: Values = {}
    if port := PORT.fullmatch(name):
        name, values = port[1], {"port": (port[2], number)}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            found.missed(number, f"{word} is not understood: write name=value")
        values |= found.kept(key, value, number)
    found.host(group, name, values, number)


def _variable(found: Groups, group: str, written: str, number: int) -> None:
    name, equals, value = written.partition("=")
    if not equals:
        found.missed(number, "this line is not understood: write name=value")
    bare = value.strip().strip("\"'")
    found.group(group).values |= found.kept(name.strip(), bare, number)


def _child(found: Groups, group: str, written: str, number: int) -> None:  # noqa: ARG001
    found.group(group).children.add(written.split(maxsplit=1)[0])


def _nothing(found: Groups, group: str, written: str, number: int) -> None:
    """The line above says why."""


PARTS = {"hosts": _host, "vars": _variable, "children": _child, "unknown": _nothing}
