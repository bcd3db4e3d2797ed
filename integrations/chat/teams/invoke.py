"""What Teams waits for an answer to: a press on a card, a search in a field, a message action."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from pydantic import Field, ValidationError

from domain.chat import Heard, Kept, Pressed, Typed
from domain.message import Divider, Message, form_of, prefilled, sentence
from domain.place import MessageRef
from domain.plain import one_line, plain
from domain.ports import ChatKeep, Choices
from domain.spellings import DECLARE
from integrations.chat.edge import ChatEdge
from integrations.chat.teams.activity import Activity, Malformed, Press, Received, read_press
from integrations.chat.teams.answers import NO_DIRECT, Answers, is_short
from integrations.chat.teams.connector import CARD, PLATFORM
from integrations.chat.teams.manifest import FOLLOW_UP, KEEP, NEW_FROM

NOTE = "application/vnd.microsoft.activity.message"
FOUND = "application/vnd.microsoft.search.searchResponse"
BELOW = "See below."
DIRECTLY = "I answered you directly."
SOMEBODY = "somebody"
# What an action on a message fills into a form: the command, the field, how much fits.
FROM_MESSAGE = {
    NEW_FROM: (DECLARE, "title", 200),
    FOLLOW_UP: ("incident action", "text", 500),
}

Answer = dict[str, Any]


class Query(Received):
    """What somebody typed into a field that finds people."""

    dataset: str
    text: str = Field("", alias="queryText")


class Body(Received):
    """A message's words, in HTML."""

    content: str = ""


class User(Received):
    """Who wrote a message."""

    name: str = Field(SOMEBODY, alias="displayName")


class Author(Received):
    """A person or app that wrote a message."""

    user: User = User()


class Target(Received):
    """The message that an action was called on."""

    body: Body
    author: Author = Field(Author(), alias="from")


class Pointed(Received):
    """An action that was called on a message."""

    command: str = Field(KEEP, alias="commandId")
    message: Target = Field(alias="messagePayload")


@dataclass(frozen=True)
class Invokes:
    """Answers within the request, as Teams shows it to the one who asks."""

    edge: ChatEdge
    keep: ChatKeep
    answers: Answers

    async def answer(self, activity: Activity, heard: Heard) -> Answer:
        """The body to answer with. Raises `Malformed`."""
        known: dict[str, Callable[[Activity, Heard], Awaitable[Answer]]] = {
            "adaptiveCard/action": self._pressed,
            "application/search": self._searched,
            "composeExtension/fetchTask": self._pointed,
        }
        if activity.name not in known:
            raise Malformed("an unknown invoke")
        try:
            return await known[activity.name](activity, heard)
        except ValidationError as error:
            raise Malformed(f"{error.error_count()} faults") from error

    async def _pressed(self, activity: Activity, heard: Heard) -> Answer:
        """A question gives way to its answer; a living card stays, as it is now."""
        press = read_press(activity.value)
        gives_way = bool(press.part) or await self.keep.stored(press.button) is not None
        message = await self.carried_out(heard, press)
        if gives_way:
            return await self._card(heard, message)
        told = message if is_short(message) else sentence(await self._told(heard, message))
        card = await self._living(heard)
        if card is None:
            return _answer(NOTE, plain(told))
        return await self._card(heard, _above(told, card))

    async def carried_out(self, heard: Heard, press: Press) -> Message:
        """Carry out the press; returns the answer to it."""
        pressed = Pressed(**dict(heard), button=press.button, values=press.values)
        return (await self.edge.press(pressed)).message

    async def _told(self, heard: Heard, message: Message) -> str:
        if not await self.answers.tell(heard, message):
            return NO_DIRECT
        return BELOW if heard.direct else DIRECTLY

    async def _living(self, heard: Heard) -> Message | None:
        if heard.message is None:
            return None
        ref = MessageRef(platform=PLATFORM, room=heard.place.room, message=heard.message)
        return await self.keep.card(ref)

    async def _card(self, heard: Heard, message: Message) -> Answer:
        complete = await self.answers.complete(heard, message)
        return _answer(CARD, (await self.answers.chat.drawn(complete)).card)

    async def _searched(self, activity: Activity, heard: Heard) -> Answer:
        query = Query.model_validate(activity.value)
        if query.dataset != "person":
            raise Malformed("an unknown data set")
        asked = Choices(account=heard.account, kind="person", typed=query.text[:100])
        found = await self.keep.choices(asked)
        results = [{"title": one.label, "value": one.value} for one in found]
        return _answer(FOUND, {"results": results})

    async def _pointed(self, activity: Activity, heard: Heard) -> Answer:
        """An action on a message: into the timeline, or into a form that is asked for directly."""
        found = Pointed.model_validate(activity.value)
        if found.command == KEEP:
            told = plain(await self._kept(heard, found.message))
        elif found.command in FROM_MESSAGE:
            told = await self._asked(heard, found)
        else:
            raise Malformed("an unknown action on a message")
        return {"task": {"type": "message", "value": told}}

    async def _kept(self, heard: Heard, said: Target) -> Message:
        """Add to timeline: the message's words, by whoever wrote them."""
        words, author = _words(said.body.content), one_line(said.author.user.name)
        return (await self.edge.add(Kept(**dict(heard), text=words, author=author))).message

    async def _asked(self, heard: Heard, found: Pointed) -> str:
        """The command's form with the message's words in it, in the chat with Tocsin alone."""
        command, field, most = FROM_MESSAGE[found.command]
        incident = await self.keep.incident(heard.place)
        args = {"incident": incident} if incident and command != DECLARE else {}
        message = (
            await self.edge.command(Typed(**dict(heard), command=command, args=args))
        ).message
        if form_of(message) is None:
            return plain(message)
        words = " ".join(_words(found.message.body.content).split())
        return await self._told(heard, prefilled(message, {field: words[:most]}))


def _answer(kind: str, value: Any) -> Answer:
    return {"statusCode": 200, "type": kind, "value": value}


def _above(told: Message, card: Message) -> Message:
    return card.model_copy(update={"nodes": (*told.nodes, Divider(), *card.nodes)})


class _Words(HTMLParser):
    """The words of a page, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        if tag in ("p", "div", "br", "li"):
            self.said.append("\n")


def _words(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.said).strip()
