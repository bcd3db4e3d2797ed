"""Where messages go and stand."""

from domain.base import Frozen


class Place(Frozen):
    """Where a message goes: a room, or a thread in it."""

    platform: str
    room: str
    thread: str | None = None


class MessageRef(Frozen):
    """A message that was posted: enough to edit it or open a thread on it.

    ``direct`` where it stands in somebody's direct room, as the cards of pages do.
    """

    platform: str
    room: str
    message: str
    thread: str | None = None
    direct: bool = False
