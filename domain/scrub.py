"""Words that must go, taken out of whatever repeats them (rules.md 15)."""

import re

from pydantic import JsonValue

REDACTED = "[redacted]"
LONGEST_LABEL = 75
# what a document is made of, not what somebody wrote
STRUCTURE = frozenset(
    {
        "at", "cites", "due", "fact", "field", "id", "incident", "kind", "owner", "refused",
        "status", "style", "tone", "update_key", "urgency", "url", "written_by",
    }
)  # fmt: skip


def without(words: str, text: str) -> str:
    """``text`` with ``words`` taken out where they stand as words.

    A label that would grow over its limit is replaced whole.
    """
    told = _whole(words).sub(REDACTED, text)
    return REDACTED if len(text) <= LONGEST_LABEL < len(told) else told


def without_in(words: str, document: JsonValue) -> JsonValue:
    """A document with ``words`` taken out of everything in it that somebody wrote."""
    if isinstance(document, str):
        return without(words, document)
    if isinstance(document, list):
        return [without_in(words, one) for one in document]
    if isinstance(document, dict):
        return {
            name: value if name in STRUCTURE else without_in(words, value)
            for name, value in document.items()
        }
    return document


def holds(text: str, words: str) -> bool:
    """Whether ``words`` stand in ``text``."""
    return _whole(words).search(text) is not None


def _whole(words: str) -> re.Pattern[str]:
    """``ok`` is not a part of ``token``."""
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
