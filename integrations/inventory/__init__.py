"""Servers as other programs know them: SSH's own configuration, and Ansible's inventories."""

import yaml

from domain.inventory import Inventory
from integrations.inventory import ansible_ini, ansible_yaml, ssh_config


def read(name: str, text: str) -> Inventory:
    """What a file of that name holds, by what it looks like. Raises `ValueError`."""
    if name.endswith((".yaml", ".yml")):
        return ansible_yaml.read(text)
    first = ssh_config.first_word(text)
    if first in ssh_config.OPENING:
        return ssh_config.read(text)
    if not name.endswith((".ini", ".cfg")) and _is_mapping(text):
        return ansible_yaml.read(text)
    return ansible_ini.read(text)


def _is_mapping(text: str) -> bool:
    try:
        return isinstance(yaml.compose(text, Loader=yaml.CSafeLoader), yaml.MappingNode)
    except yaml.YAMLError:
        return False
