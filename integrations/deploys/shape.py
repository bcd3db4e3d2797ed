"""What pipelines' bodies have in common: versions in refs, truth in words, statuses by name."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from domain.alert import Parsed
from domain.deploy_event import DeployEvent
from domain.deployment import DeploymentStatus
from integrations.alerts.shape import LABEL, Table, cut, instant, scalar, wrong

TAG = re.compile(r"(?:^|[-/])(?:v\d|\d+\.\d)[\w.+-]*$")
SPACED_ZONE = re.compile(r"(?<=\d) (?=[+-]\d{4}$)")
SHORT = 7
YES, NO = ("true", "yes", "1"), ("false", "no", "0")
NAME = 100
NOTHING = Parsed()
UNKNOWN = Parsed(understood=False)


def told(event: DeployEvent | None) -> Parsed:
    """One word about a deployment, or a body that is known and changes nothing."""
    return Parsed(deployments=(event,)) if event else NOTHING


def version_of(ref: str, commit: str) -> str:
    """The ref where it is a version (``v248``, ``release-2026.11``), else the short commit."""
    last = ref.removeprefix("refs/tags/").removeprefix("refs/heads/")
    if TAG.search(last) or not commit:
        return cut(last, NAME)
    return cut(commit[:SHORT], NAME)


def status_in(known: Mapping[str, DeploymentStatus], said: JsonValue) -> DeploymentStatus | None:
    """Our status of a sender's word, in any case; None for one that says nothing new."""
    return known.get(scalar(said).casefold())


def truth(value: JsonValue) -> bool | None:
    """Yes or no, also as a text; None where neither is said."""
    said = scalar(value).strip().casefold()
    return True if said in YES else False if said in NO else None


def needed(value: JsonValue, path: str, limit: int = LABEL) -> str:
    """A text or number that must be there."""
    found = scalar(value).strip()
    if not found:
        raise wrong(path, "a text")
    return cut(found, limit)


def needed_instant(value: JsonValue, path: str) -> datetime:
    """A time that must be there, also as GitLab writes it."""
    found = loose_instant(value, path)
    if found is None:
        raise wrong(path, "a time")
    return found


def loose_instant(value: JsonValue, path: str) -> datetime | None:
    """As `instant`, and ``2021-04-28 21:50:00 +0200`` or ``… UTC`` too."""
    if isinstance(value, str):
        value = SPACED_ZONE.sub("", value.strip().replace(" UTC", "+00:00"))
    return instant(value or None, path)


def document(value: JsonValue) -> Table:
    """An object, also as JSON in a text; anything else is empty."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
