"""Facts: what has happened, in the past tense. A timeline is read from nothing else."""

from datetime import datetime
from typing import ClassVar

from pydantic import JsonValue

from domain.base import Frozen


class Fact(Frozen):
    """A state change. Written words are kept apart in ``texts`` so that they can be redacted.

    `template` is the sentence of the timeline: ``{by}`` is who did it, ``{text}`` the words
    kept apart, every other name a field of the fact. Substitution is by name only.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    template: ClassVar[str]


class Entry(Frozen):
    """A stored fact as readers meet it.

    ``subject`` names what it is about (``incident:INC-42``, ``schedule:web``); ``by`` is a
    person's id or ``tocsin``; ``text`` is None where it was redacted for ``redacted``.
    """

    id: str
    subject: str
    at: datetime
    kind: str
    version: int
    by: str
    payload: dict[str, JsonValue]
    text: str | None = None
    redacted: str | None = None
