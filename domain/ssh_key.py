"""Keys by which Tocsin logs in on servers, kept encrypted; their public half says which it is."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from domain.base import Frozen
from domain.facts import Fact

KEY_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class SshKey(Frozen):
    """``sealed`` is the private key as only the secret key opens it; ``certificate`` as OpenSSH
    writes it, where there is one."""

    id: Annotated[str, Field(pattern=KEY_NAME)]
    sealed: str
    public_key: str
    certificate: str | None = None
    kept_at: datetime


class SshKeyKept(Fact):
    """A key for servers was taken in, or taken away again."""

    kind: ClassVar[str] = "ssh_key_kept"
    template: ClassVar[str] = "{by}: {action} SSH key {name} {fingerprint}"
    action: str
    name: str
    fingerprint: str
