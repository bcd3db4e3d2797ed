"""The built-in chat as a platform to speak on."""

from dataclasses import dataclass

from domain.errors import NotFound, Permanent
from domain.message import Message
from domain.ports import Keep, MessageRef, Place, RoomSpec, Said
from integrations.chat.console.limits import Fit, fit

PLATFORM = "console"
AUTHOR = "tocsin"


@dataclass(frozen=True)
class ConsoleChat:
    """Posts by keeping: whoever looks at the room reads it from there.

    ``fit`` shortens what breaks a limit; tests refuse it instead.
    """

    keep: Keep
    fit: Fit = fit

    @property
    def platform(self) -> str:
        """The name used in places and refs."""
        return PLATFORM

    async def post(
        self,
        place: Place,
        message: Message,
        key: str,
        *,
        again: bool = False,  # noqa: ARG002 - what was kept is found either way
    ) -> MessageRef:
        """Post once per ``key``: a repeat finds what was kept."""
        said = Said(place=place, author=AUTHOR, message=self.fit(message).message, key=key)
        kept = await self.keep.say(said)
        return MessageRef(platform=PLATFORM, room=place.room, message=kept, thread=place.thread)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace a posted message in place. Raises `Permanent` where it has gone."""
        if not await self.keep.edit(ref.message, self.fit(message).message):
            raise Permanent(f"message {ref.message} has gone")

    async def direct(self, user: str) -> Place:
        """The person's direct room. Raises `Permanent` where there is no such person."""
        try:
            return await self.keep.direct(user)
        except NotFound as nobody:
            raise Permanent(nobody.text) from nobody

    async def open_room(self, spec: RoomSpec) -> Place:
        """Open the room, or return the one already opened for its key."""
        return await self.keep.open_room(spec)

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Whoever may read the incident is in its room already."""

    async def pin(self, ref: MessageRef) -> None:
        """The room's first message stands where it was put."""

    async def archive(self, place: Place) -> None:
        """What was said can be read for ever."""

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:  # noqa: ARG002
        """The built-in chat has no groups of its own."""
        raise Permanent("the built-in chat has no groups")

    async def is_silent(self, user: str) -> bool:  # noqa: ARG002 the same for everybody
        """Nothing here rings a device."""
        return False

    async def probe(self) -> None:
        """The built-in chat is there whenever Tocsin is."""
