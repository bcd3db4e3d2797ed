"""The Teams app package: what an admin uploads so that people can add Tocsin."""

import io
import json
import zipfile
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from domain.base import Frozen
from domain.command import Command, Registry
from domain.spellings import DEFAULT_VERBS

SCHEMA_VERSION = "1.19"
SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA_VERSION}/MicrosoftTeams.schema.json"
ICONS = ("color.png", "outline.png")
ACCENT = "#0b5f5a"
LONGEST_DESCRIPTION = 128
KEEP, NEW_FROM, FOLLOW_UP = "addToTimeline", "declareFrom", "createAction"
# Teams shows ten of them; they only suggest, every other command is understood as well.
ALONE = (
    "page ack", "page pass", "page why", "incident declare", "incident list", "incident show",
    "oncall me", "oncall who", "page send", "help show",
)  # fmt: skip
IN_A_TEAM = (
    "incident declare", "incident show", "incident lead", "incident severity", "incident update",
    "incident note", "incident resolve", "page send", "oncall who", "help show",
)  # fmt: skip


class TeamsApp(Frozen):
    """What the package says of one installation.

    ``id`` is the app registration's; ``address`` where the installation is reached. Teams takes
    a changed package only with a higher ``version``.
    """

    id: str = "${{TEAMS_APP_ID}}"
    address: str = "https://tocsin.example.com"
    version: str = "1.0.0"


def manifest(app: TeamsApp, registry: Registry) -> dict[str, Any]:
    """The app's manifest: a bot for people and teams that asks for no permission at all."""
    return {
        "$schema": SCHEMA,
        "manifestVersion": SCHEMA_VERSION,
        "version": app.version,
        "id": app.id,
        "developer": {
            "name": "Tocsin",
            "websiteUrl": app.address,
            "privacyUrl": app.address,
            "termsOfUseUrl": app.address,
        },
        "name": {"short": "Tocsin", "full": "Tocsin, the incident bot"},
        "description": {
            "short": "Pages who is on call and carries an incident to its postmortem.",
            "full": (
                "Tocsin receives alerts, pages the person on call, keeps everybody up to date in"
                " one living card, and writes the first draft of the postmortem. Mention it in a"
                " channel, or write to it directly; say help to see what it can do."
            ),
        },
        "icons": {"color": ICONS[0], "outline": ICONS[1]},
        "accentColor": ACCENT,
        "bots": [_bot(app, registry)],
        "composeExtensions": [{"botId": app.id, "commands": _on_messages()}],
        "validDomains": [urlsplit(app.address).netloc],
    }


def manifest_file(app: TeamsApp, registry: Registry) -> str:
    """The manifest as it stands in the package."""
    return json.dumps(manifest(app, registry), indent=2, ensure_ascii=False) + "\n"


def package(app: TeamsApp, registry: Registry) -> bytes:
    """The zip file to upload: the manifest and its two icons. The same app is the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("manifest.json"), manifest_file(app, registry))
        for icon in ICONS:
            archive.writestr(_entry(icon), files(__package__).joinpath("icons", icon).read_bytes())
    return packed.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry with the oldest date a zip file knows instead of today's."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _bot(app: TeamsApp, registry: Registry) -> Any:
    return {
        "botId": app.id,
        "scopes": ["personal", "team"],
        "isNotificationOnly": False,
        "supportsFiles": False,
        "commandLists": [
            {"scopes": ["personal"], "commands": _suggested(ALONE, registry)},
            {"scopes": ["team"], "commands": _suggested(IN_A_TEAM, registry)},
        ],
    }


def _on_messages() -> Any:
    """What stands in the menu of a message; Tocsin is asked for what comes next."""
    told = {
        KEEP: ("Add to timeline", "Add this message to the timeline of the post's incident"),
        NEW_FROM: ("Declare from message", "Declare an incident with this message as its title"),
        FOLLOW_UP: ("Create action item", "Write this message down as follow-up work"),
    }
    return [
        {
            "id": command,
            "type": "action",
            "title": title,
            "description": description,
            "context": ["message"],
            "fetchTask": True,
        }
        for command, (title, description) in told.items()
    ]


def _suggested(names: tuple[str, ...], registry: Registry) -> Any:
    return [_suggestion(registry.commands[name]) for name in names]


def _suggestion(command: Command) -> Any:
    """Whoever picks it sends the title as it is, so it is what one would type."""
    default = DEFAULT_VERBS.get(command.noun) == command.verb
    return {
        "title": command.noun if default else command.name,
        "description": command.summary[:LONGEST_DESCRIPTION],
    }
