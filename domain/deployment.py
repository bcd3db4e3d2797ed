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
