"""What an approval owes: its cards, its end, and the next approver to be paged."""

from typing import ClassVar

from domain.job import Job, Lane
from domain.ports import Place


class ShowApproval(Job):
    """Redraw the approval's cards, and post those that are missing."""

    kind: ClassVar[str] = "show_approval"
    priority: ClassVar[int] = 30
    approval: str


class ShowApprovalIn(Job):
    """Post or redraw one card of the approval, in a room or thread."""

    kind: ClassVar[str] = "show_approval_in"
    priority: ClassVar[int] = 30
    approval: str
    place: Place


class ShowApprovalTo(Job):
    """Post or redraw one card of the approval, in a person's direct room.

    ``tried`` are chats that refused it.
    """

    kind: ClassVar[str] = "show_approval_to"
    priority: ClassVar[int] = 30
    approval: str
    user: str
    tried: tuple[str, ...] = ()


class ExpireApproval(Job):
    """End the approval if nobody has decided by now."""

    kind: ClassVar[str] = "expire_approval"
    approval: str


class PageApprover(Job):
    """Page the ``n``-th approver during an open SEV1-SEV2, two minutes after the one before."""

    kind: ClassVar[str] = "page_approver"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 20
    approval: str
    n: int


class TellBroken(Job):
    """Say that glass was broken: in the room of security, or to an approver who was paged."""

    kind: ClassVar[str] = "tell_broken"
    approval: str
    place: Place | None = None
    user: str | None = None
