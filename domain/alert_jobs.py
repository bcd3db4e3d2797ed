"""What a delivery owes."""

from typing import ClassVar

from domain.job import Job


class Triage(Job):
    """Turn the signals of these deliveries into alerts, groups and incidents."""

    kind: ClassVar[str] = "triage"
    priority: ClassVar[int] = 20
    deliveries: tuple[str, ...]
