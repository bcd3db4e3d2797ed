"""Jenkins' notification plugin: builds of jobs, which deploy where a service declares so."""

from datetime import datetime, timedelta

from pydantic import JsonValue

from domain.alert import Parsed
from domain.deploy_event import DeployEvent
from domain.deployment import DeploymentStatus
from integrations.alerts.shape import (
    Table,
    body_of,
    count,
    link,
    moment,
    needed_table,
    scalar,
    table,
    word,
)
from integrations.deploys.shape import UNKNOWN, needed, status_in, told, truth, version_of

SOURCE = "jenkins"

PHASES: dict[str, DeploymentStatus] = {"queued": "queued", "started": "in_progress"}
# unstable: the tests complained, the steps were done
ENDS: dict[str, DeploymentStatus] = {
    "success": "success", "unstable": "success", "failure": "failure", "aborted": "failure",
}  # fmt: skip


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:
    """Read one phase of a build."""
    sent = body_of(body)
    if "build" not in sent:
        return UNKNOWN
    return told(_event(sent, integration, received))


def _event(sent: Table, integration: str, received: datetime) -> DeployEvent | None:
    build = needed_table(sent["build"], "build")
    status = status_in(PHASES, build.get("phase")) or status_in(ENDS, build.get("status"))
    if status is None:
        return None
    job, number = needed(sent.get("name"), "name"), needed(build.get("number"), "build.number")
    began = moment(build.get("timestamp"), "build.timestamp") or received
    took = timedelta(milliseconds=count(build.get("duration"), "build.duration"))
    scm = table(build.get("scm"), "build.scm")
    commit, branch = word(scm.get("commit"), "scm.commit"), word(scm.get("branch"), "scm.branch")
    asked = Asked(table(build.get("parameters"), "build.parameters"))
    version = asked.first("VERSION", "TAG") or (commit and version_of(branch, commit))
    ended = status in ("success", "failure")
    return DeployEvent(
        source=SOURCE,
        integration=integration,
        key=f"{job}/{number}",
        kind="run",
        component=job,
        service=asked.first("SERVICE"),
        environment=asked.first("ENVIRONMENT", "ENV"),
        version=needed(version or f"#{number}", "build.number", 100),
        commit=commit or None,
        status=status,
        at=(began + took if took else received) if ended else began,
        started_at=began,
        url=link(build.get("full_url"), "build.full_url"),
        migration=truth(asked.first("MIGRATION")),
    )


class Asked:
    """The parameters of a build, by names in any case."""

    def __init__(self, parameters: Table) -> None:
        self._values = {name.upper(): scalar(value) for name, value in parameters.items()}

    def first(self, *names: str) -> str:
        """The first that is set."""
        return next((self._values[one] for one in names if self._values.get(one)), "")
