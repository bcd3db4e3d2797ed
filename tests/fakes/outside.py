"""An outside chat that lives in memory: what stands in its rooms, and in which state it is."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from bot.chat_keep import StoredChatKeep
from bot.pacing import PacedChat
from bot.watching import WatchedChat
from domain.account import Account, Platform
from domain.errors import Permanent, Retry
from domain.message import Message
from domain.place import MessageRef, Place
from domain.plain import plain
from domain.ports import RoomSpec
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


class KnowsAccounts(Protocol):
    """Who has which account there."""

    async def account(self, user: str, platform: str) -> str | None:
        """The person's account on the platform."""


@dataclass
class Standing:
    """A message that reached a room; a second post under its key was told apart."""

    room: str
    key: str
    message: Message
    thread: str | None = None

    @property
    def text(self) -> str:
        """All of it in words."""
        return plain(self.message)


@dataclass
class OutsideChat:
    """Takes every message once per key. ``down`` lets every call time out, ``closed`` are rooms
    and groups that it does not let Tocsin into, ``busy`` is how long it asks Tocsin to wait; with a
    ``revoked`` token nothing is let in. ``calls`` counts what was tried, ``edited`` holds
    the keys of what was replaced. The devices of those ``silent`` make no sound; a ``mute`` chat
    does not say so."""

    keep: KnowsAccounts
    platform: Platform = "slack"
    standing: list[Standing] = field(default_factory=list)
    opened: list[RoomSpec] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    invited: dict[str, list[str]] = field(default_factory=dict)
    pinned: list[Standing] = field(default_factory=list)
    archived: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    down: bool = False
    busy: timedelta | None = None
    revoked: bool = False
    calls: int = 0
    refuses_rooms: bool = False
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    mute: bool = False

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post once per key."""
        await self.probe()
        if place.room in self.closed:
            raise Permanent("channel_not_found")
        if all(one.key != key for one in self.standing):
            self.standing.append(Standing(place.room, key, message, place.thread))
        number = [one.key for one in self.standing].index(key)
        return MessageRef(
            platform=self.platform, room=f"C-{place.room}", message=str(number), thread=place.thread
        )

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace a message in place."""
        await self.probe()
        standing = self.standing[int(ref.message)]
        standing.message = message
        self.edited.append(standing.key)

    async def direct(self, user: str) -> Place:
        """The direct room of the person's account."""
        account = await self.keep.account(user, self.platform)
        if account is None:
            raise Permanent(f"{user} has no account")
        return Place(platform=self.platform, room=f"D-{account}")

    async def open_room(self, spec: RoomSpec) -> Place:
        """Open a channel."""
        await self.probe()
        if self.refuses_rooms:
            raise Permanent("missing_scope")
        if spec not in self.opened:
            self.opened.append(spec)
        return Place(platform=self.platform, room=f"R-{spec.name}")

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Note who was brought in."""
        await self.probe()
        self.invited.setdefault(place.room, []).extend(users)

    async def pin(self, ref: MessageRef) -> None:
        """Note what was pinned."""
        await self.probe()
        self.pinned.append(self.standing[int(ref.message)])

    async def archive(self, place: Place) -> None:
        """Note what was closed."""
        await self.probe()
        self.archived.append(place.room)

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:
        """Keep who is in it."""
        await self.probe()
        if group in self.closed:
            raise Permanent("no_such_subteam")
        self.groups[group] = (self.groups.get(group, frozenset()) | {*users}) - {*gone}

    async def is_silent(self, user: str) -> bool:
        """Tell, unless it is mute."""
        if self.mute:
            raise Retry("no answer")
        return user in self.silent

    async def probe(self) -> None:
        """Answer, unless it is down."""
        self.calls += 1
        if self.revoked:
            raise Permanent("token_revoked")
        if self.down:
            raise Retry("no answer")
        if self.busy:
            raise Retry("429", self.busy)

    def room(self, name: str) -> list[Standing]:
        """What stands in a room, oldest first."""
        return [one for one in self.standing if one.room == name]


async def connected(tocsin: Tocsin, *people: str, platform: Platform = "slack") -> OutsideChat:
    """A chat that is set up beside those there are, in which these people have an account."""
    store, worker = tocsin.parts.store, tocsin.parts.worker
    chat = OutsideChat(StoredChatKeep(store), platform)
    watched = WatchedChat(chat, store, tocsin.parts.metrics.chat_failed)
    paced = PacedChat(watched, lambda: tocsin.clock.now().timestamp())
    worker.ports = replace(worker.ports, chats=worker.ports.chats | {platform: paced})
    *before, built_in = store.installation.platforms
    tocsin.settled(platforms=(*before, platform, built_in))
    async with store.write(SYSTEM) as unit:
        for person in people:
            account = Account(platform=platform, workspace="T1", id=f"U-{person}", name=person)
            await unit.links.put(account, person, "code")
    return chat
