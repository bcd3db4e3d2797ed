"""How messages are worded for an outside chat: what it offers to type, and that a demo is one."""

from dataclasses import dataclass

from bot.demo.marked import marked
from domain.message import Message
from domain.place import MessageRef, Place
from domain.ports import Chat, RoomSpec
from domain.worded import Wording


@dataclass(frozen=True)
class Worded:
    """One installation's words. In the demo every message says so."""

    wording: Wording
    demo: bool

    def message(self, message: Message, surface: str) -> Message:
        """What is said on ``surface``."""
        told = self.wording.of(message, surface)
        return marked(told) if self.demo else told

    def topic(self, topic: str) -> str:
        """What a room is about."""
        return f"DEMO {topic}" if self.demo else topic


@dataclass(frozen=True)
class WordedChat:
    """Another chat, each of whose messages is worded for its readers."""

    chat: Chat
    worded: Worded

    @property
    def platform(self) -> str:
        """The other chat's name."""
        return self.chat.platform

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post it worded."""
        return await self.chat.post(
            place, self.worded.message(message, self.platform), key, again=again
        )

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace it, worded again."""
        await self.chat.edit(ref, self.worded.message(message, self.platform))

    async def direct(self, user: str) -> Place:
        """As the other chat's."""
        return await self.chat.direct(user)

    async def open_room(self, spec: RoomSpec) -> Place:
        """The other chat's room, worded in what it is about."""
        told = spec.model_copy(update={"topic": self.worded.topic(spec.topic)})
        return await self.chat.open_room(told)

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """As the other chat's."""
        await self.chat.invite(place, users)

    async def pin(self, ref: MessageRef) -> None:
        """As the other chat's."""
        await self.chat.pin(ref)

    async def archive(self, place: Place) -> None:
        """As the other chat's."""
        await self.chat.archive(place)

    async def probe(self) -> None:
        """As the other chat's."""
        await self.chat.probe()
