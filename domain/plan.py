"""A plan: exactly what a call will do, as text that a person can agree to."""

import hashlib
from typing import Any

from domain.base import Frozen


class Plan(Frozen):
    """Exactly what a call will do, as text: ``title`` in a line, ``text`` in full.

    Both must read the same as long as nothing has changed, so they hold no time but past ones.
    ``preview`` is what it would answer as things stand, for the reader only. ``service`` is what
    is typed to break glass; ``incident`` and ``team`` are what it is about.
    """

    title: str
    text: str
    preview: str = ""
    service: str | None = None
    incident: str | None = None
    team: str | None = None

    @property
    def told(self) -> str:
        """What a reader is shown."""
        return f"{self.text}\n\nIt would answer now:\n{self.preview}" if self.preview else self.text

    @property
    def bound(self) -> dict[str, Any]:
        """What somebody agrees to."""
        return self.model_dump(mode="json", exclude={"preview"})

    @property
    def digest(self) -> str:
        """A short word that is another as soon as a letter of it is."""
        return hashlib.sha256(repr(self.bound).encode()).hexdigest()[:16]
