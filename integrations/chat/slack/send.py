"""Slack as a platform to speak on: posts with reconciliation, edits, direct messages and rooms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from domain.errors import Permanent
from domain.message import Fields, Message, Node, Spans
from domain.place import MessageRef, Place
from domain.ports import ChatKeep, RoomSpec
from integrations.chat.platform import Shortened, uncounted
from integrations.chat.slack.api import Refused, SlackApi
from integrations.chat.slack.limits import LONGEST_ID
from integrations.chat.slack.markup import Mentions, plain_text
from integrations.chat.slack.render import Render, Rendered, render
from integrations.chat.slack.rooms import PLATFORM, SlackRooms
from integrations.chat.slack.silence import SlackSilence

log = structlog.get_logger()

A_PAGE = 200
MOST_PAGES = 3
MOST_CAUGHT_UP = 50
# Nothing that we post is looked up elsewhere: no previews, no names made into mentions
AS_IT_IS: Mapping[str, Any] = {
    "unfurl_links": False,
    "unfurl_media": False,
    "link_names": False,
    "parse": "none",
    "mrkdwn": False,
}
DIRECT = re.compile(r"D[A-Z0-9]{5,}")
NOT_THERE = ("channel_not_found", "is_archived")


@dataclass
class SlackChat:
    """The `Chat` port on Slack's Web API. ``render`` shortens what breaks a limit; tests refuse
    it instead. ``shortened`` is told of each message that had to be; ``silence`` knows whose
    devices keep silent."""

    api: SlackApi
    keep: ChatKeep
    rooms: SlackRooms
    render: Render = render
    shortened: Shortened = uncounted
    silence: SlackSilence | None = None
    _direct: dict[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """The name used in places and refs."""
        return PLATFORM

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post once per ``key``, which is the id of the first block. ``again``: look for it."""
        channel = await self._channel(place)
        stamp = await self._arrived(channel, place.thread, key) if again else None
        if stamp is None:
            rendered = await self.rendered(message)
            shown = {"text": rendered.text, "blocks": keyed(rendered, key)}
            channel, stamp = await self._posted(place, channel, shown)
        return MessageRef(platform=PLATFORM, room=channel, message=stamp, thread=place.thread)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace a posted message in place. Raises `Permanent` where it has gone."""
        rendered = await self.rendered(message)
        await self.api.ask(
            lambda slack: slack.chat_update(
                channel=ref.room,
                ts=ref.message,
                text=rendered.text,
                blocks=list(rendered.blocks),
                link_names=False,
                parse="none",
            )
        )

    async def direct(self, user: str) -> Place:
        """The direct message with the person. Raises `Permanent` without an account."""
        account = await self.keep.account(user, PLATFORM)
        if account is None:
            raise Permanent(f"{user} has no account on Slack")
        return await self.direct_with(account)

    async def direct_with(self, account: str) -> Place:
        """The direct message with an account."""
        if account not in self._direct:
            answer = await self.api.ask(lambda slack: slack.conversations_open(users=account))
            self._direct[account] = answer["channel"]["id"]
        return Place(platform=PLATFORM, room=self._direct[account])

    async def open_room(self, spec: RoomSpec) -> Place:
        """Open the channel, or return the one already opened for its key."""
        return await self.rooms.open(spec)

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Bring people into a channel."""
        await self.rooms.invite(place, users)

    async def pin(self, ref: MessageRef) -> None:
        """Pin a message to its channel."""
        await self.rooms.tolerant(
            "pins.add", lambda slack: slack.pins_add(channel=ref.room, timestamp=ref.message)
        )

    async def archive(self, place: Place) -> None:
        """Archive a channel."""
        await self.rooms.tolerant(
            "conversations.archive",
            lambda slack: slack.conversations_archive(channel=place.room),
        )

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:  # noqa: ARG002
        """Set the members of a user group, by its id. Slack empties none: the last stay."""
        accounts = await self.keep.accounts(PLATFORM)
        members = [accounts[user] for user in users if user in accounts]
        if members:
            await self.api.ask(
                lambda slack: slack.usergroups_users_update(usergroup=group, users=members)
            )

    async def is_silent(self, user: str) -> bool:
        """By what Slack tells of Do Not Disturb, where it lets us ask."""
        account = await self.keep.account(user, PLATFORM)
        return bool(account and self.silence and await self.silence.of(account))

    async def probe(self) -> None:
        """Ask Slack whether our token still counts."""
        await self.api.ask(lambda slack: slack.auth_test())

    async def said_since(self, since: float) -> list[dict[str, Any]]:
        """What people wrote to Tocsin directly since then, in Unix seconds, oldest first: in the
        direct messages that this process has used."""
        found: list[dict[str, Any]] = []
        for channel in list(self._direct.values())[:MOST_CAUGHT_UP]:
            found += [one | {"channel": channel} for one in await self._since(channel, since)]
        return sorted(found, key=lambda one: str(one["ts"]))

    async def rendered(self, message: Message) -> Rendered:
        """``message`` as blocks, with the people in it mentioned by their accounts."""
        rendered = self.render(message, await self._mentions(message))
        if rendered.broken:
            log.warning("message shortened", platform=PLATFORM, nodes=rendered.broken)
            self.shortened(PLATFORM)
        return rendered

    async def _mentions(self, message: Message) -> Mentions:
        spans = (span for node in message.nodes for span in _spans(node))
        mentioned = any(span.kind == "mention" for span in spans)
        return await self.keep.accounts(PLATFORM) if mentioned else {}

    async def _channel(self, place: Place) -> str:
        """The channel's id, where it can be found out; else Slack looks for the name itself.

        Raises `Refused` where other companies read it.
        """
        if DIRECT.fullmatch(place.room):
            return place.room
        try:
            channel = await self.rooms.id_of(place.room)
        except Refused as refused:
            if refused.code != "missing_scope":
                raise
            return f"#{place.room.removeprefix('#')}"
        await self.rooms.need_own(channel)
        return channel

    async def _posted(self, place: Place, channel: str, shown: dict[str, Any]) -> tuple[str, str]:
        """Post, and enter a public channel first where only its members may. Channel and time."""
        try:
            return await self._post(channel, place.thread, shown)
        except Refused as refused:
            if refused.code in NOT_THERE:
                self.rooms.forget(place.room)
            if refused.code != "not_in_channel":
                raise
        await self.rooms.enter(channel)
        return await self._post(channel, place.thread, shown)

    async def _post(
        self, channel: str, thread: str | None, shown: dict[str, Any]
    ) -> tuple[str, str]:
        said = {"channel": channel, **shown, **AS_IT_IS} | ({"thread_ts": thread} if thread else {})
        answer = await self.api.ask(lambda slack: slack.chat_postMessage(**said))
        return str(answer["channel"]), str(answer["ts"])

    async def _arrived(self, channel: str, thread: str | None, key: str) -> str | None:
        """When the message of that key was posted; None where it is not there, or we may not
        look: then a second one is better than none."""
        cursor = ""
        for _ in range(MOST_PAGES):
            try:
                answer = await self._history(channel, thread, cursor)
            except Refused as refused:
                self.rooms.tell_once("conversations.history", refused.code)
                return None
            for message in answer["messages"]:
                if key_of(message) == key[:LONGEST_ID]:
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return None

    async def _since(self, channel: str, since: float) -> list[dict[str, Any]]:
        answer = await self.api.ask(
            lambda slack: slack.conversations_history(
                channel=channel, oldest=f"{since:.6f}", limit=A_PAGE
            )
        )
        return [dict(one) for one in answer["messages"] if float(one["ts"]) >= since]

    async def _history(self, channel: str, thread: str | None, cursor: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"channel": channel, "cursor": cursor, "limit": A_PAGE}
        if thread is None:
            return await self.api.ask(lambda slack: slack.conversations_history(**asked))
        return await self.api.ask(lambda slack: slack.conversations_replies(ts=thread, **asked))


def keyed(rendered: Rendered, key: str) -> list[dict[str, Any]]:
    """The blocks, the first with the message's key as its id."""
    blocks: list[dict[str, Any]] = list(rendered.blocks)
    if not blocks:
        blocks = [{"type": "section", "text": plain_text(rendered.text[:3000])}]
    return [blocks[0] | {"block_id": key[:LONGEST_ID]}, *blocks[1:]]


def key_of(message: Mapping[str, Any]) -> str | None:
    """The key under which a message was posted."""
    first: Mapping[str, Any] = next(iter(message.get("blocks") or ()), {})
    return first.get("block_id")


def _spans(node: Node) -> Spans:
    if isinstance(node, Fields):
        return tuple(span for pair in node.fields for span in pair.value)
    return getattr(node, "spans", ())
