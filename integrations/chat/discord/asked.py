"""What an interaction says, read from its JSON. Pure: values in, values out."""

from collections.abc import Mapping
from typing import Any

from domain.base import Frozen
from integrations.chat.discord.render import CHOICE, FOLDED

SUBCOMMAND = 1


class TypedCommand(Frozen):
    """A command as it was typed: its path, its options, and the one that is being filled in."""

    path: str
    args: dict[str, str]
    focused: str | None = None


class Pick(Frozen):
    """What a button, a menu or a form calls, and with which values."""

    button: str
    values: dict[str, str] = {}


class Pointed(Frozen):
    """A message that somebody pointed at: its words and who wrote them."""

    id: str
    text: str
    author: str


def typed_command(told: Mapping[str, Any]) -> TypedCommand:
    """``/incident declare title:…`` as Discord tells it apart."""
    path, options = [told["name"]], told.get("options") or []
    while options and options[0]["type"] == SUBCOMMAND:
        path.append(options[0]["name"])
        options = options[0].get("options") or []
    return TypedCommand(
        path=" ".join(path),
        args={one["name"]: _said(one["value"]) for one in options},
        focused=next((one["name"] for one in options if one.get("focused")), None),
    )


def pick(told: Mapping[str, Any]) -> Pick:
    """A press, or what was picked from a menu: of folded buttons, or of a field's choices."""
    made = told["custom_id"]
    picked = next(iter(told.get("values", ())), "")
    if made.startswith(FOLDED):
        return Pick(button=picked)
    name, found, value = picked.partition(CHOICE)
    return Pick(button=made, values={name: value} if found else {})


def pointed(told: Mapping[str, Any]) -> Pointed:
    """The message in whose menu a command was chosen."""
    message = told["resolved"]["messages"][told["target_id"]]
    return message_words(message)


def message_words(message: Mapping[str, Any]) -> Pointed:
    """A message's words; none where Discord keeps them from the bot."""
    author = message["author"]
    return Pointed(
        id=str(message["id"]),
        text=message.get("content", ""),
        author=author.get("global_name") or author["username"],
    )


def _said(value: Any) -> str:
    """An option's value as a person would have typed it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
