"""What a model may answer: closed choices, short texts, no links; everything else is refused.

An answer is material to check (`domain.refine`, `domain.draft`), never an instruction.
"""

import re
from collections.abc import Callable
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from domain.base import Frozen
from domain.severity import Severity

Category = Literal[
    "ai",
    "analytics",
    "compute",
    "database",
    "management",
    "network",
    "security",
    "storage",
    "others",
]
Symptom = Literal["ERROR", "DELAY", "UNAVIL", "DEPERF", "OTHERS"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
SYMPTOMS: tuple[Symptom, ...] = get_args(Symptom)

LINK = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://\S*"
    r"|\b(?:javascript|data|vbscript|mailto|file|tel):\S*"
    r"|\bwww\.\S+"
    r"|\b(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}/\S*",
    re.IGNORECASE,
)
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def plain(text: str) -> str:
    """One line of visible characters; links are taken out whole, not made harmless."""
    visible = " ".join(INVISIBLE.sub("", text).split())
    return LINK.sub("[link removed]", visible)


def _clipped(limit: int) -> Callable[[object], object]:
    """Cut a text that is too long, so that one long sentence does not lose the whole answer."""

    def clip(value: object) -> object:
        if not isinstance(value, str):
            return value
        text = plain(value)
        return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

    return clip


def _first(count: int) -> Callable[[object], object]:
    """Keep the first items of a list that is too long."""
    return lambda value: value[:count] if isinstance(value, list | tuple) else value


Name = Annotated[str, BeforeValidator(_clipped(100)), Field(max_length=100)]
Line = Annotated[str, BeforeValidator(_clipped(300)), Field(max_length=300)]
Cites = Annotated[tuple[Name, ...], BeforeValidator(_first(8)), Field(max_length=8)]


# The docstrings below are sent with the schema, so they are short and speak to the model.


class ClassifyAnswer(Frozen):
    """How one report is read."""

    severity: Severity
    service: Name | None
    category: Category
    symptoms: Annotated[
        tuple[Symptom, ...], BeforeValidator(_first(len(SYMPTOMS))), Field(max_length=len(SYMPTOMS))
    ]
    summary: Line


class Sentence(Frozen):
    """One statement and the timeline lines that carry it, named F1, F2 …"""

    text: Line
    cites: Cites


Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(_first(6)), Field(max_length=6)]


class PostmortemAnswer(Frozen):
    """The sections of a draft."""

    summary: Sentences
    impact: Sentences
    contributing_factors: Sentences
    detection: Sentences
    resolution: Sentences
    went_well: Sentences
    went_wrong: Sentences
    lucky: Sentences
    action_items: Sentences


class CatchupAnswer(Frozen):
    """Where things stand."""

    lines: Sentences
