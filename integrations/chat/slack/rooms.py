"""Channels: found by their name, opened for an incident, and what may be missing around them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from domain.place import Place
from domain.ports import ChatKeep, RoomSpec
from integrations.chat.slack.api import Refused, SlackApi
from integrations.chat.slack.people import SlackPeople

log = structlog.get_logger()

PLATFORM = "slack"
ID = re.compile(r"[CDG][A-Z0-9]{5,}")
A_PAGE = 1_000
MOST_PAGES = 20
MOST_NAMES = 9
LONGEST_NAME = 80
LONGEST_TOPIC = 250
OWN_KEPT = timedelta(minutes=10)
SHARED = "channel_is_shared_with_others"
MISSING = frozenset({"missing_scope", "unknown_method", "not_allowed_token_type"})
ONCE_MORE = frozenset(
    {"already_in_channel", "cant_invite_self", "already_pinned", "already_archived"}
)

Doing = Callable[[Any], Awaitable[Any]]


class _Asked(NamedTuple):
    """What was found out of a channel, and when."""

    own: bool
    at: datetime


@dataclass
class SlackRooms:
    """Rooms of one workspace. ``incidents`` is the room that is made where it is missing;
    ``external`` are those, by name or id, that may be spoken in though others read them."""

    api: SlackApi
    keep: ChatKeep
    people: SlackPeople
    incidents: str
    external: frozenset[str] = frozenset()
    _ids: dict[str, str] = field(default_factory=dict)
    _own: dict[str, _Asked] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def id_of(self, room: str) -> str:
        """A channel's id by its name or id. Raises `Refused` where there is none of that name."""
        if ID.fullmatch(room):
            return room
        name = room.removeprefix("#")
        async with self._looking:
            if name not in self._ids:
                self._ids[name] = await self._looked_up(name)
        return self._ids[name]

    async def seen(self, room: str) -> bool:
        """Whether there is such a channel, as far as we can see."""
        if ID.fullmatch(room):
            answer = await self.api.ask(lambda slack: slack.conversations_info(channel=room))
            return not answer["channel"].get("is_archived")
        return await self._named(room.removeprefix("#")) is not None

    async def need_own(self, channel: str) -> None:
        """Raises `Refused` where people of other companies read too (rules.md 1), or where that
        cannot be found out; not for rooms that settings name as such. It is asked again after ten
        minutes: a channel may be shared any time."""
        now = self.people.clock.now()
        known = self._own.get(channel)
        if known is None or now - known.at >= OWN_KEPT:
            known = self._own[channel] = _Asked(await self._is_own(channel), now)
        if not known.own and channel not in self.external:
            raise Refused(SHARED)

    async def _is_own(self, channel: str) -> bool:
        try:
            answer = await self.api.ask(lambda slack: slack.conversations_info(channel=channel))
        except Refused as refused:
            if refused.code not in MISSING:
                raise
            self.tell_once("conversations.info", refused.code)
            # the room that an admin named is spoken in, by its id as by its name
            return channel == self.incidents
        return self._is_meant(answer["channel"])

    def _is_meant(self, channel: dict[str, Any]) -> bool:
        """Whether it is ours alone, or settings say that it may be spoken in all the same."""
        listed = {channel.get("id"), channel.get("name")} & self.external
        return bool(listed) or not channel.get("is_ext_shared")

    def forget(self, room: str) -> None:
        """Look again next time: the channel was renamed, or has gone."""
        self._ids.pop(room.removeprefix("#"), None)

    async def open(self, spec: RoomSpec) -> Place:
        """The channel for ``spec``, with its topic and people; opened once for its key."""
        found = await self.keep.reference(PLATFORM, spec.key)
        channel = found["channel"] if found else await self._opened(spec)
        if not found:
            await self.keep.refer(PLATFORM, spec.key, {"channel": channel})
        place = Place(platform=PLATFORM, room=channel)
        await self.tolerant(
            "conversations.setTopic",
            lambda slack: slack.conversations_setTopic(
                channel=channel, topic=spec.topic[:LONGEST_TOPIC]
            ),
        )
        await self.invite(place, spec.members)
        return place

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Bring in those who have an account here; one who cannot come keeps nobody else out."""
        accounts = await self.keep.accounts(PLATFORM)
        coming = [accounts[user] for user in users if user in accounts]
        if coming:
            await self.tolerant(
                "conversations.invite",
                lambda slack: slack.conversations_invite(
                    channel=place.room, users=coming, force=True
                ),
            )

    async def enter(self, channel: str) -> None:
        """Become a member of a public channel."""
        await self.api.ask(lambda slack: slack.conversations_join(channel=channel))

    async def tolerant(self, method: str, doing: Doing) -> None:
        """Do what is good to have: where Slack does not let us, say so once and go on."""
        try:
            await self.api.ask(doing)
        except Refused as refused:
            if refused.code in ONCE_MORE:
                return
            if refused.code not in MISSING:
                raise
            self.tell_once(method, refused.code)

    def tell_once(self, method: str, code: str) -> None:
        """Tell the operator what does not work, the first time only."""
        if method not in self._told:
            self._told.add(method)
            log.warning("slack does not allow this; the rest works", method=method, error=code)

    async def _looked_up(self, name: str) -> str:
        channel = await self._named(name)
        if channel is not None:
            if not self._is_meant(channel):
                raise Refused(SHARED)
            return str(channel["id"])
        if name != self.incidents:
            raise Refused("channel_not_found")
        return await self._created(name, private=False)

    async def _named(self, name: str) -> dict[str, Any] | None:
        """The channel of that name that we can see; private ones where that is allowed."""
        try:
            return await self._listed(name, "public_channel,private_channel")
        except Refused as refused:
            if refused.code != "missing_scope":
                raise
            return await self._listed(name, "public_channel")

    async def _listed(self, name: str, kinds: str) -> dict[str, Any] | None:
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = await self._page(kinds, cursor)
            for channel in answer["channels"]:
                if channel["name"] == name:
                    return dict(channel)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return None

    async def _page(self, kinds: str, cursor: str) -> dict[str, Any]:
        return await self.api.ask(
            lambda slack: slack.conversations_list(
                types=kinds, cursor=cursor, limit=A_PAGE, exclude_archived=True
            )
        )

    async def _opened(self, spec: RoomSpec) -> str:
        """A new channel; where its name is taken, the one we opened before a crash, or a number."""
        for number in range(1, MOST_NAMES):
            name = spec.name if number == 1 else f"{spec.name[: LONGEST_NAME - 3]}-{number}"
            try:
                return await self._created(name, private=spec.private)
            except Refused as refused:
                if refused.code != "name_taken":
                    raise
            if ours := await self._ours(name):
                return ours
        raise Refused("name_taken")

    async def _created(self, name: str, *, private: bool) -> str:
        answer = await self.api.ask(
            lambda slack: slack.conversations_create(name=name, is_private=private or None)
        )
        return str(answer["channel"]["id"])

    async def _ours(self, name: str) -> str | None:
        channel = await self._named(name)
        bot = (await self.people.home()).bot
        return str(channel["id"]) if channel and channel.get("creator") == bot else None
