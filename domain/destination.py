"""Where a deployment belongs: which service of ours, and which environment."""

from typing import NamedTuple

from domain.deploy_event import DeployEvent
from domain.pipeline import Pipeline, called_here
from domain.service import Catalogue, Service

LONGEST = 100


class Destination(NamedTuple):
    """Where a deployment goes; ``service`` is the sender's own name where none of ours fits."""

    service: str
    environment: str


def destination(event: DeployEvent, catalogue: Catalogue) -> Destination | None:
    """Where the event belongs; None where it is no deployment of anything.

    A name of ours that the sender says wins, then what services declare, then a service called
    like the repository or application. A run or release that nobody declares is none.
    """
    said = catalogue.named(event.service) if event.service else None
    if declared := _declared(event, catalogue, said):
        service, pipeline = declared
        return Destination(service.id, pipeline.goes_to(event))
    if event.kind != "deployment":
        return None
    found = said or _alike(event.component, catalogue)
    called = found.id if found else (event.service or event.component)[:LONGEST]
    return Destination(called, called_here(event.environment))


def _declared(
    event: DeployEvent, catalogue: Catalogue, said: Service | None
) -> tuple[Service, Pipeline] | None:
    """The service that says so, and as what; several may where one repository holds many."""
    among = [said] if said else list(catalogue.services.values())
    found = ((one, way) for one in among for way in one.pipelines if way.takes(event))
    return next(found, None)


def _alike(component: str, catalogue: Catalogue) -> Service | None:
    """``acme/trino`` is trino, unless something is called by the whole of it."""
    return catalogue.named(component) or catalogue.named(component.rsplit("/", 1)[-1])
