"""A Kubernetes API on loopback, shaped as apps/v1 is published: workloads, their revisions, one
patch, and a rollout that goes on from look to look."""

import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.one_request import Json, listening

BASE = "/apis/apps/v1/namespaces/data"
UID = "2f1f9a36-3c0b-4a55-9c0e-0a3b6f3a1c11"
SELECTOR = {"matchLabels": {"app": "trino"}}
WORKLOADS = {
    "deployments": ("Deployment", "replicasets", "ReplicaSet"),
    "statefulsets": ("StatefulSet", "controllerrevisions", "ControllerRevision"),
    "daemonsets": ("DaemonSet", "controllerrevisions", "ControllerRevision"),
}
NO_RIGHT = {
    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
    "message": 'deployments.apps "trino" is forbidden', "reason": "Forbidden", "code": 403,
}  # fmt: skip
TIMED_OUT = {
    "status": "False", "reason": "ProgressDeadlineExceeded",
    "message": 'ReplicaSet "trino-6f" has timed out progressing.',
}  # fmt: skip


def template(version: str, **labels: str) -> dict[str, Any]:
    """A pod's template with an image of a version."""
    containers = [{"name": "trino", "image": f"registry.example.com:5000/data/trino:{version}"}]
    return {
        "metadata": {"labels": {"app": "trino", **labels}},
        "spec": {"containers": containers, "restartPolicy": "Always"},
    }


@dataclass
class FakeCluster:
    """One workload of ``plural``, running v248, with v246 to v248 as its revisions.

    ``stuck`` rollouts never end, nor did the one before where it ``was_stuck``, of which it says
    so a little longer; ``refusal`` answers a patch instead; ``others`` change it after the patch,
    ``scaled`` is it by an autoscaler.
    """

    plural: str = "deployments"
    stuck: bool = False
    was_stuck: bool = False
    scaled: bool = False
    others: bool = False
    refusal: tuple[int, Json] | None = None
    patches: list[Any] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)
    looks: int = 0
    port: int = 0
    workload: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        kind, *_ = WORKLOADS[self.plural]
        self.workload = {
            "apiVersion": "apps/v1", "kind": kind,
            "metadata": {"name": "trino", "namespace": "data", "uid": UID, "generation": 7},
            "spec": {"replicas": 3, "selector": SELECTOR, "template": template("v248")},
            "status": {"observedGeneration": 7},
        }  # fmt: skip
        if kind == "DaemonSet":
            del self.workload["spec"]["replicas"]

    def answer(self, first: str, credential: str, body: bytes) -> tuple[int, Json]:
        """One request."""
        self.credentials.add(credential)
        method, address, _ = first.split(" ")
        path, _, query = address.partition("?")
        _, revisions, _ = WORKLOADS[self.plural]
        if path == f"{BASE}/{self.plural}/trino":
            return self._patched(json.loads(body)) if method == "PATCH" else (200, self._now())
        if path == f"{BASE}/{revisions}" and query == "labelSelector=app%3Dtrino":
            return 200, {"kind": "List", "items": self._revisions()}
        if path == "/version":
            return 200, {"major": "1", "minor": "34", "gitVersion": "v1.34.1"}
        return 404, NO_RIGHT | {"code": 404, "message": "not found", "reason": "NotFound"}

    def _patched(self, changes: Any) -> tuple[int, Json]:
        """A JSON patch, refused as a whole where its test fails."""
        self.patches.append(changes)
        if self.refusal:
            return self.refusal
        test, replace = (dict(one) for one in changes)
        about = self.workload["metadata"]
        assert test["path"] == "/metadata/generation"
        if test["value"] != about["generation"]:
            refused = NO_RIGHT | {"code": 422, "reason": "Invalid", "message": "test failed"}
            return 422, refused
        if replace["value"] != self.workload["spec"]["template"]:
            about["generation"] += 1
        self.workload["spec"]["template"] = replace["value"]
        patched = copy.deepcopy(self.workload)
        about["generation"] += self.others or self.scaled
        if self.others:
            self.workload["spec"]["template"] = template("v250")
        if self.scaled:
            self.workload["spec"]["replicas"] = 2
        return 200, patched

    def _now(self) -> Json:
        """Its controller has not seen a patch at the first look after it; later pods come up."""
        if self.patches:
            self.looks += 1
            self.workload["status"] = self._status(max(0, self.looks - 1))
        return self.workload

    def _status(self, step: int) -> dict[str, Any]:
        """At step 0 nothing is seen yet; pods come one by one, and each is ready a little later."""
        seen = self.workload["metadata"]["generation"] - (step == 0)
        new, ready = min(step, 3), max(0, min(3, step - 2))
        if self.workload["kind"] == "DaemonSet":
            return {
                "observedGeneration": seen, "desiredNumberScheduled": 3,
                "updatedNumberScheduled": new, "numberAvailable": ready,
            }  # fmt: skip
        done = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}
        if self.was_stuck and step < 2:
            done |= TIMED_OUT | {"lastUpdateTime": "2026-11-21T11:50:00Z"}
        elif self.stuck and step:
            done |= TIMED_OUT | {"lastUpdateTime": "2026-11-21T12:10:00Z"}
        return {
            "observedGeneration": seen, "replicas": 4 if step == 3 else 3, "updatedReplicas": new,
            "availableReplicas": ready, "conditions": [done],
        }  # fmt: skip

    def _revisions(self) -> list[Json]:
        return [self._revision(number, f"v{245 + number}") for number in (1, 2, 3)] + [
            {"metadata": {"name": "orphan"}, "spec": {"template": template("v247")}}
        ]

    def _revision(self, number: int, version: str) -> Json:
        _, _, kind = WORKLOADS[self.plural]
        owner = {"apiVersion": "apps/v1", "kind": self.workload["kind"], "uid": UID}
        about: dict[str, Any] = {
            "name": f"trino-{number}", "ownerReferences": [owner | {"controller": True}],
        }  # fmt: skip
        if kind == "ControllerRevision":
            data = {"spec": {"template": template(version) | {"$patch": "replace"}}}
            return {"kind": kind, "metadata": about, "revision": number, "data": data}
        about["annotations"] = {"deployment.kubernetes.io/revision": str(number)}
        spec = {"template": template(version, **{"pod-template-hash": f"6f{number}"})}
        return {"kind": kind, "metadata": about, "spec": spec}


@asynccontextmanager
async def fake_cluster(plural: str = "deployments") -> AsyncIterator[FakeCluster]:
    """A server for the length of the block."""
    fake = FakeCluster(plural)
    async with listening(fake.answer) as port:
        fake.port = port
        yield fake
