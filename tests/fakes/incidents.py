"""An incident for what is tried without a database."""

from datetime import datetime

from domain.incident import Incident
from domain.severity import Severity


def down(at: datetime) -> Incident:
    """INC-1, a SEV2 that is going on since ``at``."""
    return Incident(
        id="INC-1",
        number=1,
        title="down",
        stage="active",
        severity=Severity.SEV2,
        source="x",
        correlation_id="x",
        detected_at=at,
        declared_at=at,
    )
