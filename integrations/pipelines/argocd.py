"""Argo CD: an application is rolled back to an earlier sync of its history."""

from dataclasses import dataclass
from urllib.parse import quote

from domain.errors import Permanent, Retry
from domain.ports import RollbackOrder, RolledBack
from integrations.pipelines.api import Api, Json, Patience, instant, nothing_done_yet

OVER = ("Failed", "Error")


@dataclass(frozen=True)
class ArgoCdPipeline:
    """`domain.ports.Deployer` by an application's history; auto-sync must be off for it."""

    api: Api
    patience: Patience
    name: str = "Argo CD"

    async def roll_back(self, order: RollbackOrder) -> RolledBack:
        """Find the sync of the commit, ask for it, wait until it is synced and healthy."""
        namespace, _, app = order.name.rpartition("/")
        path = f"/api/v1/applications/{quote(app, safe='')}"
        where = {"appNamespace": namespace} if namespace else {}
        async with nothing_done_yet():
            known = await self.api.get(path, **where)
            wanted = _sync_of(known, order)
            before = _started(known)
        await self.api.post(f"{path}/rollback", {"name": app, "id": wanted, **where})

        async def ended() -> Json:
            now = await self.api.get(path, **where)
            return now if _started(now) != before and _over(now) else None

        state = (await self.patience.until(ended, app))["status"]["operationState"]
        if state["phase"] in OVER:
            raise Retry(f"{app} ended with {state['phase']}")
        return RolledBack(took=instant(state["finishedAt"]) - instant(state["startedAt"]))


def _sync_of(known: Json, order: RollbackOrder) -> int:
    """The id of the newest sync of the commit. Raises `Permanent`."""
    history = known.get("status", {}).get("history") or []
    for sync in reversed(history):
        if order.commit and str(sync.get("revision")) == order.commit:
            return int(sync["id"])
    told = order.commit[:7] or "the version, whose commit is not known"
    raise Permanent(f"its history has no sync of {told}")


def _started(known: Json) -> Json:
    return known.get("status", {}).get("operationState", {}).get("startedAt")


def _over(known: Json) -> bool:
    status = known["status"]
    phase = status["operationState"]["phase"]
    healthy = status.get("health", {}).get("status") == "Healthy"
    return phase in OVER or (phase == "Succeeded" and healthy)
