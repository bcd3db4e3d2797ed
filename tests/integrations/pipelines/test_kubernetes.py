"""A rollout is undone by one patch, and followed as ``kubectl rollout status`` would."""

from pathlib import Path

import pytest
import yaml

from domain.deployer import RollbackOrder, Seen
from domain.errors import Permanent, Retry
from integrations.pipelines.cluster import by_file, in_cluster
from integrations.pipelines.kubernetes import KubernetesPipeline
from tests.fakes.kubernetes_api import NO_RIGHT, FakeCluster, fake_cluster, template
from tests.fakes.stores import StillClock

KINDS = {"deployments": "deployment", "statefulsets": "statefulset", "daemonsets": "daemonset"}


def order(version: str = "v247", kind: str = "deployment") -> RollbackOrder:
    return RollbackOrder(
        key="DEP-14", service="trino", environment="prod", version=version, source="kubernetes",
        name=f"data/{kind}/trino",
    )  # fmt: skip


def kubeconfig(home: Path, port: int, **user: object) -> Path:
    """A file as ``kubectl config view`` prints it."""
    told = {
        "apiVersion": "v1", "kind": "Config", "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "tocsin"}}],
        "clusters": [{"name": "prod", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "tocsin", "user": user or {"token": "the-token"}}],
    }  # fmt: skip
    file = home / "kubeconfig"
    file.write_text(yaml.safe_dump(told))
    return file


def pipeline(home: Path, cluster: FakeCluster) -> KubernetesPipeline:
    file = kubeconfig(home, cluster.port)
    return KubernetesPipeline(lambda: by_file(file, "prod"), StillClock())


async def followed(made: KubernetesPipeline, wanted: RollbackOrder) -> tuple[Seen, list[str]]:
    """Asked once and looked at to its end, with what was said on the way."""
    seen = await made.ask(wanted)
    said = [seen.asked.said]
    while seen.took is None and not seen.lost:
        seen = await made.look(wanted, seen.asked)
        said.append(seen.asked.said)
    return seen, said


@pytest.mark.parametrize("plural", KINDS)
async def test_a_rollout_is_undone_and_followed(plural: str, tmp_path: Path) -> None:
    """The newest revision of the version, without what the controller adds, and unless somebody
    changed the workload meanwhile."""
    async with fake_cluster(plural) as cluster:
        made = pipeline(tmp_path, cluster)
        seen, said = await followed(made, order(kind=KINDS[plural]))
        assert seen.took is not None
        assert said[0] == "revision 2 was put in place"
        assert "the cluster has not seen it yet" in said
        assert "1 of 3 pods are of the revision" in said
        assert "2 of 3 pods are ready" in said
        assert said[-1] == "its pods are ready"
        (changes,) = cluster.patches
        assert changes == [
            {"op": "test", "path": "/metadata/generation", "value": 7},
            {"op": "replace", "path": "/spec/template", "value": template("v247")},
        ]
        assert cluster.credentials == {"Bearer the-token"}
        await made.probe()


async def test_what_cannot_be_undone_did_nothing(tmp_path: Path) -> None:
    """No such revision, what runs already, no right, changed since: a plain no."""
    async with fake_cluster() as cluster:
        made = pipeline(tmp_path, cluster)
        for version, words in (("v1", "none of its 3 revisions"), ("v248", "runs already")):
            with pytest.raises(Permanent, match=words):
                await made.ask(order(version))
        assert cluster.patches == []
        with pytest.raises(Permanent, match="404 not found"):
            await made.ask(order(kind="daemonset"))
        cluster.refusal = (403, NO_RIGHT)
        with pytest.raises(Permanent, match=r"403 deployments.apps .* is forbidden"):
            await made.ask(order())
        cluster.refusal = (422, NO_RIGHT | {"message": "test failed"})
        with pytest.raises(Permanent, match="test failed"):
            await made.ask(order())
        cluster.refusal = (200, {"metadata": {"generation": 7}})
        with pytest.raises(Permanent, match="revision 2 is what runs already"):
            await made.ask(order())


