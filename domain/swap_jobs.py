"""What a swap owes, and what can happen to it."""

from datetime import datetime
from typing import ClassVar

from domain.facts import Fact
from domain.job import Job


class ShowSwap(Job):
    """Post or redraw the swap in a person's direct room; ``tried`` are chats that refused it."""

    kind: ClassVar[str] = "show_swap"
    priority: ClassVar[int] = 40
    swap: str
    user: str
    tried: tuple[str, ...] = ()


class TellSwap(Job):
    """Tell a person what is new about the swap: ``news`` is ``ended`` or ``reminder``."""

    kind: ClassVar[str] = "tell_swap"
    priority: ClassVar[int] = 40
    swap: str
    user: str
    news: str
    tried: tuple[str, ...] = ()


class RemindSwap(Job):
    """Ask whoever has not answered once more."""

    kind: ClassVar[str] = "remind_swap"
    swap: str


class ExpireSwap(Job):
    """The time has begun and nobody has accepted."""

    kind: ClassVar[str] = "expire_swap"
    swap: str


class SwapOffered(Fact):
    """Somebody offers a time on call."""

    kind: ClassVar[str] = "swap_offered"
    template: ClassVar[str] = "{by} offered {swap}: {starts} to {ends} {text}"
    swap: str
    starts: datetime
    ends: datetime


class SwapEnded(Fact):
    """Somebody accepted, everybody declined, or it was taken back or too late."""

    kind: ClassVar[str] = "swap_ended"
    template: ClassVar[str] = "{swap} of {asker} was {status} {taken_by}"
    swap: str
    asker: str
    status: str
    taken_by: str = ""
