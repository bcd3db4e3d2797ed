"""Rollbacks that were released, and the deployments they make and take away."""

from datetime import timedelta
from typing import Any

from domain.deploy_event import DeployEvent
from domain.deployer import Seen
from domain.deployment import Deployment
from domain.rollback import LONGEST, Rollback, deadline
from domain.rollback_jobs import (
    LOOK_EVERY,
    BeginRollback,
    DrawRollback,
    FollowRollback,
    RollBack,
    RollbackEnded,
    RollbackStarted,
    RollbackVerified,
    ShowRollback,
    VerifyRollback,
)
from domain.verification import EVERY, Verification
from storage.calls import Calls
from storage.catalog import Catalog
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

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs, catalog: Catalog) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs
        self.catalog = catalog

    async def release(self, rollback: Rollback, made: Deployment) -> None:
        """Write down what will be; the pipeline is asked in a job of its own."""
        await self.catalog.deployments.add(made)
        await self.add(rollback)
        told = rollback.model_dump(include={"service", "environment", "bad", "good"})
        await self.facts.add(rollback.subject, RollbackStarted(deployment=made.id, **told))
        await self.jobs.add(BeginRollback(deployment=made.id), key=f"begin:{made.id}")
        self.scope.topics.add("deployments")

    async def begin(self, rollback: Rollback, fired: int) -> None:
        """Write down that the pipeline is asked now: from here on nobody asks it again."""
        now = self.scope.now
        usual = deadline(await self.took(rollback.service, rollback.environment))
        told = {"state": "running", "began_at": now, "usual": usual, "fired": fired}
        begun = await self.save(rollback.model_copy(update=told))
        await self._mark(rollback.id, {"status": "in_progress", "started_at": now})
        await self.jobs.add(RollBack(deployment=rollback.id), key=f"roll_back:{rollback.id}")
        await self.jobs.add(DrawRollback(deployment=rollback.id), key=f"~draw:{rollback.id}")
        await self.show(begun)

    async def seen(self, rollback: Rollback, seen: Seen, pipeline: str) -> None:
        """The pipeline said how it is doing; where it is not through, it is looked at again."""
        after = rollback.model_copy(update={"asked": seen.asked, "pipeline": pipeline})
        if seen.took is not None:
            await self.end(after, {"state": "done", "took": seen.took})
        elif seen.lost:
            await self.end(after, {"state": "unknown", "detail": seen.lost})
        elif rollback.began_at and self.scope.now - rollback.began_at >= LONGEST:
            late = f"its end has not been seen for {LONGEST // timedelta(minutes=1)} min"
            await self.end(after, {"state": "unknown", "detail": late})
        else:
            await self.follow(after)

    async def follow(self, rollback: Rollback) -> None:
        """Look again a little later: the pipeline works."""
        before = await self.need(rollback.id)
        first = before.asked is None
        if rollback != before:
            await self.save(rollback)
            await self.show(rollback)
        due = self.scope.now if first else self.scope.now + LOOK_EVERY
        await self.jobs.add(FollowRollback(deployment=rollback.id), due=due)

    async def end(self, rollback: Rollback, how: dict[str, Any]) -> Rollback:
        """It has come to a state: the two deployments say so, the timeline, and a message."""
        now = self.scope.now
        ended = rollback.model_copy(update=how | {"ended_at": now})
        if ended.state == "done":
            ended = await self._watched(ended)
            await self._mark(ended.id, {"status": "success", "finished_at": now})
            await self._mark(ended.replaces, {"status": "rolled_back"})
        elif ended.state == "failed":
            await self._mark(ended.id, {"status": "failure", "finished_at": now})
        await self.save(ended)
        names = {"service", "environment", "good", "state", "detail"}
        fact = RollbackEnded(deployment=ended.id, **ended.model_dump(include=names))
        await self.facts.add(ended.subject, fact)
        await self.show(ended)
        if ended.state == "done" and ended.undoes:
            await self._undone(ended)
        return ended

    async def _watched(self, ended: Rollback) -> Rollback:
        """With the button that takes it back, and what is watched from now on."""
        call = {"service": ended.service, "environment": ended.environment, "to": ended.bad}
        undo = await Calls(self.scope).store("rollback start", call | {"undoes": ended.id})
        window, now = self.scope.installation.rollback_watch, self.scope.now
        watched = None
        if window:
            service = await self.catalog.services.get(ended.service)
            probes = service.probes if service else ()
            there = tuple(one for one in probes if one.environment == ended.environment)
            until = now + window
            watched = Verification(since=now, until=until, fired=ended.fired, probes=there)
            await self.jobs.add(VerifyRollback(deployment=ended.id))
        return ended.model_copy(update={"undo": undo, "verification": watched})

    async def _undone(self, by: Rollback) -> None:
        """What it took back is not watched any more."""
        before = await self.need(by.undoes)
        if before.verification:
            undone = before.verification.being("undone", self.scope.now, f"by {by.id}", by.by)
            await self.verified(before, undone)

    async def verified(self, rollback: Rollback, after: Verification) -> Rollback:
        """What a look saw, or somebody decided; told where something came of it."""
        told = rollback.model_copy(update={"verification": after})
        await self.save(told)
        before = rollback.verification
        if before is None or after.verdict != before.verdict:
            names = {"service", "environment", "good"}
            fact = RollbackVerified(
                deployment=told.id,
                verdict=after.verdict,
                detail=": ".join(filter(None, (after.figures, after.why))),
                **told.model_dump(include=names),
            )
            await self.facts.add(told.subject, fact)
        elif after.verdict == "watching":
            soon, now = self.scope.now + EVERY, self.scope.now
            due = min(soon, after.until) if after.until > now else soon
            await self.jobs.add(VerifyRollback(deployment=told.id), due=due)
        await self.show(told)
        return told

    async def show(self, rollback: Rollback) -> None:
        """Owe its cards what has changed."""
        shown = ShowRollback(deployment=rollback.id)
        await self.jobs.add(shown, key=f"~rollback:{rollback.id}")
        self.scope.topics.add("deployments")

    async def _mark(self, deployment: str, changes: dict[str, Any]) -> None:
        found = await self.catalog.deployments.need(deployment)
        await self.catalog.deployments.save(found.model_copy(update=changes))
        self.scope.topics.add("deployments")

    async def brings(self, service: str, environment: str, event: DeployEvent) -> bool | None:
        """Whether a pipeline tells of a rollback of ours, which has its deployment already; None
        where that will be known in a moment."""
        found = await self.where()
        there = [one for one in found if (one.service, one.environment) == (service, environment)]
        said = [one.brings(event) for one in there]
        return True if True in said else None if None in said else False

    async def show_beside(self, deployment: Deployment) -> None:
        """Owe the cards of those that are at work, or watched, where something else went out."""
        target = deployment.service, deployment.environment
        for one in await self.where():
            watching = one.verification is not None and one.verification.verdict == "watching"
            if (one.service, one.environment) == target and (one.under_way or watching):
                await self.show(one)

    async def took(self, service: str, environment: str) -> tuple[timedelta, ...]:
        """How long the pipeline took for earlier rollbacks of a target."""
        spans = [
            one.took
            for one in await self.where()
            if (one.service, one.environment, one.state) == (service, environment, "done")
            and one.took
        ]
        return tuple(spans)
