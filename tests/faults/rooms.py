"""A chat that lives in memory: it keeps every message that reached a room, with its key."""

from domain.message import Message
from domain.ports import Clock, Ids, MessageRef, Place, RoomSpec
from tests.faults.evidence import Post


class Rooms:
    """A channel that can be asked for a key, and is asked before it posts again."""

    platform = "console"

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self.clock = clock
        self.ids = ids
        self.posts: list[Post] = []

    async def post(self, place: Place, message: Message, key: str) -> MessageRef:
        return self._ref(place, self._find(key) or self._keep(place, key))

    async def edit(self, ref: MessageRef, message: Message) -> None:
        assert any(post.id == ref.message for post in self.posts), "edited what is not there"

    async def direct(self, user: str) -> Place:
        return Place(platform=self.platform, room=f"dm-{user}")

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
