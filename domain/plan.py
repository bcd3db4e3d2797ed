"""A plan: exactly what a call will do, as text that a person can agree to."""

import hashlib
from typing import Any, Literal

from domain.base import Frozen

Danger = Literal["reversible", "disruptive", "destructive"]
LABELS = {"preview", "aside", "danger", "because"}


class Plan(Frozen):
    """Exactly what a call will do, as text: ``title`` in a line, ``text`` in full.

    Both must read the same as long as nothing has changed, so they hold no time but past ones.
    ``preview`` is what it would answer as things stand, ``aside`` what else is so now: both for the
    reader only. ``service`` is what
    is typed to break glass; ``incident`` and ``team`` are what it is about. ``danger`` is its class
    by the facts it was made from, None where there are none, and ``because`` says which facts; the
    text says the same.
    """

    title: str
    text: str
    preview: str = ""
    aside: str = ""
    service: str | None = None
    incident: str | None = None
    team: str | None = None
    danger: Danger | None = None
    because: str = ""

    @property
    def told(self) -> str:
        """What a reader is shown."""
        told = [self.text, self.aside and f"As things stand: {self.aside}"]
        told += [self.preview and f"It would answer now:\n{self.preview}"]
        return "\n\n".join(part for part in told if part)

    @property
    def bound(self) -> dict[str, Any]:
        """What somebody agrees to."""
        return self.model_dump(mode="json", exclude=LABELS)

    @property
    def digest(self) -> str:
        """A short word that is another as soon as a letter of it is."""
        return hashlib.sha256(repr(self.bound).encode()).hexdigest()[:16]
