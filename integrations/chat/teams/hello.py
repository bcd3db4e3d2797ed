"""The hello after Teams was connected: said at once where Tocsin may write, else first thing.

A bot may write to nobody who has not added it, and to no channel of a team that it is not in.
"""

from domain.errors import Permanent
from domain.message import Message, Text, spans
from domain.place import Place
from domain.ports import ChatKeep
from integrations.chat.teams.connector import PLATFORM
from integrations.chat.teams.send import TeamsChat

KEY = "hello"
OWED, SAID = {"owed": True}, {"owed": False}
WORDS = Text(spans=spans("Tocsin is connected. In a channel mention me; here just type: help"))


async def say_hello(chat: TeamsChat, keep: ChatKeep, known: str | None) -> str:
    """Say it where all incidents are, else to ``known``, a direct chat; returns where.

    "" where neither can be written to: then it is owed. Once said it is not said again.
    """
    if await keep.reference(PLATFORM, KEY) == SAID:
        return "Teams already"
    try:
        said = await _said(chat, known)
    except Permanent:
        said = ""
    await keep.refer(PLATFORM, KEY, SAID if said else OWED)
    return said


async def with_hello(keep: ChatKeep, message: Message) -> Message:
    """``message``, beneath the hello where that is still owed."""
    if await keep.reference(PLATFORM, KEY) != OWED:
        return message
    await keep.refer(PLATFORM, KEY, SAID)
    return message.model_copy(update={"nodes": (WORDS, *message.nodes)})


async def _said(chat: TeamsChat, known: str | None) -> str:
    try:
        await chat.post(Place(platform=PLATFORM, room=chat.incidents_room), _alone(), KEY)
    except Permanent:
        if known is None:
            raise
        await chat.say(known, _alone())
        return "the chat with whoever wrote last"
    return f"#{chat.incidents_room}"


def _alone() -> Message:
    return Message(nodes=(WORDS,))
