"""GitLab's webhooks: deployments, and the jobs of pipelines that deploy.

Both tell of the same job, by whose id a deployment is known: whichever comes first, it is one.
"""

import hmac
from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from domain.alert import Parsed
from domain.deploy_event import DeployEvent
from domain.deployment import DeploymentStatus
from integrations.alerts.shape import (
    Table,
    body_of,
    link,
    needed_table,
    rows,
    scalar,
    table,
    word,
)
from integrations.alerts.signature import Proof, Request
from integrations.deploys.shape import (
    loose_instant,
    needed,
    needed_instant,
    status_in,
    told,
    truth,
    version_of,
)

SOURCE = "gitlab"
HEADER = "x-gitlab-token"
VARIABLE = "MIGRATION"

STATES: dict[str, DeploymentStatus] = {
    "created": "queued", "running": "in_progress", "success": "success", "failed": "failure",
    "canceled": "failure",
}  # fmt: skip
# a job that was created, skipped or waits for a hand deploys nothing yet
JOBS = {name: status for name, status in STATES.items() if name != "created"}


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:  # noqa: ARG001
    """Read one event; those that are about no deployment change nothing."""
    sent = body_of(body)
    kind = sent.get("object_kind")
    if kind == "deployment":
        return told(_deployment(sent, integration))
    if kind == "pipeline":
        return Parsed(deployments=tuple(_jobs(sent, integration)))
    return Parsed(understood=isinstance(kind, str))


def verify(request: Request, secrets: tuple[str, ...]) -> Proof:
    """``X-Gitlab-Token``: the secret itself, compared in constant time."""
    given = request.headers.get(HEADER, "").encode("utf-8", "replace")
    if not given:
        return "missing"
    known = [one.encode() for one in secrets if one]
    return "verified" if any(hmac.compare_digest(one, given) for one in known) else "wrong"


def _deployment(sent: Table, integration: str) -> DeployEvent | None:
    status = status_in(STATES, sent.get("status"))
    if status is None:
        return None
    job, own = sent.get("deployable_id"), sent.get("deployment_id")
    project = _project(sent)
    key = f"job/{scalar(job)}" if job else f"deployment/{needed(own, 'deployment_id')}"
    at = needed_instant(sent.get("status_changed_at"), "status_changed_at")
    commit = _commit(sent)
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=f"{project}/{key}",
        component=project,
        environment=word(sent.get("environment"), "environment"),
        version=needed(version_of(word(sent.get("ref"), "ref"), commit), "ref", 100),
        commit=commit or None,
        status=status,
        at=at,
        url=link(sent.get("deployable_url"), "deployable_url"),
    )


def _commit(sent: Table) -> str:
    """The whole of it stands only in its address."""
    last = word(sent.get("commit_url"), "commit_url").rsplit("/", 1)[-1]
    short = word(sent.get("short_sha"), "short_sha")
    return last if short and last.startswith(short) else short


def _jobs(sent: Table, integration: str) -> Iterator[DeployEvent]:
    """Each job of the pipeline that begins or began to deploy somewhere."""
    about = needed_table(sent.get("object_attributes"), "object_attributes")
    for number, one in enumerate(rows(sent.get("builds") or [], "builds")):
        path = f"builds[{number}]"
        job = needed_table(one, path)
        environment = table(job.get("environment"), f"{path}.environment")
        status = status_in(JOBS, job.get("status"))
        began = loose_instant(job.get("started_at"), f"{path}.started_at")
        if status and began and environment.get("action", "start") == "start" and environment:
            ended = loose_instant(job.get("finished_at"), f"{path}.finished_at")
            yield _job(sent, about, job, path).model_copy(
                update={
                    "integration": integration,
                    "status": status,
                    "environment": word(environment.get("name"), f"{path}.environment.name"),
                    "at": ended or began,
                    "started_at": began,
                }
            )


def _job(sent: Table, about: Table, job: Table, path: str) -> DeployEvent:
    commit = word(about.get("sha"), "object_attributes.sha")
    ref = word(about.get("ref"), "object_attributes.ref")
    project = _project(sent)
    return DeployEvent(
        source=SOURCE,
        integration="",
        key=f"{project}/job/{needed(job.get('id'), f'{path}.id')}",
        component=project,
        version=needed(version_of(ref, commit), "object_attributes.ref", 100),
        commit=commit or None,
        status="in_progress",
        at=needed_instant(job.get("started_at"), f"{path}.started_at"),
        url=link(about.get("url"), "object_attributes.url"),
        migration=_migration(about),
    )


def _migration(about: Table) -> bool | None:
    """A variable of the pipeline may say it."""
    for one in rows(about.get("variables") or [], "object_attributes.variables"):
        variable = table(one, "object_attributes.variables")
        if variable.get("key") == VARIABLE:
            return truth(variable.get("value"))
    return None


def _project(sent: Table) -> str:
    found = needed_table(sent.get("project"), "project")
    return needed(found.get("path_with_namespace"), "project.path_with_namespace")
