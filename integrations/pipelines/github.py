"""GitHub: a workflow of yours is dispatched, and a deployment recorded so that its pages stay true.

The workflow says which rollback it is by its ``run-name``, which must hold the input ``tocsin``.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from domain.deployer import Asked, RollbackOrder, Seen
from domain.errors import Permanent, Retry
from domain.ports import Clock
from integrations.pipelines.api import Api, Json, instant, nothing_done_yet, understood

TASK = "tocsin:rollback"  # so that workflows which run on deployments can leave it alone
SKEW = timedelta(minutes=5)
TO_BEGIN = timedelta(minutes=3)
MINUTE = timedelta(minutes=1)
NAMELESS = "a run whose name holds the input tocsin"
VERSION = "2022-11-28"


@dataclass(frozen=True)
class GitHubPipeline:
    """`domain.deployer.Deployer` by a workflow dispatch."""

    api: Api
    clock: Clock
    name: str = "GitHub"

    async def ask(self, order: RollbackOrder) -> Seen:
        """Record it, and dispatch the workflow."""
        repository = _repository(order)
        since = self.clock.now()
        async with nothing_done_yet():
            branch = str((await self.api.get(repository))["default_branch"])
            record = str((await self.api.post(f"{repository}/deployments", _record(order)))["id"])
        asked = {"ref": branch, "inputs": _inputs(order)}
        await self._dispatch(f"{_workflow(order)}/dispatches", asked, _kept(order, record))
        begun = Asked(
            names=(f"{order.name}/{record}",),
            note={"record": record, "since": since.isoformat()},
            said=f"{order.workflow} was asked for",
        )
        return Seen(asked=begun)

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        """Find the run that bears the key; then how it is doing."""
        async with understood():
            if "run" not in asked.note:
                return await self._found(order, asked)
            path = f"{_repository(order)}/actions/runs/{quote(asked.note['run'], safe='')}"
            return await self._state_of(order, await self.api.get(path), asked)

    async def probe(self) -> None:
        """Whether the token is one."""
        await self.api.get("/rate_limit")

    async def _dispatch(self, path: str, asked: Json, record: str) -> None:
        """A refusal ends the record too."""
        try:
            await self.api.post(path, asked)
        except Permanent:
            await self._say(record, "error", "")
            raise

    async def _found(self, order: RollbackOrder, asked: Asked) -> Seen:
        since = instant(asked.note["since"])
        run = await self._started(order, since)
        if run is None:
            late = self.clock.now() - since >= TO_BEGIN
            lost = f"{NAMELESS} has not been seen for {TO_BEGIN // MINUTE} min" if late else ""
            return Seen(asked=asked, lost=lost)
        number = str(run["id"])
        own = f"{order.name}/run/{number}"
        attempt = str(run.get("run_attempt") or 1)
        told = {
            "names": (*asked.names, own, f"{own}/{attempt}"),
            "complete": True,
            "note": asked.note | {"run": number},
            "url": str(run.get("html_url") or ""),
        }
        return await self._state_of(order, run, asked.model_copy(update=told))

    async def _started(self, order: RollbackOrder, since: datetime) -> Json:
        """The run that bears the key."""
        created = f">={since - SKEW:%Y-%m-%dT%H:%M:%SZ}"
        path = f"{_workflow(order)}/runs"
        found = await self.api.get(path, event="workflow_dispatch", created=created, per_page="50")
        titles = ((str(run.get("display_title") or ""), run) for run in found["workflow_runs"])
        return next((run for title, run in titles if order.key in title.split()), None)

    async def _state_of(self, order: RollbackOrder, run: Json, before: Asked) -> Seen:
        status = str(run["status"])
        asked = before.model_copy(update={"said": f"run {before.note['run']} is {status}"})
        if status != "completed":
            return Seen(asked=asked)
        conclusion = str(run["conclusion"])
        won = conclusion == "success"
        record = _kept(order, asked.note["record"])
        await self._say(record, "success" if won else "failure", asked.url)
        if not won:
            return Seen(asked=asked, lost=f"{asked.url or 'the run'} ended with {conclusion}")
        return Seen(asked=asked, took=instant(run["updated_at"]) - instant(run["run_started_at"]))

    async def _say(self, record: str, state: str, url: str) -> None:
        """The record only tells; what was done does not depend on it."""
        with suppress(Retry, Permanent):
            await self.api.post(f"{record}/statuses", {"state": state, "log_url": url})


def _workflow(order: RollbackOrder) -> str:
    return f"{_repository(order)}/actions/workflows/{quote(order.workflow, safe='')}"


def _kept(order: RollbackOrder, record: str) -> str:
    return f"{_repository(order)}/deployments/{quote(record, safe='')}"


def _repository(order: RollbackOrder) -> str:
    owner, _, name = order.name.partition("/")
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"


def _inputs(order: RollbackOrder) -> dict[str, str]:
    return {
        "tocsin": order.key,
        "version": order.version,
        "commit": order.commit,
        "environment": order.theirs,
    }


def _record(order: RollbackOrder) -> Json:
    return {
        "ref": order.commit or order.version,
        "environment": order.theirs,
        "auto_merge": False,
        "required_contexts": [],
        "task": TASK,
        "description": f"Rollback {order.key} by Tocsin"[:140],
        "payload": {"service": order.service, "version": order.version, "migration": False},
    }
