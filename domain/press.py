"""From a pressed button, a picked option or a filled-in form to the call that it makes."""

from collections.abc import Mapping

from domain.buttons import arguments, pressed
from domain.command import Registry
from domain.errors import Stale
from domain.grammar import Parsed
from domain.message import Form, Message, Select, buttons

GONE = "That button has gone, because the card has changed: look at it again."
UNKNOWN = "That button is from another version of Tocsin: ask for the card again."


def need_button(message: Message, button: str) -> None:
    """Raise `Stale` unless ``message`` shows that button, choice or form."""
    asked = (node.id for node in message.nodes if isinstance(node, Select | Form))
    if button not in (*(one.id for one in buttons(message)), *asked):
        raise Stale(GONE)


def pressed_call(button: str, values: Mapping[str, str], registry: Registry) -> Parsed:
    """The call behind a button's id, with the ``values`` of its form or choice.

    A target may go on after a comma (``INC-42,SEV2``): what follows fills the arguments that
    are typed without their names. Fields left empty were not given.
    """
    found = pressed(button)
    command = registry.commands.get(found.command) if found else None
    if found is None or command is None:
        raise Stale(UNKNOWN)
    return Parsed(command=command.name, args=arguments(found, command.args) | given(values))


def given(values: Mapping[str, str]) -> dict[str, str]:
    """The fields that were filled in."""
    return {name: value for name, value in values.items() if value.strip()}
