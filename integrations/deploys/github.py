"""GitHub's webhooks: deployments with their statuses, runs of workflows, and releases.

A run or a release becomes a deployment only where a service declares so (`domain.pipeline`).
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
    scalar,
    table,
    word,
)
from integrations.alerts.signature import Proof, Request, proven
from integrations.deploys.shape import (
    NOTHING,
    document,
    needed,
    needed_instant,
    status_in,
    told,
    truth,
    version_of,
)

SOURCE = "github"
SIGNATURE = "x-hub-signature-256"
SCHEME = "sha256="

# "inactive" only says that a later deployment has taken the place
STATES: dict[str, DeploymentStatus] = {
    "queued": "queued", "pending": "queued", "waiting": "queued", "in_progress": "in_progress",
    "success": "success", "failure": "failure", "error": "failure",
}  # fmt: skip
RUNS: dict[str, DeploymentStatus] = {
    "requested": "queued", "queued": "queued", "waiting": "queued", "pending": "queued",
    "in_progress": "in_progress",
}  # fmt: skip
CONCLUSIONS: dict[str, DeploymentStatus] = {
    "success": "success", "failure": "failure", "timed_out": "failure", "cancelled": "failure",
    "startup_failure": "failure",
}  # fmt: skip
OTHERS = ("workflow_job", "check_run", "deployment_callback_url")  # hold a deployment, tell of none


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:  # noqa: ARG001
    """Read one event; those that are about no deployment change nothing."""
    sent = body_of(body)
    if "deployment_status" in sent:
        return told(_status(sent, integration))
    if any(name in sent for name in OTHERS):
        return NOTHING
    if sent.get("action") == "created" and "deployment" in sent:
        return told(_deployment(sent, integration))
    if "workflow_run" in sent:
        return told(_run(sent, integration))
    if sent.get("action") == "published" and "release" in sent:
        return told(_release(sent, integration))
    return Parsed(understood="repository" in sent or "zen" in sent)


def verify(request: Request, secrets: tuple[str, ...]) -> Proof:
    """``X-Hub-Signature-256: sha256=<hex>`` over the raw body; it has no timestamp.

    A repeated delivery changes nothing, so a recorded one is harmless.
    """
    given = request.headers.get(SIGNATURE, "")
    if not given.startswith(SCHEME):
        return "missing"
    offered = [given.removeprefix(SCHEME)]
    return "verified" if proven(request.body, offered, secrets) else "wrong"


def _deployment(sent: Table, integration: str) -> DeployEvent:
    found = needed_table(sent["deployment"], "deployment")
    at = needed_instant(found.get("created_at"), "deployment.created_at")
    return _event(sent, found, integration).model_copy(update={"at": at, "started_at": at})


def _status(sent: Table, integration: str) -> DeployEvent | None:
    found = needed_table(sent.get("deployment"), "deployment")
    said = needed_table(sent["deployment_status"], "deployment_status")
    status = status_in(STATES, said.get("state"))
    if status is None:
        return None
    at = needed_instant(said.get("created_at"), "deployment_status.created_at")
    links = (said.get("log_url"), said.get("target_url"))
    url = next(filter(None, (link(one, "deployment_status.log_url") for one in links)), None)
    changes = {"status": status, "at": at, "url": url}
    return _event(sent, found, integration).model_copy(update=changes)


def _event(sent: Table, found: Table, integration: str) -> DeployEvent:
    """What all events of a deployment repeat."""
    payload = document(found.get("payload"))
    commit = word(found.get("sha"), "deployment.sha")
    version = scalar(payload.get("version")) or version_of(
        word(found.get("ref"), "deployment.ref"), commit
    )
    at = needed_instant(found.get("created_at"), "deployment.created_at")
    repository = _repository(sent)
    run = scalar(table(sent.get("workflow_run"), "workflow_run").get("id"))
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=f"{repository}/{needed(found.get('id'), 'deployment.id')}",
        component=repository,
        service=cut(scalar(payload.get("service")), LABEL),
        environment=word(found.get("environment"), "deployment.environment"),
        version=needed(version, "deployment.ref", 100),
        commit=commit or None,
        status="queued",
        at=at,
        started_at=at,
        migration=truth(payload.get("migration")),
        run=f"{repository}/run/{run}" if run else "",
    )


def _run(sent: Table, integration: str) -> DeployEvent | None:
    run = needed_table(sent["workflow_run"], "workflow_run")
    status = status_in(RUNS, run.get("status")) or status_in(CONCLUSIONS, run.get("conclusion"))
    if status is None:
        return None
    commit = word(run.get("head_sha"), "workflow_run.head_sha")
    branch = word(run.get("head_branch"), "workflow_run.head_branch")
    repository = _repository(sent)
    attempt = scalar(run.get("run_attempt")) or "1"
    file = word(run.get("path"), "workflow_run.path") or word(
        table(sent.get("workflow"), "workflow").get("path"), "workflow.path"
    )
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=f"{repository}/run/{needed(run.get('id'), 'workflow_run.id')}/{cut(attempt, 20)}",
        kind="run",
        component=repository,
        workflow=file.partition("@")[0].rsplit("/", 1)[-1],
        run=f"{repository}/run/{scalar(run.get('id'))}",
        version=needed(version_of(branch, commit), "workflow_run.head_sha", 100),
        commit=commit or None,
        status=status,
        at=needed_instant(run.get("updated_at"), "workflow_run.updated_at"),
        started_at=needed_instant(
            run.get("run_started_at") or run.get("created_at"), "workflow_run.run_started_at"
        ),
        url=link(run.get("html_url"), "workflow_run.html_url"),
    )


def _release(sent: Table, integration: str) -> DeployEvent | None:
    release = needed_table(sent["release"], "release")
    if release.get("draft"):
        return None
    repository = _repository(sent)
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=f"{repository}/release/{needed(release.get('id'), 'release.id')}",
        kind="release",
        component=repository,
        version=needed(release.get("tag_name"), "release.tag_name", 100),
        status="success",
        at=needed_instant(release.get("published_at"), "release.published_at"),
        url=link(release.get("html_url"), "release.html_url"),
    )


def _repository(sent: Table) -> str:
    found = needed_table(sent.get("repository"), "repository")
    return needed(found.get("full_name"), "repository.full_name")
