"""The pipelines that may be asked to bring a version back, from the settings."""

from collections.abc import Callable
from functools import partial

from bot.configuration import Settings
from bot.sections import KubernetesSettings
from domain.deployer import Deployer
from domain.ports import Clock
from domain.run import Performer
from integrations.pipelines.api import Api
from integrations.pipelines.argocd import ArgoCdPipeline
from integrations.pipelines.cluster import Cluster, by_file, in_cluster
from integrations.pipelines.command import CommandPipeline
from integrations.pipelines.github import VERSION, GitHubPipeline
from integrations.pipelines.gitlab import GitLabPipeline
from integrations.pipelines.kubernetes import KubernetesPipeline

GITHUB = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION}


def pipelines(settings: Settings, clock: Clock, commands: Performer) -> dict[str, Deployer]:
    """Those that are set up, by source; a command is bound by what ``commands`` may run."""
    made: dict[str, Deployer] = {"command": CommandPipeline(commands, clock)}
    if token := settings.github.token:
        api = Api("GitHub", settings.github.api_url, token, more=GITHUB)
        made["github"] = GitHubPipeline(api, clock)
    if token := settings.gitlab.token:
        api = Api("GitLab", settings.gitlab.api_url, token, header="PRIVATE-TOKEN", scheme="")
        made["gitlab"] = GitLabPipeline(api)
    if (token := settings.argocd.token) and settings.argocd.api_url:
        made["argocd"] = ArgoCdPipeline(Api("Argo CD", settings.argocd.api_url, token))
    if find := _cluster(settings.kubernetes):
        made["kubernetes"] = KubernetesPipeline(find, clock)
    return made


def _cluster(told: KubernetesSettings) -> Callable[[], Cluster] | None:
    """How the cluster is found, looked up at each use: tokens and files are renewed."""
    if told.kubeconfig:
        return partial(by_file, told.kubeconfig, told.context)
    return in_cluster if told.in_cluster else None
