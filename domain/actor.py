"""Who is asking: a person, seen through one account, with roles and the scopes of a token."""

from datetime import datetime
from enum import StrEnum

from domain.base import Frozen


class Role(StrEnum):
    """Default rights grow from outsider to commander; admin stands beside them."""

    OUTSIDER = "outsider"
    MEMBER = "member"
    VIEWER = "viewer"
    RESPONDER = "responder"
    COMMANDER = "commander"
    ADMIN = "admin"


class Binding(Frozen):
    """A role given to a person or a group (``group:sre``), everywhere (``team`` None) or for one
    team."""

    subject: str
    role: Role
    team: str | None = None


class Scope(StrEnum):
    """What a token may be used for; ``approve`` is never implied by another."""

    EVENTS = "events"
    READ = "read"
    PAGE = "page"
    WRITE = "write"
    APPROVE = "approve"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)


class Actor(Frozen):
    """``user`` is the Tocsin person's id; None for an account that is linked to nobody.

    ``account`` is the key of the chat account they speak through, ``slack:T1:U1``, None elsewhere;
    ``proven`` is False where only an e-mail address says whose it is.
    ``logged_in_at`` is when their session began, None where they came by a token or a chat.
    """

    user: str | None
    name: str
    account: str | None = None
    proven: bool = True
    bindings: tuple[Binding, ...] = ()
    scopes: frozenset[Scope] = ALL_SCOPES
    bot: bool = False
    timezone: str = "UTC"
    logged_in_at: datetime | None = None

    @property
    def by(self) -> str:
        """How facts and audit rows name the actor."""
        account = f"{self.name} ({self.account})" if self.account else self.name
        return self.user or f"account:{account}"


SYSTEM = Actor(user="tocsin", name="Tocsin", bot=True)
