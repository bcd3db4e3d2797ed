"""The pipelines that may be asked to bring a version back, from the settings."""

from bot.configuration import Settings
from domain.ports import Deployer
from integrations.pipelines.api import Api, Patience
from integrations.pipelines.argocd import ArgoCdPipeline
from integrations.pipelines.github import VERSION, GitHubPipeline
from integrations.pipelines.gitlab import GitLabPipeline

GITHUB = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION}


def pipelines(settings: Settings, patience: Patience) -> dict[str, Deployer]:
    """Those with a token, by source."""
    made: dict[str, Deployer] = {}
    if token := settings.github.token:
        api = Api("GitHub", settings.github.api_url, token, more=GITHUB)
        made["github"] = GitHubPipeline(api, patience)
    if token := settings.gitlab.token:
        api = Api("GitLab", settings.gitlab.api_url, token, header="PRIVATE-TOKEN", scheme="")
        made["gitlab"] = GitLabPipeline(api, patience)
    if (token := settings.argocd.token) and settings.argocd.api_url:
        made["argocd"] = ArgoCdPipeline(Api("Argo CD", settings.argocd.api_url, token), patience)
    return made
