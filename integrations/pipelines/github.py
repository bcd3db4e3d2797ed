"""GitHub: a workflow of yours is dispatched, and a deployment recorded so that its pages stay true.

The workflow says which rollback it is by its ``run-name``, which must hold the input ``tocsin``.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from domain.errors import Permanent, Retry
from domain.ports import RollbackOrder, RolledBack
from integrations.pipelines.api import Api, Json, Patience, instant, nothing_done_yet

TASK = "tocsin:rollback"  # so that workflows which run on deployments can leave it alone
SKEW = timedelta(minutes=5)
TO_BEGIN = timedelta(minutes=3)
NAMELESS = "a run whose name holds the input tocsin"
VERSION = "2022-11-28"


@dataclass(frozen=True)
class GitHubPipeline:
    """`domain.ports.Deployer` by a workflow dispatch."""

    api: Api
    patience: Patience
    name: str = "GitHub"

    async def roll_back(self, order: RollbackOrder) -> RolledBack:
        """Record, dispatch, find the run, wait for its end, and record that."""
        repository = _repository(order)
        began = self.patience.clock.now()
        async with nothing_done_yet():
            branch = str((await self.api.get(repository))["default_branch"])
            record = str((await self.api.post(f"{repository}/deployments", _record(order)))["id"])
        asked = {"ref": branch, "inputs": _inputs(order)}
        workflow = f"{repository}/actions/workflows/{quote(order.workflow, safe='')}"
        await self._dispatch(f"{workflow}/dispatches", asked, f"{repository}/deployments/{record}")
        run = await self.patience.until(
            lambda: self._started(f"{workflow}/runs", order.key, began), NAMELESS, TO_BEGIN
        )
        path, url = f"{repository}/actions/runs/{run['id']}", str(run.get("html_url") or "")
        ended = await self.patience.until(lambda: self._ended(path), url or "the run")
        return await self._recorded(f"{repository}/deployments/{record}", ended, url)

    async def _dispatch(self, path: str, asked: Json, record: str) -> None:
        """A refusal ends the record too."""
        try:
            await self.api.post(path, asked)
        except Permanent:
            await self._say(record, "error", "")
            raise

    async def _started(self, path: str, key: str, began: datetime) -> Json:
        """The run that bears the key."""
        since = f">={began - SKEW:%Y-%m-%dT%H:%M:%SZ}"
        found = await self.api.get(path, event="workflow_dispatch", created=since, per_page="50")
        titles = ((str(run.get("display_title") or ""), run) for run in found["workflow_runs"])
        return next((run for title, run in titles if key in title.split()), None)

    async def _ended(self, path: str) -> Json:
        run = await self.api.get(path)
        return run if run["status"] == "completed" else None

    async def _recorded(self, record: str, run: Json, url: str) -> RolledBack:
        won = run["conclusion"] == "success"
        await self._say(record, "success" if won else "failure", url)
        if not won:
            raise Retry(f"{url or 'the run'} ended with {run['conclusion']}")
        return RolledBack(took=instant(run["updated_at"]) - instant(run["run_started_at"]), url=url)

    async def _say(self, record: str, state: str, url: str) -> None:
        """The record only tells; what was done does not depend on it."""
        with suppress(Retry, Permanent):
            await self.api.post(f"{record}/statuses", {"state": state, "log_url": url})


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
