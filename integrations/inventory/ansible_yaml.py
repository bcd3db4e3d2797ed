"""Ansible's inventory as YAML: groups within groups, each with hosts, vars and children."""

from collections.abc import Iterator

import yaml

from domain.inventory import Inventory
from integrations.inventory.ansible import HIDDEN, Groups, Values

DEEPEST = 50
# a group within itself would be visited again for every way that leads to it
NO_ALIASES = "this has aliases (*name), which are not read: write it out"


def read(text: str) -> Inventory:
    """What it holds. Raises `ValueError` where it is no YAML."""
    try:
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text, yaml.CSafeLoader)):
            raise ValueError(NO_ALIASES)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ValueError(f"this is no YAML{where}") from error
    found = Groups()
    for name, line, group in _pairs(node, found):
        _group(found, name, group, line, 0)
    return found.inventory()


def _group(found: Groups, name: str, node: yaml.Node, line: int, deep: int) -> None:
    group = found.group(name)
    if deep > DEEPEST:
        found.missed(line, f"{name} is too deep: it is not taken over")
        return
    for part, at, inside in _pairs(node, found):
        if part == "children":
            _children(found, name, inside, deep)
        elif part == "hosts":
            _hosts(found, name, inside)
        elif part == "vars":
            group.values |= _values(found, inside)
        else:
            found.missed(at, f"{part} is no part of a group: hosts, vars or children")


def _hosts(found: Groups, name: str, node: yaml.Node) -> None:
    for host, where, values in _pairs(node, found):
        found.host(name, host, _values(found, values), where)


def _children(found: Groups, name: str, node: yaml.Node, deep: int) -> None:
    for child, where, below in _pairs(node, found):
        found.group(name).children.add(child)
        _group(found, child, below, where, deep + 1)


def _values(found: Groups, node: yaml.Node) -> Values:
    values: Values = {}
    for name, line, value in _pairs(node, found):
        if isinstance(value, yaml.ScalarNode):
            hidden = value.tag.startswith("!")
            values |= found.kept(name, HIDDEN if hidden else value.value, line)
    return values


def _pairs(node: yaml.Node | None, found: Groups) -> Iterator[tuple[str, int, yaml.Node]]:
    """The names of a mapping with their lines; nothing where it is empty."""
    if node is None or (isinstance(node, yaml.ScalarNode) and node.value in ("", "null", "~")):
        return
    if not isinstance(node, yaml.MappingNode):
        found.missed(node.start_mark.line + 1, "this is not understood: write names and values")
        return
    for key, value in node.value:
        yield str(key.value), key.start_mark.line + 1, value
