"""What pipelines tell of deployments, and the deployment that all of it makes together.

Events come late, twice and in any order. A deployment is folded from the set of everything told
about it, so every order of the same events ends alike and repeating them changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Literal

from domain.base import Frozen
from domain.deployment import Deployment, DeploymentStatus
from domain.facts import Fact
from domain.job import Job

MOST_KEPT = 50
RANK: dict[DeploymentStatus, int] = {
    "queued": 0, "in_progress": 1, "success": 2, "failure": 3, "rolled_back": 4,
}  # fmt: skip
EventKind = Literal["deployment", "run", "release"]


class DeployEvent(Frozen):
    """One word about one deployment, in our terms.

    ``key`` is the sender's id of the deployment, the same in all its events; ``integration`` its
    namespace. ``component`` is what the sender calls what it deploys (repository, application,
    job), ``service`` is set where the sender says a name of ours. A ``run`` or ``release`` is a
    deployment only where a service declares so; ``workflow`` is then which one ran. ``at`` is when
    it came to ``status`` by the sender's word. ``migration`` is whether a database is changed,
    None where nobody says. ``run`` is the sender's id of what made it, where that is not ``key``.
    """

    source: str
    integration: str
    key: str
    kind: EventKind = "deployment"
    component: str
    service: str = ""
    workflow: str = ""
    environment: str = ""
    version: str
    commit: str | None = None
    status: DeploymentStatus
    at: datetime
    started_at: datetime | None = None
    url: str | None = None
    migration: bool | None = None
    run: str = ""

    @property
    def order(self) -> tuple[datetime, int, str]:
        """The newest word tells; at the same instant the one that is further."""
        return self.at, RANK[self.status], self.model_dump_json()


class TakeDeployments(Job):
    """Turn what pipelines told into deployments."""

    kind: ClassVar[str] = "take_deployments"
    priority: ClassVar[int] = 20
    events: tuple[DeployEvent, ...]


class Deployed(Fact):
    """A deployment of the incident's service ended while the incident was open."""

    kind: ClassVar[str] = "deployed"
    template: ClassVar[str] = "{service} {environment} {release}: {status} ({deployment})"
    deployment: str
    service: str
    environment: str
    release: str
    status: DeploymentStatus


class Told(Frozen):
    """Everything told of one deployment; ``id`` is the deployment's."""

    id: str
    integration: str
    key: str
    events: tuple[DeployEvent, ...] = ()

    def hearing(self, event: DeployEvent) -> "Told":
        """With one more word; the same where it is known already."""
        if event in self.events:
            return self
        kept = sorted((*self.events, event), key=lambda one: one.order)[-MOST_KEPT:]
        return self.model_copy(update={"events": tuple(kept)})


def folded(deployment: Deployment, told: Told) -> Deployment:
    """The deployment as its events make it; one that was rolled back stays so."""
    newest = told.events[-1]
    ended = RANK[newest.status] >= RANK["success"]
    changes = {
        "version": newest.version,
        "commit": _newest(one.commit for one in told.events),
        "url": _newest(one.url for one in told.events),
        "status": newest.status,
        "started_at": min(one.started_at or one.at for one in told.events),
        "finished_at": _since(told.events) if ended else None,
        "migration": migrates(told.events),
    }
    if deployment.status == "rolled_back":
        del changes["status"], changes["finished_at"]
    return deployment.model_copy(update=changes)


def migrates(events: Iterable[DeployEvent]) -> bool | None:
    """Whether a database is changed: a yes counts, whatever else is said; None for no word."""
    said = {one.migration for one in events} - {None}
    return any(said) if said else None


def _since(events: tuple[DeployEvent, ...]) -> datetime:
    """When it came to where it is, not when that was last repeated."""
    newest = events[-1]
    since = newest.at
    for one in reversed(events):
        if one.status != newest.status:
            break
        since = one.at
    return since


def _newest(values: Iterable[str | None]) -> str | None:
    return next((one for one in reversed(list(values)) if one), None)
