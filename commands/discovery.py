"""Finding the commands: a module in this package that declares one is enough."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import commands
from domain.command import Command, Registry


def registry() -> Registry:
    """Every command declared in a module beneath this package, each once."""
    return Registry.of({id(one): one for one in _declared()}.values())


def _declared() -> Iterator[Command]:
    for module in walk_packages(commands.__path__, "commands."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, Command):
                yield value
