"""Discord as a platform to speak on.

A message carries its key twice: as a nonce, by which Discord itself refuses a second one for some
minutes, and as the number of its first component, by which it is found in the channel's history.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import structlog

from domain.errors import Permanent
from domain.message import Message, Span, Text
from domain.place import MessageRef, Place
from domain.plain import one_line, plain
from domain.ports import ChatKeep, RoomSpec
from integrations.chat.discord.api import Api, Denied
from integrations.chat.discord.limits import Accept, Json, accept
from integrations.chat.discord.markup import Accounts
from integrations.chat.discord.render import SILENT, rendered
from integrations.chat.discord.server import PLATFORM, Server

log = structlog.get_logger()

UNKNOWN_CHANNEL = 10003
ARCHIVED = 50083
BEGUN = 160004
LONGEST_NONCE = 25
LONGEST_NAME = 100
LOOKED_THROUGH = "100"
PUBLIC_THREAD, PRIVATE_THREAD = 11, 12
A_WEEK_MIN = 10080
MESSAGES = "/channels/{channel_id}/messages"
MEMBER_ROLE = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


@dataclass
class DiscordChat:
    """Posts cards and opens threads. ``accept`` shortens what breaks a limit; tests refuse it."""

    api: Api
    keep: ChatKeep
    server: Server
    incidents_room: str
    accept: Accept = accept
    _direct: dict[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """The name used in places and refs."""
        return PLATFORM

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post once per ``key``; ``again`` looks for it in the channel's last messages first."""
        room = await self.server.channel(place.room)
        body = await self.body(message, key)
        if place.thread is None:
            return await self._post(room, body, again=again)
        if await self.server.is_thread(room):
            answered = {"message_id": place.thread, "fail_if_not_exists": False}
            return await self._post(room, body | {"message_reference": answered}, again=again)
        try:
            return await self._post(place.thread, body, again=again)
        except Denied as refused:
            if refused.code != UNKNOWN_CHANNEL:
                raise
        await self._begin_thread(room, place.thread, message)
        return await self._post(place.thread, body, again=again)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace a posted message in place; a thread that was closed stays so."""
        shown = self.accept(rendered(message, await self._accounts(message)))
        body = shown | {"flags": shown["flags"] & ~SILENT}
        try:
            await self._edit(ref, body)
        except Denied as refused:
            if refused.code != ARCHIVED:
                raise
            await self._archive(ref.room, archived=False)
            await self._edit(ref, body)
            await self._archive(ref.room, archived=True)

    async def direct(self, user: str) -> Place:
        """The person's direct channel. Raises `Permanent` where they have no account here."""
        account = await self.keep.account(user, PLATFORM)
        if account is None:
            raise Permanent(f"{user} has no Discord account here")
        return Place(platform=PLATFORM, room=await self.direct_channel(account))

    async def direct_channel(self, account: str) -> str:
        """The direct channel of an account."""
        if account not in self._direct:
            body = {"recipient_id": account}
            opened = await self.api.call("POST", "/users/@me/channels", body)
            self._direct[account] = str(opened["id"])
        return self._direct[account]

    async def open_room(self, spec: RoomSpec) -> Place:
        """A thread in the channel of all incidents; a private one only its members see."""
        parent = await self.server.channel(self.incidents_room)
        room = await self._opened(parent, spec) or await self._open(parent, spec)
        await self.keep.refer(PLATFORM, spec.key, {"room": room})
        place = Place(platform=PLATFORM, room=room)
        await self.invite(place, spec.members)
        return place

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Bring those into a thread who have an account here; a channel they see already."""
        if not await self.server.is_thread(place.room):
            return
        accounts = await self.keep.accounts(PLATFORM)
        for user in users:
            if user in accounts:
                await self._add_member(place.room, accounts[user])

    async def pin(self, ref: MessageRef) -> None:
        """Pin a message; twice is once."""
        path = "/channels/{channel_id}/messages/pins/{message_id}"
        await self.api.call("PUT", path, None, channel_id=ref.room, message_id=ref.message)

    async def archive(self, place: Place) -> None:
        """Close a thread; who writes in it opens it again. A channel stays as it is."""
        if await self.server.is_thread(place.room):
            await self._archive(place.room, archived=True)

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:
        """Give a role, by its id, to those on call; take it from those who are not any more."""
        accounts = await self.keep.accounts(PLATFORM)
        for method, people in (("PUT", users), ("DELETE", gone)):
            for account in (accounts[user] for user in people if user in accounts):
                await self.api.call(
                    method,
                    MEMBER_ROLE,
                    None,
                    guild_id=await self.server.id(),
                    user_id=account,
                    role_id=group,
                )

    async def is_silent(self, user: str) -> bool:  # noqa: ARG002 the same for everybody
        """Discord does not say."""
        return False

    async def probe(self) -> None:
        """Ask Discord who we are."""
        await self.api.get("/users/@me")

    async def body(self, message: Message, key: str) -> Json:
        """What Discord is sent for a new message."""
        shown = rendered(message, await self._accounts(message), marker_of(key))
        return self.accept(shown) | {"nonce": nonce_of(key), "enforce_nonce": True}

    async def _accounts(self, message: Message) -> Accounts:
        """The accounts of people, where the message mentions anybody."""
        return await self.keep.accounts(PLATFORM) if any(_mentions(message)) else {}

    async def _post(self, channel: str, body: Json, *, again: bool) -> MessageRef:
        sent = await self._sent(channel, body) if again else None
        if sent is None:
            sent = await self.api.call("POST", MESSAGES, body, channel_id=channel)
        return MessageRef(platform=PLATFORM, room=channel, message=str(sent["id"]))

    async def _sent(self, channel: str, body: Json) -> Any:
        """The message with the same marker, if it stands among the last ones."""
        marker, bot = body["components"][0]["id"], await self.api.bot()
        path = f"{MESSAGES}?limit={LOOKED_THROUGH}"
        for one in await self.api.get(path, channel_id=channel):
            first = [part.get("id") for part in one["components"][:1]]
            if one["author"]["id"] == bot and first == [marker]:
                return one
        return None

    async def _edit(self, ref: MessageRef, body: Json) -> None:
        await self.api.call("PATCH", MESSAGE, body, channel_id=ref.room, message_id=ref.message)

    async def _begin_thread(self, room: str, message: str, first: Message) -> None:
        """The thread of a message has the message's id."""
        name = one_line(plain(first).partition("\n")[0])[:LONGEST_NAME] or message
        body = {"name": name, "auto_archive_duration": A_WEEK_MIN}
        path = f"{MESSAGE}/threads"
        try:
            await self.api.call("POST", path, body, channel_id=room, message_id=message)
        except Denied as refused:
            if refused.code != BEGUN:
                raise

    async def _opened(self, parent: str, spec: RoomSpec) -> str | None:
        """The room of an earlier attempt: kept, or made by us and not kept any more."""
        kept = await self.keep.reference(PLATFORM, spec.key)
        if kept:
            return str(kept["room"])
        path, bot = "/guilds/{guild_id}/threads/active", await self.api.bot()
        active = await self.api.get(path, guild_id=await self.server.id())
        ours = (one for one in active["threads"] if one["owner_id"] == bot)
        named = (one for one in ours if one["parent_id"] == parent and one["name"] == spec.name)
        return next((str(one["id"]) for one in named), None)

    async def _open(self, parent: str, spec: RoomSpec) -> str:
        body = {
            "name": spec.name[:LONGEST_NAME],
            "type": PRIVATE_THREAD if spec.private else PUBLIC_THREAD,
            "auto_archive_duration": A_WEEK_MIN,
        }
        if spec.private:
            body["invitable"] = False
        path = "/channels/{channel_id}/threads"
        return str((await self.api.call("POST", path, body, channel_id=parent))["id"])

    async def _add_member(self, thread: str, account: str) -> None:
        path = "/channels/{channel_id}/thread-members/{user_id}"
        try:
            await self.api.call("PUT", path, None, channel_id=thread, user_id=account)
        except Denied as refused:
            log.warning("not brought into the thread", account=account, error=str(refused))

    async def _archive(self, thread: str, *, archived: bool) -> None:
        body = {"archived": archived}
        await self.api.call("PATCH", "/channels/{channel_id}", body, channel_id=thread)


def nonce_of(key: str) -> str:
    """What Discord tells a repeat by."""
    return hashlib.sha256(key.encode()).hexdigest()[:LONGEST_NONCE]


def marker_of(key: str) -> int:
    """A number from 1 to 2³¹ - 1 by which a message is found again."""
    return int(hashlib.sha256(key.encode()).hexdigest()[-8:], 16) >> 1 or 1


def _mentions(message: Message) -> list[Span]:
    lines = (node for node in message.nodes if isinstance(node, Text))
    return [span for line in lines for span in line.spans if span.kind == "mention"]
