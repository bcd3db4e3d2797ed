"""Where a Kubernetes cluster is and how we are let in: a kubeconfig file, or the pod's own account.

Only what needs no program is read: a token, a file with one, or a client certificate.
"""

import base64
import binascii
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from domain.errors import Permanent

WITHIN = "https://kubernetes.default.svc"
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
Table = dict[str, Any]


@dataclass(frozen=True)
class Cluster:
    """``token`` is read anew each time where it stands in ``token_file``: those are renewed."""

    url: str
    token: str = ""
    token_file: Path | None = None
    trust: ssl.SSLContext | bool = True

    @property
    def headers(self) -> dict[str, str]:
        """How a request shows whose it is. Raises `Permanent`."""
        try:
            token = self.token_file.read_text().strip() if self.token_file else self.token
        except OSError as error:
            raise Permanent(f"the token of the cluster cannot be read: {error.strerror}") from error
        return {"Authorization": f"Bearer {token}"} if token else {}


def in_cluster(account: Path = ACCOUNT) -> Cluster:
    """By the account of the pod that we run in, at the name that every cluster gives its API.
    Raises `Permanent`."""
    authority = account / "ca.crt"
    if not authority.exists():
        raise Permanent("this is no pod: set kubernetes.kubeconfig to a file")
    trust = ssl.create_default_context(cafile=str(authority))
    return Cluster(WITHIN, token_file=account / "token", trust=trust)


def by_file(path: Path, context: str) -> Cluster:
    """By a ``context`` of a kubeconfig file; the one that it calls current may be another at any
    time. Raises `Permanent` with what is wrong, and nothing of what stands there."""
    if not context:
        raise Permanent("set kubernetes.context: which context of the kubeconfig is meant")
    try:
        told = yaml.safe_load(path.read_text())
        about = _named(told["contexts"], context)["context"]
        cluster = _named(told["clusters"], about["cluster"])["cluster"]
        user = _named(told["users"], about["user"])["user"]
        return _cluster(path.parent, cluster, user)
    except OSError as error:
        raise Permanent(f"{path} cannot be read: {error.strerror or 'no certificate'}") from error
    except (KeyError, TypeError, ValueError, StopIteration, yaml.YAMLError) as odd:
        raise Permanent(f"{path} is no kubeconfig that can be used here") from odd


def _named(among: list[Table], name: str) -> Table:
    return next(one for one in among if one["name"] == name)


def _cluster(home: Path, cluster: Table, user: Table) -> Cluster:
    url = str(cluster["server"]).rstrip("/")
    if "exec" in user or "auth-provider" in user:
        raise Permanent("a program that gives the credentials is not run: use a token")
    if any(name == "as" or name.startswith("as-") for name in user):
        raise Permanent("a user that acts as another (as) is not used: use a token of its own")
    file = user.get("tokenFile")
    return Cluster(
        url=url,
        token=str(user.get("token") or ""),
        token_file=home / str(file) if file else None,
        trust=_trust(home, cluster, user) if url.startswith("https:") else True,
    )


def _trust(home: Path, cluster: Table, user: Table) -> ssl.SSLContext:
    """Whom we believe to be the cluster, and the certificate we show."""
    if cluster.get("insecure-skip-tls-verify"):
        raise Permanent("a cluster whose certificate is not checked is not asked")
    authority = _document(home, cluster, "certificate-authority")
    trust = ssl.create_default_context(cadata=authority or None)
    certificate, key = user.get("client-certificate"), user.get("client-key")
    if certificate and key:
        trust.load_cert_chain(home / str(certificate), home / str(key))
    elif "client-certificate-data" in user:
        raise Permanent("write the client's certificate and key as files, not into the kubeconfig")
    return trust


def _document(home: Path, told: Table, name: str) -> str:
    """What stands in the file itself, or in the one that it names."""
    if inline := told.get(f"{name}-data"):
        try:
            return base64.b64decode(str(inline), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as odd:
            raise ValueError(f"{name}-data is not base64") from odd
    return (home / str(told[name])).read_text() if told.get(name) else ""
