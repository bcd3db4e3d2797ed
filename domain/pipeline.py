"""What deploys a service, and what its environments are called here."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.base import Frozen
from domain.deploy_event import DeployEvent
from domain.runbook import HOLE, Span

PROD = "prod"
# Names that senders give by themselves; a service may declare otherwise.
USUAL = {"production": PROD, "prd": PROD, "development": "dev", "stage": "staging"}
LONGEST = 50
# How each can be asked to go back; GitHub by any workflow of yours.
WAYS_BACK = {
    "github": "", "argocd": "history", "gitlab": "retry", "kubernetes": "undo", "command": "run",
}  # fmt: skip
WORKLOAD = re.compile(r"[a-z0-9-]{1,63}/(deployment|statefulset|daemonset)/[a-z0-9.-]{1,253}")
WORDS = ("service", "environment", "version", "commit")
# What is asked of these says which environment is meant; anything else goes to a single one.
TOLD_WHERE = ("github", "gitlab")


class Pipeline(Frozen):
    """Something that deploys a service; ``name`` is what it calls what it deploys.

    That is the repository (GitHub, GitLab), the application (Argo CD), the job (Jenkins), or what
    the event names. ``environment`` is where it goes if it does not say; ``environments`` says what
    its names are here, and then only those count. ``workflow`` makes runs of that GitHub workflow
    deployments, ``releases`` published releases. ``rollback`` is how it may be asked to bring a
    version back: the file of a GitHub workflow, ``history`` (Argo CD), ``retry`` (GitLab), ``undo``
    (Kubernetes, of ``namespace/deployment/name``), ``run`` (a ``command``, on the ``server`` where
    one is named, within ``timeout``; its words may hold ``${version}``, ``${commit}``,
    ``${environment}``, ``${service}``).
    """

    source: Literal[
        "github", "gitlab", "argocd", "jenkins", "cdevents", "generic", "pagerduty-changes",
        "kubernetes", "command",
    ]  # fmt: skip
    name: str
    environment: str = ""
    environments: dict[str, str] = {}
    workflow: str = ""
    releases: bool = False
    rollback: str = ""
    command: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    server: str = ""
    timeout: Span = timedelta(minutes=10)

    @model_validator(mode="after")
    def _way_back(self) -> Self:
        known = WAYS_BACK.get(self.source)
        if self.rollback and (known is None or (known and self.rollback != known)):
            told = f"must be {known}" if known else f"is not known of {self.source}"
            raise ValueError(f"rollback {told}")
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.command) != (self.source == "command"):
            raise ValueError("a command is what a pipeline of source command runs, and no other")
        if self.source == "kubernetes" and not WORKLOAD.fullmatch(self.name):
            raise ValueError("name it like data/deployment/trino: namespace, kind and name")
        for hole in (found for word in self.command for found in HOLE.finditer(word)):
            if not hole[1] and hole[2] not in WORDS:
                raise ValueError(f"${{{hole[2]}}} is none of {', '.join(WORDS)}")
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
        if not self.environment and self._is_told_where:
            return environment
        return environment if called_here(self.environment) == environment else None

    @property
    def _is_told_where(self) -> bool:
        """Whether the same request can mean one environment or another."""
        holes = (found for word in self.command for found in HOLE.finditer(word))
        named = any(not found[1] and found[2] == "environment" for found in holes)
        return named or self.source in TOLD_WHERE

    def asked(self, version: str, commit: str | None) -> str:
        """Exactly what it is asked for when ``version`` is brought back, in words."""
        of = f" (commit {commit[:12]})" if commit else ""
        if self.source == "github":
            return f"GitHub runs {self.rollback} of {self.name} with version {version}{of}"
        if self.source == "argocd":
            return f"Argo CD rolls {self.name} back to the sync of {version}{of}"
        if self.source == "kubernetes":
            return f"Kubernetes undoes {self.name} to the revision whose image is {version}"
        return f"GitLab runs the job of {self.name} again that deployed {version}{of}"


def way_back(pipelines: Iterable[Pipeline], environment: str) -> Pipeline | None:
    """The first that can be asked to bring a version back there."""
    able = (one for one in pipelines if one.rollback and one.theirs(environment))
    return next(able, None)


def called_here(environment: str) -> str:
    """The usual short name of an environment; production where nothing is said."""
    told = environment.strip()
    return USUAL.get(told.casefold(), told or PROD)[:LONGEST]
