"""Argo CD: an application is rolled back to an earlier sync of its history."""

from dataclasses import dataclass
from urllib.parse import quote

from domain.deployer import Asked, RollbackOrder, Seen
from domain.errors import Permanent
from integrations.pipelines.api import Api, Json, instant, nothing_done_yet, understood

OVER = ("Failed", "Error")


@dataclass(frozen=True)
class ArgoCdPipeline:
    """`domain.deployer.Deployer` by an application's history; auto-sync must be off for it."""

    api: Api
    name: str = "Argo CD"

    async def ask(self, order: RollbackOrder) -> Seen:
        """Find the sync of the commit, and ask for it."""
        path, where = _application(order)
        async with nothing_done_yet():
            known = await self.api.get(path, **where)
            wanted = _sync_of(known, order)
            before = _started(known)
        app = order.name.rpartition("/")[2]
        await self.api.post(f"{path}/rollback", {"name": app, "id": wanted, **where})
        return Seen(asked=Asked(note={"before": before}, said=f"sync {wanted} was asked for"))

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        """Whether it is synced and healthy."""
        path, where = _application(order)
        known = await self.api.get(path, **where)
        async with understood():
            if _started(known) in ("", asked.note["before"]):
                return Seen(asked=asked)
            return _state_of(known, order, asked)

    async def probe(self) -> None:
        """Whose token it is."""
        await self.api.get("/api/v1/session/userinfo")


def _application(order: RollbackOrder) -> tuple[str, dict[str, str]]:
    namespace, _, app = order.name.rpartition("/")
    where = {"appNamespace": namespace} if namespace else {}
    return f"/api/v1/applications/{quote(app, safe='')}", where


def _sync_of(known: Json, order: RollbackOrder) -> int:
    """The id of the newest sync of the commit. Raises `Permanent`."""
    history = known.get("status", {}).get("history") or []
    for sync in reversed(history):
        if order.commit and str(sync.get("revision")) == order.commit:
            return int(sync["id"])
    told = order.commit[:7] or "the version, whose commit is not known"
    raise Permanent(f"its history has no sync of {told}")


def _started(known: Json) -> str:
    return str(known.get("status", {}).get("operationState", {}).get("startedAt") or "")


def _revision(state: Json) -> str:
    """Which commit an operation brings: as it found out, else as it was asked to."""
    result = state.get("syncResult") or {}
    wanted = (state.get("operation") or {}).get("sync") or {}
    return str(result.get("revision") or wanted.get("revision") or "")


def _state_of(known: Json, order: RollbackOrder, before: Asked) -> Seen:
    """Our operation, as its notifications say it: the next one, if it is of our commit."""
    status = known["status"]
    state, health = status["operationState"], status.get("health", {}).get("status") or "unknown"
    phase, began = str(state["phase"]), instant(state["startedAt"])
    revision = _revision(state)
    if revision and revision != order.commit:
        asked = before.model_copy(update={"complete": True})
        return Seen(asked=asked, lost=f"another sync began (of {revision[:7]})")
    if not revision:
        return Seen(asked=before)
    name = f"{order.name}@{began.isoformat()}"
    told = {"names": (name,), "complete": True, "said": f"{phase}, health {health}"}
    asked = before.model_copy(update=told)
    if phase in OVER:
        return Seen(asked=asked, lost=f"{order.name} ended with {phase}")
    if phase == "Succeeded" and health == "Healthy":
        return Seen(asked=asked, took=instant(state["finishedAt"]) - began)
    return Seen(asked=asked)
