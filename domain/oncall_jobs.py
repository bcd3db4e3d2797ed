"""What a change of who is on call owes."""

from typing import ClassVar

from domain.job import Job, Lane
from domain.message import Message


class TellStandIn(Job):
    """Tell a person that somebody else has put them on call, or taken their place."""

    kind: ClassVar[str] = "tell_stand_in"
    priority: ClassVar[int] = 40
    schedule: str
    override: str
    user: str
    tried: tuple[str, ...] = ()


class LookAtGroups(Job):
    """Look whether every chat's groups hold who is on call now."""

    kind: ClassVar[str] = "look_at_groups"
    priority: ClassVar[int] = 60


class HoldGroup(Job):
    """Let a chat's group hold who is on call for a schedule."""

    kind: ClassVar[str] = "hold_group"
    priority: ClassVar[int] = 60
    schedule: str
    platform: str


class GuardCoverage(Job):
    """Look whether somebody who can be woken is on call in the coming days."""

    kind: ClassVar[str] = "guard_coverage"
    lane: ClassVar[Lane] = "slow"


class TellOnCall(Job):
    """Tell a person something about being on call, once for ``key``; no incident's words."""

    kind: ClassVar[str] = "tell_on_call"
    priority: ClassVar[int] = 40
    user: str
    message: Message
    key: str
    tried: tuple[str, ...] = ()
