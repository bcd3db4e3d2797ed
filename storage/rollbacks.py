"""Rollbacks that were released, and the deployments they make and take away."""

from datetime import timedelta
from typing import Any

from domain.deploy_event import DeployEvent
from domain.deployment import Deployment
from domain.rollback import (
    BeginRollback,
    RollBack,
    Rollback,
    RollbackEnded,
    RollbackStarted,
    ShowRollback,
)
from storage.catalog import Deployments
from storage.facts import Facts
from storage.jobs import Jobs
from storage.rows import Documents
from storage.scope import Scope
from storage.tables.approvals import rollbacks


class Rollbacks(Documents[Rollback]):
    """Rollbacks that were released, by the deployment they make."""

    table = rollbacks
    model = Rollback
    noun = "rollback"
    found_by = "see /deploy list"

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs, deployments: Deployments) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs
        self.deployments = deployments

    async def release(self, rollback: Rollback, made: Deployment) -> None:
        """Write down what will be; the pipeline is asked in a job of its own."""
        await self.deployments.add(made)
        await self.add(rollback)
        told = rollback.model_dump(include={"service", "environment", "bad", "good"})
        await self.facts.add(rollback.subject, RollbackStarted(deployment=made.id, **told))
        await self.jobs.add(BeginRollback(deployment=made.id), key=f"begin:{made.id}")
        self.scope.topics.add("deployments")

    async def begin(self, rollback: Rollback) -> None:
        """Write down that the pipeline is asked now: from here on nobody asks it again."""
        await self.save(
            rollback.model_copy(update={"state": "running", "began_at": self.scope.now})
        )
        await self._mark(rollback.id, {"status": "in_progress", "started_at": self.scope.now})
        await self.jobs.add(RollBack(deployment=rollback.id), key=f"roll_back:{rollback.id}")

    async def end(self, rollback: Rollback, how: dict[str, Any]) -> Rollback:
        """It has come to a state: the two deployments say so, the timeline, and a message."""
        now = self.scope.now
        ended = rollback.model_copy(update=how | {"ended_at": now})
        await self.save(ended)
        if ended.state == "done":
            await self._mark(ended.id, {"status": "success", "finished_at": now})
            await self._mark(ended.replaces, {"status": "rolled_back"})
        elif ended.state == "failed":
            await self._mark(ended.id, {"status": "failure", "finished_at": now})
        names = {"service", "environment", "good", "state", "detail"}
        fact = RollbackEnded(deployment=ended.id, **ended.model_dump(include=names))
        await self.facts.add(ended.subject, fact)
        await self.tell(ended)
        return ended

    async def tell(self, rollback: Rollback) -> None:
        """Owe one new message about the state it has come to."""
        told = ShowRollback(deployment=rollback.id, state=rollback.state)
        await self.jobs.add(told, key=f"show_rollback:{rollback.id}:{rollback.state}")

    async def _mark(self, deployment: str, changes: dict[str, Any]) -> None:
        found = await self.deployments.need(deployment)
        await self.deployments.save(found.model_copy(update=changes))
        self.scope.topics.add("deployments")

    async def brings(self, service: str, environment: str, event: DeployEvent) -> bool:
        """Whether a pipeline tells of a rollback of ours, which has its deployment already."""
        found = await self.where()
        there = [one for one in found if (one.service, one.environment) == (service, environment)]
        return any(one.brings(event) for one in there)

    async def took(self, service: str, environment: str) -> tuple[timedelta, ...]:
        """How long the pipeline took for earlier rollbacks of a target."""
        spans = [
            one.took
            for one in await self.where()
            if (one.service, one.environment, one.state) == (service, environment, "done")
            and one.took
        ]
        return tuple(spans)
