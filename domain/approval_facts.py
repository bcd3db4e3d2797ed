"""What happens to an approval; on the incident's timeline where there is one behind it."""

from datetime import datetime
from typing import ClassVar

from domain.facts import Fact


class ApprovalAsked(Fact):
    """A guarded call was held; its line is the text."""

    kind: ClassVar[str] = "approval_asked"
    template: ClassVar[str] = "{by} asks for {approval}, plan {plan}, until {until}: {text}"
    approval: str
    plan: str
    until: datetime


class ApprovalGranted(Fact):
    """Somebody else agreed to the plan."""

    kind: ClassVar[str] = "approval_granted"
    template: ClassVar[str] = "{approval} approved by {by}, plan {plan}"
    approval: str
    plan: str


class ApprovalConfirmed(Fact):
    """A team of one confirmed its own rollback; nobody approved it."""

    kind: ClassVar[str] = "approval_confirmed"
    template: ClassVar[str] = "{approval} confirmed by {by}, who asked for it, plan {plan}"
    approval: str
    plan: str


class GlassBroken(Fact):
    """Nobody answered at night and it was done without an approval; the reason is the text."""

    kind: ClassVar[str] = "glass_broken"
    template: ClassVar[str] = "{by} broke glass on {approval}, plan {plan}: {text}"
    approval: str
    plan: str


class ApprovalDenied(Fact):
    """An approver said no, or whoever asked took it back; the reason is the text."""

    kind: ClassVar[str] = "approval_denied"
    template: ClassVar[str] = "{approval} denied by {by}: {text}"
    approval: str


class ApprovalExpired(Fact):
    """Nobody agreed in time, or what it would have done is no longer what was shown."""

    kind: ClassVar[str] = "approval_expired"
    template: ClassVar[str] = "{approval} expired: {reason}"
    approval: str
    reason: str


class ApprovalExecuted(Fact):
    """The held call was carried out, in this very commit."""

    kind: ClassVar[str] = "approval_executed"
    template: ClassVar[str] = "{approval} carried out for {person}"
    approval: str
    person: str
