"""How messages are worded for an outside chat: what it offers to type, and that a demo is one."""

from dataclasses import dataclass

from bot.demo.marked import marked
from bot.passing import PassingChat
from domain.message import Message
from domain.place import MessageRef, Place
from domain.ports import RoomSpec
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


@dataclass
class WordedChat(PassingChat):
    """Another chat, each of whose messages is worded for its readers."""

    worded: Worded

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post it worded."""
        told = self.worded.message(message, self.platform)
        return await self.chat.post(place, told, key, again=again)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace it, worded again."""
        await self.chat.edit(ref, self.worded.message(message, self.platform))

    async def open_room(self, spec: RoomSpec) -> Place:
        """The other chat's room, worded in what it is about."""
        told = spec.model_copy(update={"topic": self.worded.topic(spec.topic)})
        return await self.chat.open_room(told)
