"""Teams as a platform to speak on: posts in channels, replies beneath them, and direct chats."""

from dataclasses import dataclass, field

import structlog

from domain.errors import Permanent
from domain.message import Context, Header, Message, spans
from domain.ports import ChatKeep, MessageRef, Place, RoomSpec
from integrations.chat.platform import Shortened, uncounted
from integrations.chat.teams.channels import Channels
from integrations.chat.teams.connector import PLATFORM, Connector
from integrations.chat.teams.people import People
from integrations.chat.teams.render import Render, Rendered, render

log = structlog.get_logger()

POST = ";messageid="
NO_PRIVATE_ROOM = "no private channel is named for private incidents (teams.private_room)"


@dataclass
class TeamsChat:
    """A room is a channel, a post in one (``…;messageid=…``) or the chat with a person alone.

    Teams cannot be asked for what was posted. So a message whose fate is unknown is posted
    again: a second page is better than none. ``shortened`` is told of each message that did not
    fit whole.
    """

    connector: Connector
    channels: Channels
    people: People
    keep: ChatKeep
    incidents_room: str
    private_room: str | None = None
    render: Render = render
    shortened: Shortened = uncounted
    opened: set[str] = field(default_factory=set)

    @property
    def platform(self) -> str:
        """The name used in places and refs."""
        return PLATFORM

    async def post(
        self,
        place: Place,
        message: Message,
        key: str,  # noqa: ARG002 - there is nothing to look it up in
        *,
        again: bool = False,  # noqa: ARG002 - see above
    ) -> MessageRef:
        """Post it: into the post or chat that ``place`` is, or as a new post of the channel."""
        room = await self._conversation(place)
        if room is not None:
            return await self.say(room, message)
        channel = (await self.channels.find(place.room)).id
        room, made = await self.connector.start(channel, await self.drawn(message))
        return MessageRef(platform=PLATFORM, room=room, message=made)

    async def say(self, conversation: str, message: Message) -> MessageRef:
        """Post it into a conversation that is there."""
        made = await self.connector.post(conversation, await self.drawn(message))
        return MessageRef(platform=PLATFORM, room=conversation, message=made)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace a message in place."""
        await self.connector.edit(ref.room, ref.message, await self.drawn(message))

    async def direct(self, user: str) -> Place:
        """The person's direct chat; `Permanent` where they have no account or not this app."""
        account = await self.keep.account(user, PLATFORM)
        if account is None:
            raise Permanent(f"{user} has no account in Teams")
        return await self.alone(account)

    async def alone(self, account: str) -> Place:
        """The direct chat with an account, whoever it belongs to."""
        room = await self.people.direct(account)
        self.opened.add(room)
        return Place(platform=PLATFORM, room=room)

    async def open_room(self, spec: RoomSpec) -> Place:
        """A post whose replies are the room; a bot can open no channel.

        A private incident's stands in the private channel of the settings, or nowhere.
        """
        if kept := await self.keep.reference(PLATFORM, spec.key):
            return Place(platform=PLATFORM, room=kept["room"])
        channel = await self._channel_for(spec)
        about = Message(nodes=(Header(text=spec.topic), Context(spans=spans(f"#{spec.name}"))))
        room, _ = await self.connector.start(channel, await self.drawn(about))
        await self.keep.refer(PLATFORM, spec.key, {"room": room})
        return Place(platform=PLATFORM, room=room)

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Nothing: whoever is in the team reads the post, and a bot can let nobody in."""

    async def pin(self, ref: MessageRef) -> None:
        """Nothing: Teams lets people pin, and no bot."""

    async def archive(self, place: Place) -> None:
        """Nothing: a post has no end."""

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:  # noqa: ARG002
        """Teams lets no app change its tags without rights over the whole tenant."""
        raise Permanent("Teams has no group that Tocsin could change")

    async def is_silent(self, user: str) -> bool:  # noqa: ARG002 the same for everybody
        """Teams does not say."""
        return False

    async def probe(self) -> None:
        """Ask for the channels, which needs all that a message needs."""
        await self.channels.look()

    async def drawn(self, message: Message) -> Rendered:
        """The card of a message, and its words."""
        card = self.render(message, await self._accounts(message))
        if card.broken:
            log.warning("message shortened", platform=PLATFORM, nodes=card.broken)
            self.shortened(PLATFORM)
        return card

    async def _channel_for(self, spec: RoomSpec) -> str:
        if not spec.private:
            return (await self.channels.find(self.incidents_room)).id
        channel = await self.channels.find(self.private_room) if self.private_room else None
        if channel is None or not channel.private:
            raise Permanent(NO_PRIVATE_ROOM)
        return channel.id

    async def _conversation(self, place: Place) -> str | None:
        """The conversation to write into; None where a new post begins one."""
        if POST in place.room or place.room in self.opened:
            return place.room
        if place.thread:
            return f"{(await self.channels.find(place.room)).id}{POST}{place.thread}"
        return None

    async def _accounts(self, message: Message) -> dict[str, str]:
        """Whom Teams can mention, asked for only where somebody is."""
        lines = (getattr(node, "spans", ()) for node in message.nodes)
        mentioned = any(span.kind == "mention" for line in lines for span in line)
        return await self.keep.accounts(PLATFORM) if mentioned else {}
