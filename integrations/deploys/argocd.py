"""Argo CD: the bodies of our notifications template (``deploy/argocd-notifications.yaml``).

Argo CD has no body of its own. An application's deployment is one sync operation, known by when it
began; it has succeeded when it is synced and healthy.
"""

from datetime import datetime

from pydantic import JsonValue

from domain.alert import Parsed
from domain.deploy_event import DeployEvent
from domain.deployment import DeploymentStatus
from integrations.alerts.shape import Table, link, rows, scalar, word
from integrations.deploys.shape import (
    UNKNOWN,
    loose_instant,
    needed,
    needed_instant,
    status_in,
    told,
    truth,
    version_of,
)

SOURCE = "argocd"

PHASES: dict[str, DeploymentStatus] = {
    "running": "in_progress", "succeeded": "success", "failed": "failure", "error": "failure",
}  # fmt: skip


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:  # noqa: ARG001
    """Read one notification."""
    if not isinstance(body, dict) or "app" not in body:
        return UNKNOWN
    return told(_event(body, integration))


def _event(sent: Table, integration: str) -> DeployEvent | None:
    status = status_in(PHASES, sent.get("phase"))
    if status is None:
        return None
    began = needed_instant(sent.get("started_at"), "started_at")
    ended = loose_instant(sent.get("finished_at"), "finished_at")
    if status == "success" and word(sent.get("health"), "health") != "Healthy":
        status = "in_progress"
    app, commit = needed(sent["app"], "app"), word(sent.get("revision"), "revision")
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=f"{app}@{began.isoformat()}",
        component=app,
        service=word(sent.get("service"), "service"),
        environment=word(sent.get("environment"), "environment"),
        version=_version(sent, commit),
        commit=commit or None,
        status=status,
        at=ended or began,
        started_at=began,
        url=link(sent.get("url"), "url"),
        migration=truth(sent.get("migration")),
    )


def _version(sent: Table, commit: str) -> str:
    """The tag of the one image there is; else the target revision, or the short commit."""
    images = [scalar(one) for one in rows(sent.get("images") or [], "images")]
    tags = {_tag(one) for one in images} - {""}
    if len(tags) == 1:
        return needed(tags.pop(), "images", 100)
    target = word(sent.get("target_revision"), "target_revision")
    return needed(version_of(target, commit), "revision", 100)


def _tag(image: str) -> str:
    """``registry:5000/trino:v248`` is v248; a digest is no version."""
    name = image.partition("@")[0].rsplit("/", 1)[-1]
    return name.partition(":")[2]
