"""When an alert is a symptom of an incident that is open already, and when it is not."""

from datetime import timedelta
from typing import Any

import pytest

from domain.incident import Incident, Status
from domain.inhibition import symptom_of
from domain.routing import Routed
from domain.severity import Severity
from tests.fakes.stores import NOON

BENEATH = ("nessie", "postgresql", "patroni")
MINUTE = timedelta(minutes=1)


def broken(service: str | None, number: int = 13, **changes: Any) -> Incident:
    """An open incident of ``service`` that began at noon."""
    told = {
        "id": f"INC-{number}",
        "number": number,
        "title": f"{service} is down",
        "stage": "triage",
        "severity": Severity.SEV2,
        "service": service,
        "policy": "data",
        "source": "alertmanager",
        "correlation_id": "c",
        "detected_at": NOON,
        "declared_at": NOON,
        "impact_started_at": NOON,
    }
    return Incident.model_validate(told | changes)


def trino(**changes: Any) -> Routed:
    """A critical alert of trino, which stands on `BENEATH`."""
    told = {
        "route": None,
        "service": "trino",
        "team": "data",
        "policy": "data",
        "alert_room": None,
        "declare": False,
        "severity": Severity.SEV2,
        "urgency": "high",
        "reason": "",
    }
    return Routed.model_validate(told | changes)


def found(*incidents: Incident, after: timedelta = MINUTE, **changes: Any) -> str | None:
    """The incident that explains an alert of trino."""
    symptom = symptom_of(trino(**changes), NOON + after, BENEATH, incidents)
    return symptom.incident if symptom else None


def test_an_urgent_symptom_is_attached_with_its_reason():
    """It may ring once more: so it is not called inhibited."""
    symptom = symptom_of(trino(), NOON + MINUTE, BENEATH, [broken("patroni")])
    assert symptom is not None
    assert (symptom.service, symptom.of) == ("trino", "patroni")
    assert symptom.verdict.action == "attached"
    assert symptom.verdict.reason == "trino depends on patroni, INC-13 is open"


def test_what_needs_nobody_at_once_is_inhibited():
    """No page of its own follows."""
    symptom = symptom_of(trino(urgency="low"), NOON, BENEATH, [broken("patroni")])
    assert symptom is not None
    assert symptom.verdict.action == "inhibited"
    assert symptom.verdict.reason == "trino depends on patroni, INC-13 is open"


def test_the_nearest_service_explains_it_then_the_newest_incident():
    """Of several that are open."""
    near, far = broken("nessie", 14), broken("patroni", 15)
    assert found(far, near) == "INC-14"
    assert found(near, broken("nessie", 16), far) == "INC-16"


@pytest.mark.parametrize(
    "incident",
    [
        broken("kafka"),
        broken("patroni", private=True),
        broken("patroni", policy="web"),
        broken("patroni", status=Status.RESOLVED),
        broken(None),
    ],
    ids=["another service", "private", "another policy", "resolved", "no service"],
)
def test_an_incident_that_does_not_explain_it(incident: Incident):
    """The alert opens an incident, and pages, of its own."""
    assert found(incident) is None


@pytest.mark.parametrize(("after", "fits"), [(-10, True), (-11, False), (10, True), (11, False)])
def test_only_what_begins_within_ten_minutes_hangs_together(after: int, fits: bool):
    """Senders tell of a cascade in no fixed order."""
    assert (found(broken("patroni"), after=after * MINUTE) is not None) == fits


def test_without_a_known_start_the_declaration_counts():
    """A person declares what they see; nobody knows yet since when it is so."""
    assert found(broken("patroni", impact_started_at=None)) == "INC-13"


def test_a_route_that_declares_is_obeyed():
    """Whoever wrote it wants an incident."""
    assert found(broken("patroni"), declare=True) is None
