"""Any pipeline: one line of ``curl`` that says which service was deployed, and its version."""

from datetime import datetime

from pydantic import JsonValue

from domain.alert import Parsed
from domain.deploy_event import DeployEvent
from domain.deployment import DeploymentStatus
from integrations.alerts.shape import KEY, Table, cut, identity, link, moment, scalar, wrong
from integrations.deploys.shape import UNKNOWN, needed, status_in, told, truth

SOURCE = "generic"
STATES: dict[str, DeploymentStatus] = {
    "queued": "queued", "pending": "queued", "in_progress": "in_progress",
    "running": "in_progress", "started": "in_progress", "success": "success",
    "succeeded": "success", "ok": "success", "failure": "failure", "failed": "failure",
    "error": "failure", "canceled": "failure", "cancelled": "failure",
}  # fmt: skip
ENDED = ("success", "failure")


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:
    """Read a body with ``deploy`` in it; any other is not about a deployment."""
    if not isinstance(body, dict) or "deploy" not in body:
        return UNKNOWN
    return told(_event(body, integration, received))


def _event(sent: Table, integration: str, received: datetime) -> DeployEvent:
    service, version = needed(sent["deploy"], "deploy", 100), needed(sent.get("version"), "version")
    status = status_in(STATES, sent.get("status") or "success")
    if status is None:
        raise wrong("status", "one of " + ", ".join(STATES))
    at = moment(sent.get("at"), "at") or received
    environment = scalar(sent.get("environment")) or scalar(sent.get("env"))
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=_key(sent, status, f"{service}/{environment}/{version}/{at.isoformat()}"),
        component=service,
        service=service,
        environment=cut(environment, KEY),
        version=cut(version, 100),
        commit=cut(scalar(sent.get("commit")), KEY) or None,
        status=status,
        at=at,
        started_at=moment(sent.get("started_at"), "started_at"),
        url=link(sent.get("url"), "url"),
        migration=truth(sent.get("migration")),
    )


def _key(sent: Table, status: DeploymentStatus, otherwise: str) -> str:
    """The sender's own; without one only the end can be told, or it would never be found again."""
    given = scalar(sent.get("id"))
    if not given and status not in ENDED:
        raise wrong("id", "set where a deployment is told before it ends")
    return identity(given or otherwise)
