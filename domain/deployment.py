"""A deployment: which version went where, when, and how it ended."""

from datetime import datetime, timedelta
from typing import Literal

from domain.base import Frozen

DeploymentStatus = Literal["queued", "in_progress", "success", "failure", "rolled_back"]
JUST_BEFORE = timedelta(minutes=30)
UNDER_WAY = ("queued", "in_progress")


class Deployment(Frozen):
    """One version on one service in one environment; times are UTC.

    ``migration`` is whether it changed a database, None where nobody has said.
    """

    id: str
    number: int
    service: str
    environment: str
    version: str
    commit: str | None = None
    status: DeploymentStatus
    started_at: datetime
    finished_at: datetime | None = None
    source: str
    url: str | None = None
    migration: bool | None = None


def changed_just_before(
    deployments: tuple[Deployment, ...], service: str | None, at: datetime
) -> Deployment | None:
    """The newest deployment of ``service`` that ended within 30 minutes before ``at``."""
    near = [
        one
        for one in deployments
        if one.service == service and one.finished_at and _just_before(one.finished_at, at)
    ]
    return max(near, key=lambda one: one.started_at, default=None)


def _just_before(finished: datetime, at: datetime) -> bool:
    return timedelta() <= at - finished <= JUST_BEFORE
