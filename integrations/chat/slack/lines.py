"""Typed words: slash commands, direct messages, and mentions, the only way in inside threads."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.account import Account
from domain.call import Reply
from domain.chat import Words
from domain.message import form_of
from integrations.chat.edge import ChatEdge
from integrations.chat.slack import words
from integrations.chat.slack.answer import Spot, Way
from integrations.chat.slack.heard import MessageEvent, SlashCommand, line_of, read
from integrations.chat.slack.people import SlackPeople
from integrations.chat.slack.turns import Turns

DIRECT = "D"
# A message whose subtype is another is a notice of Slack's, or somebody's edit
SPOKEN = (None, "thread_broadcast", "file_share")

Ack = Callable[..., Awaitable[Any]]
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Lines:
    """Hears lines."""

    edge: ChatEdge
    people: SlackPeople
    turns: Turns

    async def command(self, ack: Ack, body: Body) -> None:
        """A slash command: answered in its acknowledgement where that is possible."""
        sent = read(SlashCommand, body)
        way = Way(
            user=sent.user_id,
            spot=Spot(room=sent.channel_id, url=sent.response_url),
            key=f"slack:{sent.trigger_id}",
            trigger=sent.trigger_id,
        )
        line = line_of(sent.command, sent.text, self.edge.registry)
        answered = await self.turns.take(way, lambda account: self._line(line, way, account))
        if answered and not form_of(answered.reply.message):
            await ack(await self.turns.answers.at_once(answered.reply))
            return
        await ack()
        if answered:
            self.turns.answer(answered)

    async def message(self, body: Body) -> None:
        """Words in a direct message with Tocsin. Those of any other room are not looked at, but
        for an incident's own."""
        event = body["event"]
        if event.get("channel_type") == "im":
            await self.direct(read(MessageEvent, event))
        elif await self._is_incidents(event):
            await self._overheard(read(MessageEvent, event))

    async def direct(self, sent: MessageEvent, *, again: bool = False) -> None:
        """A line in a direct message; heard ``again``, it counts once and is answered once."""
        if sent.user is None or sent.bot_id or sent.subtype not in SPOKEN:
            return
        spot = Spot(room=sent.channel, thread=sent.thread_ts)
        await self._spoken(_way(sent, spot, again=again), sent.text)

    async def mention(self, body: Body) -> None:
        """A line behind @Tocsin, read by everybody there."""
        sent = read(MessageEvent, body["event"])
        if sent.user is None or sent.bot_id or sent.channel.startswith(DIRECT):
            return
        spot = Spot(room=sent.channel, thread=sent.thread_ts or sent.ts)
        bot = (await self.people.home()).bot
        await self._spoken(_way(sent, spot), words.without(sent.text, bot))

    async def _is_incidents(self, event: Body) -> bool:
        room, thread = event.get("channel"), event.get("thread_ts")
        if not isinstance(room, str) or not isinstance(thread, str | None):
            return False
        place = Spot(room=room, thread=thread).place
        return await self.turns.answers.chat.keep.incident(place) is not None

    async def _overheard(self, sent: MessageEvent) -> None:
        """Pass on what people say to each other; what is said to us comes as a mention too."""
        bot = (await self.people.home()).bot
        if sent.user is None or sent.bot_id or sent.subtype not in SPOKEN or bot in sent.text:
            return
        way = _way(sent, Spot(room=sent.channel, thread=sent.thread_ts))
        said = Words(
            account=await self.people.account(sent.user),
            place=way.spot.place,
            key=way.key,
            public=True,
            text=await words.typed(sent.text, self.people.handle),
        )
        await self.edge.overhear(said)

    async def _spoken(self, way: Way, text: str) -> None:
        answered = await self.turns.take(way, lambda account: self._line(text, way, account))
        if answered:
            self.turns.answer(answered)

    async def _line(self, text: str, way: Way, account: Account) -> Reply:
        said = Words(
            account=account,
            place=way.spot.place,
            key=way.key,
            direct=way.direct,
            public=not way.direct and not way.trigger,
            text=await words.typed(text, self.people.handle),
        )
        return await self.edge.line(said)


def _way(sent: MessageEvent, spot: Spot, *, again: bool = False) -> Way:
    return Way(
        user=sent.user or "",
        spot=spot,
        key=f"slack:{sent.channel}:{sent.ts}",
        direct=spot.room.startswith(DIRECT),
        again=again,
    )
