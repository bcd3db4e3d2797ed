"""Words written to Tocsin on Discord, and the pushpin that adds a message to the timeline."""

import re
from dataclasses import dataclass
from typing import Any

import discord
import structlog

from domain.account import Account
from domain.call import Reply
from domain.chat import Kept, Words
from domain.errors import Permanent, Retry
from domain.message import Message, sentence
from domain.place import Place
from integrations.chat.discord.answer import Answers
from integrations.chat.discord.api import Denied
from integrations.chat.discord.asked import Pointed, message_words
from integrations.chat.discord.places import Places, person
from integrations.chat.discord.send import MESSAGE, DiscordChat
from integrations.chat.discord.server import PLATFORM
from integrations.chat.edge import ChatEdge

log = structlog.get_logger()

PUSHPIN = "📌"
CLOSED = (
    "I would answer you directly, but you take no direct messages from this server: allow them in"
    " its privacy settings, or use a slash command."
)
UNREADABLE = (
    "Discord does not let me read that message. Open its menu and choose Apps, Add to timeline; or"
    " let an admin switch on Message Content Intent for the bot."
)


@dataclass(frozen=True)
class Messages:
    """Hears words and reactions. Nothing is raised."""

    edge: ChatEdge
    places: Places
    answers: Answers

    async def hear(self, message: discord.Message, bot: int) -> None:
        """Words in a direct message, or after a mention. All others are dropped unread."""
        text = message.content if message.guild is None else after_mention(message.content, bot)
        if message.author.bot or not text.strip():
            return
        try:
            words = await self._words(message, text)
            await self._answer(words, await self.edge.line(words))
        except (Retry, Permanent) as lost:
            log.warning("answer not delivered", platform=PLATFORM, error=str(lost))

    async def react(self, event: discord.RawReactionActionEvent, channel: Any) -> None:
        """A pushpin in an incident's room or thread adds the message to its timeline."""
        if event.emoji.name != PUSHPIN or event.member is None:
            return
        try:
            account = await self.places.server.account(person(event.member, event.guild_id))
            place = await self.places.place(channel)
            if account.standing == "full" and await self.edge.keep.incident(place):
                await self._add(str(event.message_id), account, place)
        except (Retry, Permanent) as lost:
            log.warning("pushpin not heard", platform=PLATFORM, error=str(lost))

    async def greet(self, guild: discord.Guild | None) -> None:
        """In a server that we have come to, say in its own channel for news what to type first."""
        channel = guild.system_channel if guild else None
        if channel is None:
            return
        place = Place(platform=PLATFORM, room=str(channel.id))
        try:
            if message := await self.edge.arrived(place):
                await self._chat.post(place, message, f"entered:{channel.id}")
        except (Retry, Permanent) as lost:
            log.warning("room not welcomed", platform=PLATFORM, error=str(lost))

    async def _words(self, message: discord.Message, text: str) -> Words:
        server = message.guild.id if message.guild else None
        return Words(
            account=await self.places.server.account(person(message.author, server)),
            place=await self.places.place(message.channel),
            key=str(message.id),
            direct=server is None,
            public=server is not None,
            text=await self._named(text.strip()),
        )

    async def _named(self, text: str) -> str:
        """Mentions of linked accounts as the people they belong to."""
        if "<@" not in text:
            return text
        for user, account in (await self.edge.keep.accounts(PLATFORM)).items():
            text = re.sub(f"<@!?{account}>", f"@{user}", text)
        return text

    async def _answer(self, words: Words, reply: Reply) -> None:
        """Where it was asked; what only the asker may read, directly and nowhere else."""
        message = await self.answers.askable(reply.message, words.account, words.key)
        if words.direct or not reply.private:
            await self._say(_channel(words.place), message, words.key)
            return
        try:
            await self._say_directly(words.account, message, words.key)
        except Denied:
            await self._say(_channel(words.place), sentence(CLOSED), words.key)

    async def _add(self, message: str, account: Account, place: Place) -> None:
        ids = {"channel_id": _channel(place), "message_id": message}
        found = message_words(await self._chat.api.get(MESSAGE, **ids))
        reply = await self._kept(found, account, place)
        if reply.refused:
            await self._say_directly(account, reply.message, f"pushpin:{message}")

    async def _kept(self, found: Pointed, account: Account, place: Place) -> Reply:
        if not found.text.strip():
            return Reply(message=sentence(UNREADABLE), refused="invalid")
        kept = Kept(
            account=account,
            place=place,
            key=f"pushpin:{found.id}",
            public=True,
            message=found.id,
            text=found.text,
            author=found.author,
        )
        return await self.edge.add(kept)

    async def _say_directly(self, account: Account, message: Message, key: str) -> None:
        await self._say(await self._chat.direct_channel(account.id), message, key)

    async def _say(self, channel: str, message: Message, key: str) -> None:
        place = Place(platform=PLATFORM, room=channel)
        await self._chat.post(place, message, f"answer:{channel}:{key}")

    @property
    def _chat(self) -> DiscordChat:
        return self.answers.chat


def after_mention(text: str, bot: int) -> str:
    """What is left of a message that mentions the bot; nothing of any other."""
    mention = re.compile(f"<@!?{bot}>")
    return mention.sub("", text, count=1) if mention.search(text) else ""


def _channel(place: Place) -> str:
    """The channel in which the words stand: a thread is one."""
    return place.thread or place.room
