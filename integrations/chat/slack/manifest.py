"""The manifest by which a workspace makes its Slack app, derived from the commands.

Whatever it registers, the process hears every root: ``/incident …``, ``/acme-incident …`` and
``/tocsin incident …`` are one line.
"""

from typing import Any, Literal

import yaml

from domain.base import Frozen
from domain.command import Command, Registry
from domain.spellings import DECLARE, DEFAULT_VERBS, NOUN_ALIASES
from integrations.chat.slack.scopes import OPTIONAL, REQUIRED

ROOT = "tocsin"
USUAL = ("incident", "inc", "page", "oncall")
# Slack keeps these for itself; with a prefix they are free, and without one `/tocsin me` is.
TAKEN = ("help", "me", "status", "search")
EVENTS = (
    "app_home_opened",
    "app_mention",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
)
NEW, NEW_FROM, KEEP, FOLLOW_UP = "declare", "declare_from", "add_to_timeline", "create_action"
PATH = "/slack/events"
LONGEST_COMMAND = 32
LONGEST_DESCRIPTION = 120
WRITTEN = "# Written by `python -m bot.cli.generate`; edit the commands, not this file.\n"


class Variant(Frozen):
    """Which slash commands are registered, and how requests come.

    ``full``: every root; ``usual``: the four that are typed most; ``single``: only ``/tocsin``,
    for a workspace where another tool owns ``/incident``. ``prefix`` stands before every root:
    ``acme-``. ``address`` is the public ``https://`` address for HTTP; None is Socket Mode.
    """

    roots: Literal["full", "usual", "single"] = "full"
    prefix: str = ""
    address: str | None = None


def manifest(registry: Registry, variant: Variant) -> dict[str, Any]:
    """The app manifest in Slack's shape. Raises `ValueError` where a root gets too long."""
    url = {"url": f"{variant.address}{PATH}"} if variant.address else {}
    return {
        "display_information": {
            "name": "Tocsin",
            "description": "Incidents: from the alert to the page, the room and the postmortem",
            "background_color": "#7a1f1f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "tocsin", "always_online": True},
            "shortcuts": _shortcuts(),
            "slash_commands": [one | url for one in _commands(registry, variant)],
        },
        "oauth_config": {"scopes": {"bot": list(REQUIRED), "bot_optional": list(OPTIONAL)}},
        "settings": _settings(variant),
    }


def manifest_yaml(registry: Registry) -> str:
    """The full variant as it stands in the repository."""
    made = manifest(registry, Variant())
    return WRITTEN + yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=100)


def _commands(registry: Registry, variant: Variant) -> list[dict[str, Any]]:
    names = {"full": (*registry.nouns, *_aliases(registry)), "usual": USUAL, "single": ()}
    free = (one for one in names[variant.roots] if variant.prefix or one not in TAKEN)
    described = [_described(registry, name) for name in free]
    everything = {
        "command": ROOT,
        "description": "Everything Tocsin can do",
        "usage_hint": "incident declare checkout is down sev:2 · oncall who · help",
    }
    return [_named(one, variant.prefix) for one in (everything, *described)]


def _aliases(registry: Registry) -> tuple[str, ...]:
    return tuple(alias for alias, noun in NOUN_ALIASES.items() if noun in registry.nouns)


def _described(registry: Registry, name: str) -> dict[str, Any]:
    noun = NOUN_ALIASES.get(name, name)
    usual = (DECLARE, f"{noun} {DEFAULT_VERBS.get(noun)}")
    beneath = sorted(registry.of_noun(noun), key=lambda one: one.name not in usual)
    told = f"{noun.capitalize()}: {', '.join(one.verb for one in beneath)}"
    return {"command": name, "description": _clipped(told), "usage_hint": _hint(beneath)}


def _hint(beneath: list[Command]) -> str:
    """Examples without their root, as many as the eye takes in."""
    examples = (one.examples[0].partition(" ")[2] for one in beneath)
    return " · ".join((*[one for one in examples if one][:2], "help"))


def _named(described: dict[str, Any], prefix: str) -> dict[str, Any]:
    command = f"/{prefix}{described['command']}"
    if len(command) > LONGEST_COMMAND:
        raise ValueError(f"{command} is longer than {LONGEST_COMMAND} characters")
    return described | {"command": command, "should_escape": True}


def _shortcuts() -> list[dict[str, str]]:
    return [
        {
            "type": "global",
            "callback_id": NEW,
            "name": "Declare an incident",
            "description": "Say that something is broken; whoever is on call is paged",
        },
        {
            "type": "message",
            "callback_id": NEW_FROM,
            "name": "Declare from message",
            "description": "Declare an incident with this message as its title",
        },
        {
            "type": "message",
            "callback_id": KEEP,
            "name": "Add to timeline",
            "description": "Add this message to the timeline of the room's incident",
        },
        {
            "type": "message",
            "callback_id": FOLLOW_UP,
            "name": "Create action item",
            "description": "Write this message down as follow-up work",
        },
    ]


def _settings(variant: Variant) -> dict[str, Any]:
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if variant.address:
        url = f"{variant.address}{PATH}"
        events["request_url"] = url
        interactivity |= {"request_url": url, "message_menu_options_url": url}
    return {
        "event_subscriptions": events,
        "interactivity": interactivity,
        "org_deploy_enabled": False,
        "socket_mode_enabled": variant.address is None,
        "token_rotation_enabled": False,
    }


def _clipped(told: str) -> str:
    return told if len(told) <= LONGEST_DESCRIPTION else f"{told[: LONGEST_DESCRIPTION - 1]}…"
