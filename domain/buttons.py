"""A button is a command call already filled in; its id says which, and is no secret."""

from domain.args import Args, slots_of
from domain.base import Frozen
from domain.message import Button, Style


class Pressed(Frozen):
    """What a button or form id means: the command, and its positional arguments.

    ``target`` holds them joined by commas, the incident first where the command has one, then
    the others in order: ``INC-42,SEV1``.
    """

    command: str
    target: str


def button_id(command: str, target: str) -> str:
    """``v1:incident.ack:INC-42``: at most 100 bytes, the tightest platform's limit."""
    made = f"v1:{command.replace(' ', '.')}:{target}"
    if len(made.encode()) > 100:
        raise ValueError(f"button id over 100 bytes: {made}")
    return made


def button(command: str, target: str, label: str, style: Style = "default") -> Button:
    """A button that makes the call ``command`` about ``target``."""
    return Button(id=button_id(command, target), label=label, style=style)


def pressed(made: str) -> Pressed | None:
    """Read an id back; None where it is not one of ours."""
    version, _, rest = made.partition(":")
    command, _, target = rest.partition(":")
    if version != "v1" or not command:
        return None
    return Pressed(command=command.replace(".", " "), target=target)


def arguments(made: Pressed, args: type[Args]) -> dict[str, str]:
    """The arguments that a press gives to a command taking ``args``."""
    positional = [slot for slot in slots_of(args) if slot.positional]
    positional.sort(key=lambda slot: slot.arg.kind != "incident")
    values = made.target.split(",") if made.target else []
    return {slot.name: value for slot, value in zip(positional, values, strict=False)}
