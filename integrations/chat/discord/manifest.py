"""What Discord is told about Tocsin before anybody uses it: commands, permissions, intents.

Everything is derived from the registry, so that Discord's command picker, help and the command
line never differ.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import discord

from domain.actor import Role
from domain.args import Kind, Slot, slots_of
from domain.command import Command, Registry
from domain.derive import described, label
from domain.ports import Choosable

Json = dict[str, Any]

MOST_COMMANDS = 100
MOST_VERBS = 25
MOST_CHOICES = 25
LONGEST_NAME = 32
LONGEST_DESCRIPTION = 100
MORE = "-more"

DECLARE_FROM = "Declare from message"
ADD_TO_TIMELINE = "Add to timeline"
CREATE_ACTION = "Create action item"
MESSAGE_COMMANDS = (DECLARE_FROM, ADD_TO_TIMELINE, CREATE_ACTION)

SCOPES = ("bot", "applications.commands")
PERMISSIONS: Mapping[str, str] = {
    "view_channel": "see the channels it writes to",
    "send_messages": "post cards and announcements",
    "send_messages_in_threads": "write in the threads of incidents",
    "create_public_threads": "open a thread for an incident",
    "create_private_threads": "open a thread for a private incident, its members only",
    "read_message_history": "find out after a lost answer whether a message arrived",
    "pin_messages": "pin the incident's card",
}
INTENTS: Mapping[str, str] = {
    "guilds": "know channels, threads and roles",
    "guild_messages": "hear where it is mentioned",
    "guild_reactions": "hear the reaction that adds a message to the timeline",
    "dm_messages": "hear what is written to it directly",
}
OPTION_TYPES: Mapping[Kind, discord.AppCommandOptionType] = {
    "flag": discord.AppCommandOptionType.boolean,
    "number": discord.AppCommandOptionType.integer,
}
CHOOSABLE: Mapping[Kind, Choosable] = {
    "incident": "incident",
    "person": "person",
    "service": "service",
    "target": "target",
}
# Where a root has too many verbs for Discord, those that the fewest may use stand apart.
RANKED = tuple(Role)


def document(registry: Registry) -> str:
    """``deploy/discord.json``: the commands as Tocsin registers them, and what it asks for."""
    told = {
        "scopes": list(SCOPES),
        "permissions": {"value": str(permission_bits()), **PERMISSIONS},
        "intents": {"value": intents().value, **INTENTS},
        "commands": command_tree(registry),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def command_tree(registry: Registry) -> list[Json]:
    """Every command as Discord's bulk overwrite of commands takes it."""
    roots = [root for noun in registry.nouns for root in _roots(registry.of_noun(noun))]
    extra = [
        _plain(word, one)
        for one in registry.commands.values()
        for word in one.roots
        if " " not in word
    ]
    message = [{"name": name, "type": _MESSAGE} for name in MESSAGE_COMMANDS]
    return [*roots, *extra, *message]


def command_named(path: str, registry: Registry) -> Command | None:
    """The command behind ``incident declare``, ``incident-more redact`` or ``declare``."""
    root, _, verb = path.partition(" ")
    if verb:
        return registry.commands.get(f"{root.removesuffix(MORE)} {verb}")
    known = registry.commands.values()
    return next((one for one in known if root in (*one.roots, one.noun)), None)


def permission_bits() -> int:
    """What the bot's role may do; nothing of it manages people, roles or channels."""
    return discord.Permissions(**dict.fromkeys(PERMISSIONS, True)).value


def intents() -> discord.Intents:
    """What the gateway sends; nothing of it is privileged."""
    return discord.Intents(**dict.fromkeys(INTENTS, True))


def invite_url(application: int | str) -> str:
    """Where an admin of the server adds the application with that id."""
    return discord.utils.oauth_url(
        application, permissions=discord.Permissions(permission_bits()), scopes=SCOPES
    )


def _roots(commands: tuple[Command, ...]) -> Iterable[Json]:
    if len(commands) == 1:
        yield _plain(commands[0].noun, commands[0])
        return
    ranked = sorted(commands, key=lambda one: RANKED.index(one.role))
    for name, verbs in (("", ranked[:MOST_VERBS]), (MORE, ranked[MOST_VERBS:])):
        if verbs:
            yield _root(verbs[0].noun + name, sorted(verbs, key=lambda one: one.verb))


def _root(name: str, commands: list[Command]) -> Json:
    verbs = ", ".join(one.verb for one in commands)
    options = [_plain(one.verb, one) | {"type": _SUBCOMMAND} for one in commands]
    return {"name": name, "type": _SLASH, "description": _short(verbs), "options": options}


def _plain(name: str, command: Command) -> Json:
    """A command without its root; no option is required, because a form asks for what lacks."""
    slots = sorted(slots_of(command.args), key=lambda s: (not s.required, s.arg.kind == "incident"))
    return {
        "name": name,
        "type": _SLASH,
        "description": _short(command.summary.rstrip(".")),
        "options": [_option(slot) for slot in slots],
    }


def _option(slot: Slot) -> Json:
    kind = OPTION_TYPES.get(slot.arg.kind, discord.AppCommandOptionType.string)
    told: Json = {
        "name": slot.name,
        "type": kind.value,
        "description": _short(described(slot) or label(slot)),
    }
    if slot.choices and len(slot.choices) <= MOST_CHOICES:
        told["choices"] = [{"name": one, "value": one} for one in slot.choices]
    if slot.arg.kind in CHOOSABLE:
        told["autocomplete"] = True
    return told


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[: LONGEST_DESCRIPTION - 1]}…"


_SLASH = discord.AppCommandType.chat_input.value
_MESSAGE = discord.AppCommandType.message.value
_SUBCOMMAND = discord.AppCommandOptionType.subcommand.value
