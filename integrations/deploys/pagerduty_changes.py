"""PagerDuty's change events (Events API v2): what a pipeline tells PagerDuty, told here too.

A change is a deployment where it names a version; else only where a service declares its source.
"""

from datetime import datetime

from pydantic import JsonValue

from domain.alert import Parsed
from domain.deploy_event import DeployEvent
from domain.deployment import DeploymentStatus
from integrations.alerts.shape import (
    LABEL,
    Table,
    body_of,
    cut,
    link,
    needed_table,
    rows,
    scalar,
    table,
)
from integrations.deploys.shape import NAME as LONGEST_VERSION
from integrations.deploys.shape import SHORT as SHORT_COMMIT
from integrations.deploys.shape import UNKNOWN, loose_instant, needed, status_in, told, truth

SOURCE = "pagerduty-changes"

STATES: dict[str, DeploymentStatus] = {
    "passed": "success", "success": "success", "succeeded": "success", "failed": "failure",
    "failure": "failure", "error": "failure", "started": "in_progress", "running": "in_progress",
}  # fmt: skip
HOW = ("status", "state", "build_state")
NAMES = ("version", "tag", "release")


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:
    """Read one change event; what it shows of a routing key is left alone."""
    sent = body_of(body)
    if "payload" not in sent or "event_action" in sent:
        return UNKNOWN
    return told(_event(sent, integration, received))


def _event(sent: Table, integration: str, received: datetime) -> DeployEvent:
    about = needed_table(sent["payload"], "payload")
    more = table(about.get("custom_details"), "payload.custom_details")
    summary = needed(about.get("summary"), "payload.summary", 1024)
    at = loose_instant(about.get("timestamp"), "payload.timestamp") or received
    component = scalar(about.get("source")) or _said(more, ("service",)) or summary
    version, commit = _said(more, NAMES), _said(more, ("commit", "revision", "sha"))
    number = _said(more, ("build_number", "number"))
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=cut(f"{component}@{at.isoformat()}/{version or number or summary}", LABEL),
        kind="deployment" if version else "run",
        component=cut(component, LABEL),
        service=cut(_said(more, ("service",)), LABEL),
        environment=cut(_said(more, ("environment", "env")), LABEL),
        version=cut(version or commit[:SHORT_COMMIT] or number or summary, LONGEST_VERSION),
        commit=cut(commit, LABEL) or None,
        status=status_in(STATES, _said(more, HOW)) or "success",
        at=at,
        url=_address(sent),
        migration=truth(more.get("migration")),
    )


def _said(more: Table, names: tuple[str, ...]) -> str:
    """The first of these that is said."""
    return next(filter(None, (scalar(more.get(name)).strip() for name in names)), "")


def _address(sent: Table) -> str | None:
    for number, one in enumerate(rows(sent.get("links") or [], "links")):
        path = f"links[{number}].href"
        if found := link(table(one, path).get("href"), path):
            return found
    return None
