"""What pipelines told, and the deployments that it makes."""

from typing import NamedTuple

from domain.deploy_event import DeployEvent, Told, folded
from domain.deployment import Deployment
from domain.destination import Destination
from storage.catalog import Deployments
from storage.numbers import Numbers
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.catalog import told_deployments


class Heard(NamedTuple):
    """The deployment after a word about it, and whether that changed where it stands."""

    deployment: Deployment
    moved: bool


class ToldDeployments(Rows[Told]):
    """Deployments that were told from outside, each with every word about it."""

    table = told_deployments
    model = Told
    noun = "deployment"
    found_by = "see /deploy list"

    def __init__(self, scope: Scope, deployments: Deployments) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.deployments = deployments

    async def hear(self, event: DeployEvent, goes: Destination) -> Heard | None:
        """Take a word into account; None where it was heard already."""
        table = told_deployments
        same = (table.c.integration == event.integration, table.c.key == event.key)
        known = await self.first(*same)
        told = (known or await self._begin(event, goes)).hearing(event)
        if told == known:
            return None
        await self.save(told)
        before = await self.deployments.need(told.id)
        where = {"service": goes.service, "environment": goes.environment}
        after = folded(before.model_copy(update=where), told)
        await self.deployments.save(after)
        self.scope.topics.add("deployments")
        return Heard(after, moved=known is None or after.status != before.status)

    async def _begin(self, event: DeployEvent, goes: Destination) -> Told:
        number = await Numbers(self.scope).next("DEP")
        deployment = Deployment(
            id=f"DEP-{number}",
            number=number,
            service=goes.service,
            environment=goes.environment,
            version=event.version,
            status=event.status,
            started_at=event.at,
            source=event.source,
        )
        await self.deployments.add(deployment)
        return await self.add(Told(id=deployment.id, integration=event.integration, key=event.key))
