"""A chat that lives in memory: it keeps every message that reached a room, with its key."""

from collections import deque
from datetime import timedelta
from typing import Literal

from domain.errors import Permanent, Retry
from domain.message import Message
from domain.ports import Clock, Ids, MessageRef, Place, RoomSpec
from tests.faults.evidence import Post

Trouble = Literal["busy", "cut", "no"]
BUSY = timedelta(seconds=20)


class Rooms:
    """A channel that can be asked for a key, and is asked before it posts again.

    ``trouble`` is what becomes of the next messages: ``busy`` (429), ``cut`` (taken, and no
    answer came) or ``no``.
    """

    platform = "console"

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self.clock = clock
        self.ids = ids
        self.posts: list[Post] = []
        self.trouble: deque[Trouble] = deque()

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        trouble = self.trouble.popleft() if self.trouble else None
        if trouble == "no":
            raise Permanent("channel_not_found")
        if trouble == "busy":
            raise Retry("429", BUSY)
        ref = self._ref(place, self._find(key) or self._keep(place, key))
        if trouble == "cut":
            raise Retry("the connection was cut")
        return ref

    async def edit(self, ref: MessageRef, message: Message) -> None:
        assert any(post.id == ref.message for post in self.posts), "edited what is not there"

    async def direct(self, user: str) -> Place:
        return Place(platform=self.platform, room=f"dm-{user}")

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Everybody is there."""

    async def pin(self, ref: MessageRef) -> None:
        """Nothing moves here."""

    async def archive(self, place: Place) -> None:
        """Nothing is lost here."""

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:
        """There are none here."""

    async def is_silent(self, user: str) -> bool:
        """Everybody hears."""
        return False

    async def probe(self) -> None:
        """It is always there."""

    async def open_room(self, spec: RoomSpec) -> Place:
        return Place(platform=self.platform, room=spec.name)

    def _find(self, key: str) -> Post | None:
        return next((post for post in self.posts if post.key == key), None)

    def _keep(self, place: Place, key: str) -> Post:
        post = Post(id=self.ids.new(), key=key, room=place.room, at=self.clock.now())
        self.posts.append(post)
        return post

    def _ref(self, place: Place, post: Post) -> MessageRef:
        return MessageRef(
            platform=self.platform, room=place.room, message=post.id, thread=place.thread
        )
