"""Kubernetes: a workload gets the template of an earlier revision back, as by ``rollout undo``.

Asked are a workload, its ReplicaSets or ControllerRevisions, one patch, and the workload again.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx2

from domain.deployer import Asked, RollbackOrder, Seen
from domain.errors import Permanent, Retry
from domain.ports import Clock
from integrations.notify.reached import PATIENCE_S, need_taken, reached
from integrations.pipelines.api import Json, instant, nothing_done_yet, understood
from integrations.pipelines.cluster import Cluster

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
VERSION = "app.kubernetes.io/version"
KINDS = {
    "deployment": "deployments", "statefulset": "statefulsets", "daemonset": "daemonsets",
}  # fmt: skip
UNSEEN = "the cluster has not seen it yet"
PATCH = {"Content-Type": "application/json-patch+json"}


@dataclass(frozen=True)
class Revision:
    """An earlier template of a workload, by its number."""

    number: int
    template: Json


@dataclass(frozen=True)
class KubernetesPipeline:
    """`domain.deployer.Deployer` by undoing a rollout; ``find`` says where the cluster is now."""

    find: Callable[[], Cluster]
    clock: Clock
    name: str = "Kubernetes"

    async def ask(self, order: RollbackOrder) -> Seen:
        """Find the revision whose image is the version, and put its template in place, unless the
        workload was changed since it was looked at."""
        path = _path(order)
        async with nothing_done_yet():
            known = await self._get(path)
            wanted = _wanted(await self._revisions(order, known), known, order.version)
            generation = int(known["metadata"]["generation"])
        changes = [
            {"op": "test", "path": "/metadata/generation", "value": generation},
            {"op": "replace", "path": "/spec/template", "value": wanted.template},
        ]
        patched = await self._ask("PATCH", path, json=changes, headers=PATCH)
        made = _generation(patched)
        if made == generation:
            raise Permanent(f"revision {wanted.number} is what runs already")
        note = {"template": _template(patched), "since": self.clock.now().isoformat()}
        said = f"revision {wanted.number} was put in place"
        return Seen(asked=Asked(complete=True, note=note, said=said))

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        """Whether its pods are those of the revision, and ready."""
        async with understood():
            now = await self._get(_path(order))
            if _template(now) != asked.note["template"]:
                return Seen(asked=asked, lost="somebody else changed its template since")
            return self._state_of(now, asked)

    async def probe(self) -> None:
        """Which version it is, as far as our account may ask."""
        await self._get("/version")

    def _state_of(self, now: Json, before: Asked) -> Seen:
        since, waits = instant(before.note["since"]), _waits(now)
        stuck = "" if waits == UNSEEN else _stuck(now, since)
        asked = before.model_copy(update={"said": waits or "its pods are ready"})
        if stuck:
            return Seen(asked=asked, lost=stuck)
        if waits:
            return Seen(asked=asked)
        took = self.clock.now() - since
        return Seen(asked=asked, took=max(took, timedelta()))

    async def _revisions(self, order: RollbackOrder, known: Json) -> list[Revision]:
        """All that are kept of a workload. Raises `KeyError` for an odd answer."""
        namespace, kind, _ = order.name.split("/")
        what = "replicasets" if kind == "deployment" else "controllerrevisions"
        labels = known["spec"]["selector"].get("matchLabels") or {}
        selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
        path = f"/apis/apps/v1/namespaces/{namespace}/{what}"
        answer = await self._ask("GET", path, params={"labelSelector": selector})
        owned = (one for one in answer["items"] if _owner(one) == known["metadata"]["uid"])
        return [_revision(one, kind) for one in owned]

    async def _get(self, path: str) -> Json:
        return await self._ask("GET", path)

    async def _ask(self, method: str, path: str, **told: Any) -> Json:
        cluster = self.find()
        headers = cluster.headers | told.pop("headers", {})
        async with (
            reached(self.name),
            httpx2.AsyncClient(
                base_url=cluster.url,
                headers=headers,
                verify=cluster.trust,
                timeout=PATIENCE_S,
                trust_env=False,
            ) as client,
        ):
            answer = await client.request(method, path, **told)
            need_taken(answer, self.name, "message")
            try:
                return answer.json()
            except ValueError as wrong:
                raise Retry(f"{self.name} answered no JSON") from wrong


def _path(order: RollbackOrder) -> str:
    namespace, kind, name = order.name.split("/")
    return f"/apis/apps/v1/namespaces/{namespace}/{KINDS[kind]}/{name}"


def _generation(patched: Json) -> int:
    """What the patch made. Raises `Retry`: it was asked for, and nobody knows."""
    try:
        return int(patched["metadata"]["generation"])
    except (KeyError, TypeError, ValueError) as odd:
        raise Retry("its answer to the patch was not understood") from odd


def _template(workload: Json) -> str:
    """By what a template is known again; a scaler may change the replicas beside it. Raises
    `Retry`."""
    try:
        told = json.dumps(workload["spec"]["template"], sort_keys=True)
    except (KeyError, TypeError) as odd:
        raise Retry("its template is missing from an answer") from odd
    return sha256(told.encode()).hexdigest()


def _owner(one: Json) -> str:
    owners = one["metadata"].get("ownerReferences") or []
    return next((str(each["uid"]) for each in owners if each.get("controller")), "")


def _revision(one: Json, kind: str) -> Revision:
    if kind != "deployment":
        template = dict(one["data"]["spec"]["template"])
        template.pop("$patch", None)
        return Revision(int(one["revision"]), template)
    template = dict(one["spec"]["template"])
    about = dict(template.get("metadata") or {})
    labels = {name: told for name, told in (about.get("labels") or {}).items() if name != HASH}
    number = one["metadata"].get("annotations", {}).get(REVISION) or 0
    return Revision(int(number), template | {"metadata": about | {"labels": labels}})


def _wanted(revisions: list[Revision], known: Json, version: str) -> Revision:
    """The newest that is of the version. Raises `Permanent`."""
    fitting = [one for one in revisions if version in _versions(one.template)]
    if version in _versions(known["spec"]["template"]):
        raise Permanent(f"{version} is what it runs already")
    if not fitting:
        raise Permanent(f"none of its {len(revisions)} revisions has an image of {version}")
    return max(fitting, key=lambda one: one.number)


def _versions(template: Json) -> set[str]:
    """What a template calls itself: the tags of its images, and its label of a version."""
    label = ((template.get("metadata") or {}).get("labels") or {}).get(VERSION)
    return {*_tags(template), *([str(label)] if label else [])}


def _tags(template: Json) -> Iterator[str]:
    for container in template["spec"]["containers"]:
        name = str(container.get("image") or "").partition("@")[0].rsplit("/", 1)[-1]
        if tag := name.partition(":")[2]:
            yield tag


def _stuck(now: Json, since: datetime) -> str:
    """Why it will not get further, by its own word; not by one about what ran before."""
    for one in now.get("status", {}).get("conditions") or []:
        if one.get("type") != "Progressing" or one.get("reason") != "ProgressDeadlineExceeded":
            continue
        told = one.get("lastUpdateTime")
        if told is None or instant(told) >= since:
            return str(one.get("message") or "its progress deadline is exceeded")
    return ""


def _waits(now: Json) -> str:
    """What a rollout still waits for, as ``kubectl rollout status`` sees it; empty once it is
    through."""
    status = now.get("status") or {}
    if int(status.get("observedGeneration") or 0) < int(now["metadata"]["generation"]):
        return UNSEEN
    if now["kind"] == "DaemonSet":
        wanted, ready = status["desiredNumberScheduled"], status.get("numberAvailable") or 0
        updated, old = status.get("updatedNumberScheduled") or 0, 0
    else:
        wanted, updated = now["spec"].get("replicas", 1), status.get("updatedReplicas") or 0
        ready = status.get("availableReplicas") or 0
        old = (status.get("replicas") or 0) - updated
    if updated < wanted:
        return f"{updated} of {wanted} pods are of the revision"
    if old > 0:
        return f"{old} old pods still end"
    return "" if ready >= wanted else f"{ready} of {wanted} pods are ready"
