"""What the demo says in a real chat says that it is a demo (rules.md 10)."""

from dataclasses import dataclass

from domain.contact import ContactKind
from domain.message import Context, Header, Message, spans
from domain.place import MessageRef, Place
from domain.ports import Chat, Notifier, RoomSpec

DEMO = Context(spans=spans("DEMO: nothing of this is real."))


@dataclass(frozen=True)
class MarkedChat:
    """Another chat, each of whose messages begins with DEMO."""

    chat: Chat

    @property
    def platform(self) -> str:
        """The other chat's name."""
        return self.chat.platform

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post it marked."""
        return await self.chat.post(place, marked(message), key, again=again)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace it, marked again."""
        await self.chat.edit(ref, marked(message))

    async def direct(self, user: str) -> Place:
        """As the other chat's."""
        return await self.chat.direct(user)

    async def open_room(self, spec: RoomSpec) -> Place:
        """The other chat's room, marked in what it is about."""
        topic = f"DEMO {spec.topic}"
        return await self.chat.open_room(spec.model_copy(update={"topic": topic}))

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


@dataclass(frozen=True)
class MarkedNotifier:
    """Another notifier, each of whose messages begins with DEMO, also on a lock screen."""

    notifier: Notifier

    @property
    def kind(self) -> ContactKind:
        """The other's kind."""
        return self.notifier.kind

    async def send(self, address: str, message: Message, key: str) -> None:
        """Send it marked."""
        first, *others = message.nodes
        if isinstance(first, Header):
            first = first.model_copy(update={"text": f"DEMO: {first.text}"})
        titled = message.model_copy(update={"nodes": (first, DEMO, *others)})
        await self.notifier.send(address, titled, key)

    async def probe(self) -> None:
        """As the other's."""
        await self.notifier.probe()


def marked(message: Message) -> Message:
    """The message with its mark before everything else."""
    return message.model_copy(update={"nodes": (DEMO, *message.nodes)})
