"""Facts, alerts, changes and digests of INC-42, an incident on trino of 72 minutes."""

from datetime import UTC, datetime, timedelta

from domain.alert import Alert
from domain.deployment import Deployment
from domain.facts import Entry
from domain.incident import Incident
from domain.postmortem import Digest, Line
from domain.severity import Severity

START = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)
NAMES = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}


def after(**length):
    """An instant so long after the start."""
    return START + timedelta(**length)


def line(kind, at, words, by="tocsin", **payload):
    """A fact and its sentence; its id is its kind and second."""
    text = payload.pop("text", None)
    seconds = int((at - START).total_seconds())
    entry = Entry(
        id=f"{kind}-{seconds}", subject="incident:INC-42", at=at, kind=kind, version=1, by=by,
        payload=payload, text=text,
    )  # fmt: skip
    return Line(entry=entry, text=words)


def incident(**changes):
    """INC-42, resolved after 72 minutes."""
    times = {
        "detected_at": START, "declared_at": START, "acknowledged_at": after(seconds=101),
        "mitigated_at": after(minutes=42), "resolved_at": after(minutes=72),
    }  # fmt: skip
    return Incident.model_validate(
        {
            "id": "INC-42", "number": 42, "title": "Trino queries failing", "stage": "active",
            "status": "resolved", "resolution": "fixed", "severity": Severity.SEV2,
            "service": "trino", "source": "alertmanager", "correlation_id": "c",
        }
        | times
        | changes
    )  # fmt: skip


DECLARED = line(
    "incident_declared", START, "SEV2 declared by Tocsin: Trino queries failing",
    severity="SEV2", service="trino", source="alertmanager",
)  # fmt: skip
ACKED = line(
    "incident_acknowledged", after(seconds=101), "Acknowledged by Bob; escalation stopped",
    by="bob", was_paged=True,
)  # fmt: skip
RESOLVED = line(
    "incident_resolved", after(minutes=72), "Resolved by Bob (fixed): rolled back to v247",
    by="bob", resolution="fixed", text="rolled back to v247",
)  # fmt: skip
BASIC = (DECLARED, ACKED, RESOLVED)


def paged(person, at, **payload):
    """Somebody was paged."""
    return line(
        "page_sent", at, f"{person} paged", person=person, page="p", why="on call", **payload
    )


def alert(**changes):
    """An alert of the incident."""
    values = {
        "integration": "am", "fingerprint": "f", "source": "alertmanager", "status": "resolved",
        "severity": Severity.SEV2, "name": "TrinoErrors", "summary": "38 % of queries fail",
        "labels": {}, "annotations": {}, "starts_at": START, "seen_at": START,
    }  # fmt: skip
    return Alert.model_validate(values | changes)


def deployment(service, minutes, number=5):
    """A deployment that ended so many minutes before the start."""
    ended = after(minutes=-minutes)
    return Deployment(
        id=f"DEP-{number}", number=number, service=service, environment="prod", version="v248",
        status="success", started_at=ended - timedelta(minutes=2), finished_at=ended,
        source="argocd",
    )  # fmt: skip


def digest(*more, about=None, **parts):
    """A digest of the basic lines and ``more``, in order of time."""
    lines = tuple(sorted((*BASIC, *more), key=lambda one: one.entry.at))
    return Digest(incident=about or incident(), lines=lines, names=NAMES, **parts)


def everything(postmortem):
    """All words of a postmortem."""
    sections = (postmortem.contributing_factors, postmortem.went_well, postmortem.went_wrong)
    texts = [
        postmortem.summary, postmortem.impact, postmortem.detection, postmortem.resolution,
        *(text for section in sections for text in section), *postmortem.lucky,
        *(item.text for item in postmortem.action_items),
    ]  # fmt: skip
    return "\n".join(texts)
