"""What a handoff owes, and what can happen to it."""

from datetime import datetime
from typing import ClassVar

from domain.facts import Fact
from domain.job import Job, Lane


class PlanHandoffs(Job):
    """Look when each schedule changes hands next."""

    kind: ClassVar[str] = "plan_handoffs"
    lane: ClassVar[Lane] = "slow"


class ShowHandoff(Job):
    """Post or redraw the handoff in a person's direct room; ``tried`` are chats that refused.

    ``standing`` only redraws what was posted before.
    """

    kind: ClassVar[str] = "show_handoff"
    priority: ClassVar[int] = 40
    handoff: str
    user: str
    standing: bool = False
    tried: tuple[str, ...] = ()


class BeginHandoff(Job):
    """The shift has moved."""

    kind: ClassVar[str] = "begin_handoff"
    handoff: str


class RemindHandoff(Job):
    """Nobody has said that they are on: tell those who left, then the team's lead."""

    kind: ClassVar[str] = "remind_handoff"
    handoff: str
    lead: bool = False


class ShiftNoted(Fact):
    """Somebody left words to the next shift; they are the text."""

    kind: ClassVar[str] = "shift_noted"
    template: ClassVar[str] = "{by} left a note to the next shift: {text}"
    handoff: str


class HandoffConfirmed(Fact):
    """Whoever goes on call has said so."""

    kind: ClassVar[str] = "handoff_confirmed"
    template: ClassVar[str] = "{by} is on, for the shift that begins {starts}"
    handoff: str
    starts: datetime
