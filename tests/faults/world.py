"""What is wrong in the world, and what a sender would say of it."""

from dataclasses import dataclass
from datetime import datetime

from domain.alert import Signal

HEARD = "machine"
LONG_AGO = "2000-01-01T00:00:00+00:00"
CONDITIONS = (
    ("trino", "critical"),
    ("trino", "critical"),
    ("kafka", "unheard-of"),
    ("storefront", "warning"),
)


@dataclass
class Condition:
    """Something in the world that is wrong, or not; ``since`` is when it began to be."""

    name: str
    service: str
    severity: str
    since: datetime | None = None

    def turn(self, now: datetime) -> Signal:
        """It begins or ends; what a sender would say of it."""
        began = self.since or now
        ends = now if self.since else None
        self.since = None if self.since else now
        return Signal(
            source="alertmanager",
            integration=HEARD,
            fingerprint=self.name,
            status="resolved" if ends else "firing",
            name=self.name,
            summary=f"{self.name} of {self.service}",
            severity=self.severity,
            service=self.service,
            labels={"alertname": self.name, "service": self.service},
            annotations={},
            starts_at=began,
            ends_at=ends,
        )


def world() -> list[Condition]:
    """Four conditions of three services; none holds yet."""
    return [Condition(f"c{n}", *about) for n, about in enumerate(CONDITIONS)]
