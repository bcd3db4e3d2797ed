"""The timeline in words: each stored fact as the sentence its class declares."""

import importlib
import pkgutil
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import domain
from domain.base import Frozen
from domain.facts import Entry, Fact

PLACEHOLDER = re.compile(r"\{(\w+)\}")
PEOPLE = ("by", "person", "source", "owner")
SYSTEM_NAMES = {"tocsin": "Tocsin"}
# an account that is linked to nobody: its own name first, then the platform's id of it
ACCOUNT = re.compile(r"account:(.*?)(?: \(\w+:[^()]*\))?", re.DOTALL)


class TimelineEntry(Frozen):
    """A fact as people read it: ``text`` is the sentence, ``by_name`` who did it.

    ``redacted`` is why its words were removed, None where they were not.
    """

    id: str
    at: datetime
    kind: str
    by: str
    by_name: str
    text: str
    redacted: str | None = None


def told(entry: Entry, names: Mapping[str, str]) -> TimelineEntry:
    """``entry`` with its sentence; ``names`` gives people's display names by id."""
    return TimelineEntry(
        id=entry.id,
        at=entry.at,
        kind=entry.kind,
        by=entry.by,
        by_name=name_of(entry.by, names),
        text=sentence(entry, names),
        redacted=entry.redacted,
    )


def sentence(entry: Entry, names: Mapping[str, str]) -> str:
    """The fact in words: its class's template, filled by name only.

    What was written by people is put in as it is and never read as a template. A fact of a kind
    this version does not know is shown by its kind, with its words.
    """
    fact = kinds().get(entry.kind)
    template = fact.template if fact else f"{entry.kind.replace('_', ' ')} {{text}}"
    words = _words(entry)
    template = template if words else template.removesuffix(": {text}")
    values = {"by": name_of(entry.by, names), "text": words}
    filled = {
        field: _shown(field, value, fact, names) for field, value in entry.payload.items()
    } | values
    return PLACEHOLDER.sub(lambda found: filled.get(found[1], ""), template).strip()


def name_of(by: str, names: Mapping[str, str]) -> str:
    """How a person, an unlinked account or Tocsin itself is called."""
    return names.get(by) or SYSTEM_NAMES.get(by) or _account(by)


def _account(by: str) -> str:
    found = ACCOUNT.fullmatch(by)
    return found[1] if found else by


@cache
def kinds() -> Mapping[str, type[Fact]]:
    """Every kind of fact that a module of this package declares."""
    for module in pkgutil.iter_modules(domain.__path__, "domain."):
        importlib.import_module(module.name)
    return {fact.kind: fact for fact in Fact.__subclasses__()}


def _words(entry: Entry) -> str:
    if entry.redacted is not None:
        return f"[redacted: {entry.redacted}]"
    return entry.text or ""


def _shown(field: str, value: object, fact: type[Fact] | None, names: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if field in PEOPLE:
        return name_of(str(value), names)
    declared = fact.model_fields.get(field) if fact else None
    if declared and declared.annotation is datetime:
        return f"{datetime.fromisoformat(str(value)).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return str(value)
