"""A chat in front of another one, which passes everything on."""

from dataclasses import dataclass

from domain.message import Message
from domain.place import MessageRef, Place
from domain.ports import Chat, RoomSpec


@dataclass
class PassingChat:
    """Does what the other chat does; what is in front of one for a purpose changes some of it."""

    chat: Chat

    @property
    def platform(self) -> str:
        """The other chat's name."""
        return self.chat.platform

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post by the other chat."""
        return await self.chat.post(place, message, key, again=again)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace by the other chat."""
        await self.chat.edit(ref, message)

    async def direct(self, user: str) -> Place:
        """The other chat's direct room."""
        return await self.chat.direct(user)

    async def open_room(self, spec: RoomSpec) -> Place:
        """The other chat's room."""
        return await self.chat.open_room(spec)

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Bring people into the other chat's room."""
        await self.chat.invite(place, users)

    async def pin(self, ref: MessageRef) -> None:
        """Pin in the other chat."""
        await self.chat.pin(ref)

    async def archive(self, place: Place) -> None:
        """Close the other chat's room."""
        await self.chat.archive(place)

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:
        """Change the other chat's group."""
        await self.chat.hold_group(group, users, gone)

    async def is_silent(self, user: str) -> bool:
        """What the other chat says."""
        return await self.chat.is_silent(user)

    async def probe(self) -> None:
        """Ask the other chat for a sign of life."""
        await self.chat.probe()
