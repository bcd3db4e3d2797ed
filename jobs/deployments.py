"""What pipelines tell becomes deployments; open incidents of a service hear of their ends."""

from domain.deploy_event import Deployed, DeployEvent, TakeDeployments
from domain.deployment import UNDER_WAY, Deployment
from domain.destination import Destination, destination
from domain.incident_jobs import ShowIncident
from domain.service import Catalogue
from jobs.registry import Reaction
from storage.unit import Unit


async def take(unit: Unit, job: TakeDeployments) -> None:
    """Each word in turn; what is no deployment of anything is left alone."""
    await unit.exclusively("deployments")
    catalogue = Catalogue(await unit.catalog.services.where())
    for event in job.events:
        goes = destination(event, catalogue)
        if goes is None or await unit.rollbacks.brings(goes.service, goes.environment, event):
            continue
        await _hear(unit, event, goes)


async def _hear(unit: Unit, event: DeployEvent, goes: Destination) -> None:
    heard = await unit.told_deployments.hear(event, goes)
    if heard and heard.moved:
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
