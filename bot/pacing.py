"""An outside chat at a pace that its rooms and its platform bear."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from bot.passing import PassingChat
from domain.errors import Retry, TooSoon
from domain.message import Message
from domain.pace import Pace
from domain.place import MessageRef, Place

Answer = TypeVar("Answer")
MOST_KNOWN = 1000


@dataclass
class PacedChat(PassingChat):
    """Another chat; a room that has had enough raises `TooSoon` before anything is tried.

    Whoever is told to wait has its turn then, in the order of asking. Direct rooms have no pace of
    ours: a page overtakes every queue. Whatever room a platform asks to leave alone for a while is
    left alone. ``seconds`` is a clock that never goes back.
    """

    seconds: Callable[[], float]
    rooms: dict[str, Pace] = field(default_factory=dict)
    turns: dict[tuple[str, str], float] = field(default_factory=dict)
    direct_rooms: set[str] = field(default_factory=set)

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post when it is the room's turn."""
        direct = place.room in self.direct_rooms
        self._take_turn(place.room, key, direct=direct)
        posting = self.chat.post(place, message, key, again=again)
        posted = await self._heeded(place.room, posting)
        return posted.model_copy(update={"direct": direct})

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace when it is the room's turn."""
        direct = ref.direct or ref.room in self.direct_rooms
        self._take_turn(ref.room, f"edit:{ref.message}", direct=direct)
        await self._heeded(ref.room, self.chat.edit(ref, message))

    async def direct(self, user: str) -> Place:
        """The person's direct room."""
        place = await self.chat.direct(user)
        self.direct_rooms.add(place.room)
        return place

    def _take_turn(self, room: str, what: str, *, direct: bool) -> None:
        now, pace = self.seconds(), self.rooms.get(room, Pace())
        if direct:
            self._need_open(pace.closed - now)
            return
        turn = self.turns.pop((room, what), None)
        if turn is None:
            self._remember(room, pace.taken(now))
        wait = max(pace.wait(now) if turn is None else turn - now, pace.closed - now)
        if wait > 0:
            self.turns[room, what] = now + wait
            raise TooSoon(f"{self.platform} takes no more in that room", timedelta(seconds=wait))

    def _need_open(self, left: float) -> None:
        """A page does not wait for its turn, and for a closed room only if it has no other way."""
        if left > 0:
            raise Retry(f"{self.platform} is busy there", timedelta(seconds=left))

    async def _heeded(self, room: str, call: Awaitable[Answer]) -> Answer:
        try:
            return await call
        except Retry as busy:
            if busy.after:
                until = self.seconds() + busy.after.total_seconds()
                self._remember(room, self.rooms.get(room, Pace()).shut(until))
            raise

    def _remember(self, room: str, pace: Pace) -> None:
        if len(self.rooms) >= MOST_KNOWN:
            now = self.seconds()
            self.rooms = {name: one for name, one in self.rooms.items() if not one.is_idle(now)}
            self.turns = {what: due for what, due in self.turns.items() if what[0] in self.rooms}
        self.rooms[room] = pace
