"""What a delivery owes."""

from typing import ClassVar

from domain.job import Job


class Triage(Job):
    """Turn the signals of these deliveries into alerts, groups and incidents."""

    kind: ClassVar[str] = "triage"
    priority: ClassVar[int] = 20
    deliveries: tuple[str, ...]


class TellBaseline(Job):
    """Say once that a source was first heard, and what fired before that."""

    kind: ClassVar[str] = "tell_baseline"
    integration: str


class PageBaseline(Job):
    """Decide again about what fired before a source was first heard, this time for real."""

    kind: ClassVar[str] = "page_baseline"
    integration: str
