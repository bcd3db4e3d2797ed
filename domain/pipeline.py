"""What deploys a service, and what its environments are called here."""

from typing import Literal

from domain.base import Frozen
from domain.deploy_event import DeployEvent

PROD = "prod"
# Names that senders give by themselves; a service may declare otherwise.
USUAL = {"production": PROD, "prd": PROD, "development": "dev", "stage": "staging"}
LONGEST = 50


class Pipeline(Frozen):
    """Something that deploys a service; ``name`` is what it calls what it deploys.

    That is the repository (GitHub, GitLab), the application (Argo CD), the job (Jenkins), or what
    the event names. ``environment`` is where it goes if it does not say; ``environments`` says what
    its names are here, and then only those count. ``workflow`` makes runs of that GitHub workflow
    deployments, ``releases`` published releases.
    """

    source: Literal["github", "gitlab", "argocd", "jenkins", "cdevents", "generic"]
    name: str
    environment: str = ""
    environments: dict[str, str] = {}
    workflow: str = ""
    releases: bool = False

    def takes(self, event: DeployEvent) -> bool:
        """Whether the event is of what this pipeline deploys."""
        same = event.source == self.source and event.component.casefold() == self.name.casefold()
        of_kind = (event.kind == "release") == self.releases and event.workflow == self.workflow
        listed = not self.environments or event.environment in self.environments
        return same and of_kind and listed

    def goes_to(self, event: DeployEvent) -> str:
        """The environment, as it is called here."""
        if event.environment in self.environments:
            return self.environments[event.environment][:LONGEST]
        return called_here(event.environment or self.environment)


def called_here(environment: str) -> str:
    """The usual short name of an environment; production where nothing is said."""
    told = environment.strip()
    return USUAL.get(told.casefold(), told or PROD)[:LONGEST]
