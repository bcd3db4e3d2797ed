"""GitHub, GitLab and Argo CD on loopback, shaped by their published interfaces, for the real
clients: what was asked, and answers by script."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from domain.deployer import Deployer
from integrations.pipelines.api import Api
from integrations.pipelines.argocd import ArgoCdPipeline
from integrations.pipelines.github import GitHubPipeline
from integrations.pipelines.gitlab import GitLabPipeline
from tests.fakes.one_request import Json, listening
from tests.fakes.stores import StillClock

GOOD = "a" * 40
REPO = "/repos/acme/trino"
WORKFLOW = f"{REPO}/actions/workflows/rollback.yml"
JOBS = "/projects/acme%2Ftrino/jobs"
APP = "/api/v1/applications/trino-prod"
PROBES = ("/rate_limit", "/user", "/api/v1/session/userinfo")


@dataclass
class FakePipelines:
    """``conclusion`` is how what was asked for ends; ``refusals`` answer instead, by path;
    ``synced`` is the commit of Argo CD's last sync."""

    clock: StillClock
    conclusion: str = "success"
    refusals: dict[str, tuple[int, Json]] = field(default_factory=dict)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)
    key: str = ""
    synced: str = GOOD
    looks: int = 0
    port: int = 0

    def answer(self, first: str, credential: str, body: bytes) -> tuple[int, Json]:
        """One request."""
        self.credentials.add(credential)
        method, address, _ = first.split(" ")
        path = address.partition("?")[0]
        if method == "POST":
            self.asked.append((path, json.loads(body) if body else {}))
            self._remember(path)
        if path in self.refusals:
            return self.refusals[path]
        if path in PROBES:
            return 200, {}
        found = self._github(path) or self._gitlab(path) or self._argocd(path)
        return found or (404, {"message": "Not Found"})

    def bodies(self, end: str) -> list[Json]:
        """What was asked for at paths that end so."""
        return [body for path, body in self.asked if path.endswith(end)]

    def _remember(self, path: str) -> None:
        if path == f"{WORKFLOW}/dispatches":
            self.key = self.asked[-1][1]["inputs"]["tocsin"]

    def _github(self, path: str) -> tuple[int, Json] | None:
        run = {
            "id": 31, "display_title": f"Rollback {self.key} of trino", "status": "completed",
            "conclusion": self.conclusion, "html_url": "https://github.com/acme/trino/runs/31",
            "run_started_at": "2026-11-21T12:00:00Z", "updated_at": "2026-11-21T12:01:38Z",
        }  # fmt: skip
        known: dict[str, tuple[int, Json]] = {
            REPO: (200, {"default_branch": "main"}),
            f"{REPO}/deployments": (201, {"id": 7}),
            f"{REPO}/deployments/7/statuses": (201, {"id": 1}),
            f"{WORKFLOW}/dispatches": (204, {}),
            f"{WORKFLOW}/runs": (200, {"workflow_runs": [run] if self.key else []}),
            f"{REPO}/actions/runs/31": (200, self._later(run, "in_progress")),
        }  # fmt: skip
        return known.get(path)

    def _gitlab(self, path: str) -> tuple[int, Json] | None:
        job = {"id": 812, "status": self.conclusion, "duration": 98.2, "web_url": "https://l/812"}
        return {
            f"{JOBS}/796/retry": (201, {"id": 812, "status": "pending"}),
            f"{JOBS}/812": (200, self._later(job, "running")),
        }.get(path)

    def _argocd(self, path: str) -> tuple[int, Json] | None:
        history = [
            {"id": 3, "revision": "b" * 40}, {"id": 4, "revision": GOOD},
            {"id": 5, "revision": "c" * 40},
        ]  # fmt: skip
        rolled = any(one.endswith("/rollback") for one, _ in self.asked)
        began = "2026-11-21T12:00:00Z" if rolled else "2026-11-21T09:00:00Z"
        phase = self.conclusion.replace("success", "Succeeded")
        state: Json = {"phase": phase, "startedAt": began, "finishedAt": "2026-11-21T12:01:38Z"}
        state |= {"syncResult": {"revision": self.synced}} if self.synced else {}
        status = {"history": history, "operationState": state, "health": {"status": "Healthy"}}
        return {APP: (200, {"status": status}), f"{APP}/rollback": (200, {})}.get(path)

    def _later(self, ended: Json, before: str) -> Json:
        """At the first look it still runs."""
        self.looks += 1
        return ended if self.looks > 1 else ended | {"status": before, "conclusion": None}

    def clients(self) -> dict[str, Deployer]:
        """The real clients."""

        token, url = SecretStr("the-token"), f"http://127.0.0.1:{self.port}"
        lab = Api("GitLab", url, token, header="PRIVATE-TOKEN", scheme="")
        return {
            "github": GitHubPipeline(Api("GitHub", url, token), self.clock),
            "gitlab": GitLabPipeline(lab),
            "argocd": ArgoCdPipeline(Api("Argo CD", url, token)),
        }


@asynccontextmanager
async def fake_pipelines(clock: StillClock) -> AsyncIterator[FakePipelines]:
    """A server for the length of the block."""
    fake = FakePipelines(clock)
    async with listening(fake.answer) as port:
        fake.port = port
        yield fake
