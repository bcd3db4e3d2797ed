"""Bodies as senders write them, for scenarios and `tocsin send alert --example`."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from domain.base import Frozen
from integrations.alerts.shape import fingerprint

NEVER = "0001-01-01T00:00:00Z"
RUNBOOKS = "https://runbooks.example.com"
PROMETHEUS = "http://prometheus.example.com:9090"
ALERTMANAGER = "http://alertmanager.example.com:9093"


class Condition(Frozen):
    """One alert rule on one target; ``instance`` tells several targets apart."""

    name: str
    service: str
    severity: str
    summary: str
    instance: str = ""
    env: str = "prod"

    @property
    def labels(self) -> dict[str, str]:
        """The labels Prometheus would give it."""
        labels = {
            "alertname": self.name,
            "env": self.env,
            "instance": self.instance,
            "job": self.service,
            "service": self.service,
            "severity": self.severity,
            "team": "data-platform",
        }
        return {name: value for name, value in labels.items() if value}


class Firing(Frozen):
    """A condition since ``starts_at``, resolved where ``ends_at`` is set."""

    condition: Condition
    starts_at: datetime
    ends_at: datetime | None = None


def alertmanager_body(alerts: Sequence[Firing]) -> JsonValue:
    """One version 4 delivery of a group by service and environment."""
    labels = [one.condition.labels for one in alerts]
    status = "resolved" if all(one.ends_at for one in alerts) else "firing"
    group = {name: labels[0][name] for name in ("env", "service")}
    return {
        "version": "4",
        "receiver": "tocsin",
        "status": status,
        "groupKey": _group_key(group),
        "truncatedAlerts": 0,
        "groupLabels": dict[str, JsonValue](group),
        "commonLabels": {
            name: value
            for name, value in labels[0].items()
            if all(other.get(name) == value for other in labels)
        },
        "commonAnnotations": {},
        "externalURL": ALERTMANAGER,
        "alerts": [_alert(one) for one in alerts],
    }


def grafana_body(alert: Firing) -> JsonValue:
    """One unified alerting delivery."""
    sent = _alert(alert) | {
        "silenceURL": "https://grafana.example.com/alerting/silence/new",
        "dashboardURL": "https://grafana.example.com/d/trino",
        "panelURL": "",
        "values": {"A": 0.38},
    }
    return {
        "version": "1",
        "receiver": "tocsin",
        "orgId": 1,
        "status": "firing",
        "groupKey": _group_key({"alertname": alert.condition.name}),
        "truncatedAlerts": 0,
        "title": f"[FIRING:1] {alert.condition.name}",
        "alerts": [sent],
    }


def pagerduty_body(alert: Firing) -> JsonValue:
    """One version 3 event; another instant makes another incident, as PagerDuty would."""
    started = written(alert.starts_at)
    id_ = f"P{alert.starts_at:%d%H%M%S}"
    incident: JsonValue = {
        "id": id_,
        "type": "incident",
        "number": 1,
        "status": "triggered",
        "title": alert.condition.summary,
        "urgency": "high",
        "created_at": started,
        "html_url": f"https://example.pagerduty.com/incidents/{id_}",
        "service": {"id": "PSERVICE", "type": "service_reference", "summary": "trino"},
    }
    event: JsonValue = {
        "id": "01EXAMPLE",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": started,
        "data": incident,
    }
    return {"event": event}


def generic_body(alert: Firing) -> JsonValue:
    """The fields that are understood without a mapping."""
    told = alert.condition
    return {
        "name": told.name,
        "status": "firing",
        "severity": told.severity,
        "service": told.service,
        "summary": told.summary,
        "starts_at": written(alert.starts_at),
        "labels": {"env": told.env},
    }


def written(at: datetime) -> str:
    """RFC 3339 with milliseconds, as Go writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _group_key(labels: dict[str, str]) -> str:
    """As Alertmanager and Grafana write it: the route, then the labels of the group."""
    return "{}:{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def _alert(alert: Firing) -> dict[str, JsonValue]:
    told = alert.condition
    return {
        "status": "resolved" if alert.ends_at else "firing",
        "labels": dict[str, JsonValue](told.labels),
        "annotations": {
            "summary": told.summary,
            "runbook_url": f"{RUNBOOKS}/{told.service}/{told.name}",
        },
        "startsAt": written(alert.starts_at),
        "endsAt": written(alert.ends_at) if alert.ends_at else NEVER,
        "generatorURL": f"{PROMETHEUS}/graph?g0.expr=ALERTS",
        "fingerprint": fingerprint(told.labels),
    }
