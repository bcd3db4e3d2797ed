"""What deploys a service, and what its environments are called here."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import model_validator

from domain.base import Frozen
from domain.deploy_event import DeployEvent

PROD = "prod"
# Names that senders give by themselves; a service may declare otherwise.
USUAL = {"production": PROD, "prd": PROD, "development": "dev", "stage": "staging"}
LONGEST = 50
# How each can be asked to go back; GitHub by any workflow of yours.
WAYS_BACK = {"github": "", "argocd": "history", "gitlab": "retry"}


class Pipeline(Frozen):
    """Something that deploys a service; ``name`` is what it calls what it deploys.

    That is the repository (GitHub, GitLab), the application (Argo CD), the job (Jenkins), or what
    the event names. ``environment`` is where it goes if it does not say; ``environments`` says what
    its names are here, and then only those count. ``workflow`` makes runs of that GitHub workflow
    deployments, ``releases`` published releases. ``rollback`` is how it may be asked to bring a
    version back: the file of a GitHub workflow, ``history`` (Argo CD), ``retry`` (GitLab).
    """

    source: Literal["github", "gitlab", "argocd", "jenkins", "cdevents", "generic"]
    name: str
    environment: str = ""
    environments: dict[str, str] = {}
    workflow: str = ""
    releases: bool = False
    rollback: str = ""

    @model_validator(mode="after")
    def _way_back(self) -> Self:
        known = WAYS_BACK.get(self.source)
        if self.rollback and (known is None or (known and self.rollback != known)):
            told = f"must be {known}" if known else f"is not known of {self.source}"
            raise ValueError(f"rollback {told}")
        return self

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

    def theirs(self, environment: str) -> str | None:
        """What it calls an environment of ours; None where it does not go there."""
        if self.environments:
            found = (told for told, ours in self.environments.items() if ours == environment)
            return next(found, None)
        return environment if self.environment in ("", environment) else None

    def asked(self, version: str, commit: str | None) -> str:
        """Exactly what it is asked for when ``version`` is brought back, in words."""
        of = f" (commit {commit[:12]})" if commit else ""
        if self.source == "github":
            return f"GitHub runs {self.rollback} of {self.name} with version {version}{of}"
        if self.source == "argocd":
            return f"Argo CD rolls {self.name} back to the sync of {version}{of}"
        return f"GitLab runs the job of {self.name} again that deployed {version}{of}"


def way_back(pipelines: Iterable[Pipeline], environment: str) -> Pipeline | None:
    """The first that can be asked to bring a version back there."""
    able = (one for one in pipelines if one.rollback and one.theirs(environment))
    return next(able, None)


def called_here(environment: str) -> str:
    """The usual short name of an environment; production where nothing is said."""
    told = environment.strip()
    return USUAL.get(told.casefold(), told or PROD)[:LONGEST]