async def test_what_was_asked_for_and_nobody_understands_is_unknown(tmp_path: Path) -> None:
    """A server error at the patch, an odd answer to it, a rollout that is stuck, another's."""
    async with fake_cluster() as cluster:
        made = pipeline(tmp_path, cluster)
        for refusal in ((503, NO_RIGHT), (200, {"kind": "Status"})):
            cluster.refusal = refusal
            with pytest.raises(Retry):
                await made.ask(order())
        cluster.refusal, cluster.stuck = None, True
        seen, _ = await followed(made, order())
        assert seen.lost == 'ReplicaSet "trino-6f" has timed out progressing.'
    async with fake_cluster() as cluster:
        cluster.others = True
        seen, _ = await followed(pipeline(tmp_path, cluster), order())
        assert seen.lost == "somebody else changed its template since"
    with pytest.raises(Retry, match="Kubernetes: ConnectError"):
        await pipeline(tmp_path, cluster).look(order(), seen.asked)


async def test_what_ran_before_and_an_autoscaler_say_nothing_of_ours(tmp_path: Path) -> None:
    """The bad version's own timeout stands there until ours gets further; and another number of
    replicas is no other version."""
    async with fake_cluster() as cluster:
        cluster.was_stuck = cluster.scaled = True
        seen, said = await followed(pipeline(tmp_path, cluster), order())
        assert (seen.lost, seen.took is not None) == ("", True)
        assert "1 of 2 pods are of the revision" in said


def test_how_a_cluster_is_found(tmp_path: Path) -> None:
    """By a token, or a file with one, read at each use; programs and open doors are refused."""
    (tmp_path / "token").write_text("renewed\n")
    kept = by_file(kubeconfig(tmp_path, 1, tokenFile="token"), "prod")
    assert kept.headers == {"Authorization": "Bearer renewed"}
    (tmp_path / "token").unlink()
    with pytest.raises(Permanent, match="token of the cluster cannot be read"):
        assert kept.headers
    assert by_file(kubeconfig(tmp_path, 1, username="x"), "prod").headers == {}
    with pytest.raises(Permanent, match="a program that gives the credentials is not run"):
        by_file(kubeconfig(tmp_path, 1, exec={"command": "aws"}), "prod")
    with pytest.raises(Permanent, match=r"set kubernetes.context"):
        by_file(kubeconfig(tmp_path, 1), "")
    for name in ("as", "as-groups"):
        with pytest.raises(Permanent, match="a user that acts as another"):
            by_file(kubeconfig(tmp_path, 1, token="t", **{name: ["admin"]}), "prod")
    with pytest.raises(Permanent, match="is no kubeconfig that can be used here"):
        by_file(kubeconfig(tmp_path, 1), "staging")
    with pytest.raises(Permanent, match="cannot be read"):
        by_file(tmp_path / "none", "prod")
    with pytest.raises(Permanent, match="this is no pod"):
        in_cluster(tmp_path)


SECURE = [
    ({"insecure-skip-tls-verify": True}, {}, "is not checked is not asked"),
    ({"certificate-authority-data": "%"}, {}, "is no kubeconfig that can be used"),
    ({"certificate-authority": "none.crt"}, {}, "cannot be read"),
    ({}, {"client-certificate-data": "eA=="}, "as files, not into the kubeconfig"),
    ({}, {"client-certificate": "a.crt", "client-key": "a.key"}, "cannot be read"),
]


@pytest.mark.parametrize(("cluster", "user", "words"), SECURE)
def test_whom_we_believe_to_be_the_cluster(
    cluster: dict[str, object], user: dict[str, object], words: str, tmp_path: Path
) -> None:
    """Only one whose certificate holds, and only with credentials that need no program."""
    file = kubeconfig(tmp_path, 1)
    told = yaml.safe_load(file.read_text())
    told["clusters"][0]["cluster"] = {"server": "https://k8s.example.com:6443"} | cluster
    told["users"][0]["user"] = user
    file.write_text(yaml.safe_dump(told))
    with pytest.raises(Permanent, match=words):
        by_file(file, "prod")
    told["clusters"][0]["cluster"] = {"server": "https://k8s.example.com:6443"}
    told["users"][0]["user"] = {"token": "t"}
    file.write_text(yaml.safe_dump(told))
    assert by_file(file, "prod").url == "https://k8s.example.com:6443"
