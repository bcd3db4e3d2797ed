"""What pipelines tell becomes deployments; open incidents of a service hear of their ends."""

from datetime import timedelta

from domain.deploy_event import Deployed, DeployEvent, TakeDeployments
from domain.deployment import UNDER_WAY, Deployment
from domain.destination import Destination, destination
from domain.incident_jobs import ShowIncident
from domain.service import Catalogue
from jobs.registry import Reaction
from storage.unit import Unit

NOT_YET = timedelta(seconds=5)


async def take(unit: Unit, job: TakeDeployments) -> None:
    """Each word in turn; what is no deployment of anything is left alone."""
    await unit.exclusively("deployments")
    catalogue = Catalogue(await unit.catalog.services.where())
    for event in job.events:
        if goes := destination(event, catalogue):
            await _hear_or_wait(unit, event, goes)


async def _hear_or_wait(unit: Unit, event: DeployEvent, goes: Destination) -> None:
    """What tells of a rollback of ours is known already. While that runs and its pipeline has not
    said yet by which names it calls it, the word waits a moment."""
    ours = await unit.rollbacks.brings(goes.service, goes.environment, event)
    if ours is None:
        await unit.jobs.add(TakeDeployments(events=(event,)), due=unit.now + NOT_YET)
    elif not ours:
        await _hear(unit, event, goes)


async def _hear(unit: Unit, event: DeployEvent, goes: Destination) -> None:
    heard = await unit.told_deployments.hear(event, goes)
    if heard and heard.moved:
        await unit.rollbacks.show_beside(heard.deployment)
        await _tell_incident(unit, heard.deployment)


async def _tell_incident(unit: Unit, deployment: Deployment) -> None:
    """The timeline of the service's open incident gets the end, its card what was changed."""
    incident = await unit.incidents.open_of_service(deployment.service)
    if incident is None:
        return
    await unit.jobs.add(ShowIncident(incident=incident), key=f"~show:{incident}")
    if deployment.status not in UNDER_WAY:
        told = deployment.model_dump(include={"service", "environment", "status"})
        fact = Deployed(deployment=deployment.id, release=deployment.version, **told)
        await unit.facts.add(f"incident:{incident}", fact)


TAKE_DEPLOYMENTS = Reaction(TakeDeployments, take)
