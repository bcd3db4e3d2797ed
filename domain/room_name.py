"""What the room of an incident is called, on every platform alike."""

import re
from string import Formatter

from domain.incident import Incident

SLUG = re.compile(r"[^a-z0-9]+")
KNOWN = ("number", "title", "service", "severity")
LONGEST = 60


def room_name(incident: Incident, template: str) -> str:
    """``inc-42-trino-queries-failing``; a private incident's name holds the number only."""
    if incident.private:
        return f"inc-{incident.number}"
    values = {
        "number": str(incident.number),
        "title": incident.title,
        "service": incident.service or "",
        "severity": incident.severity.value,
    }
    return _slug(template.format_map({name: _slug(one) for name, one in values.items()}))


def room_template(template: str) -> str:
    """``template`` as it is. Raises `ValueError` where rooms could not be told apart by it."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    except ValueError:
        names = ["?"]
    if unknown := sorted(set(names) - set(KNOWN)):
        known = ", ".join(f"{{{name}}}" for name in KNOWN)
        raise ValueError(f"there is no {{{unknown[0]}}}: use {known}")
    if "number" not in names:
        raise ValueError("a room's name needs {number}, or two would have the same")
    return template


def _slug(text: str) -> str:
    return SLUG.sub("-", text.lower()).strip("-")[:LONGEST].rstrip("-")
