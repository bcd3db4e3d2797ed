"""How an answer reaches the one person it is for: in the direct chat, never in a channel."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from domain.chat import Heard
from domain.errors import Permanent, Retry
from domain.message import Form, Input, Message, Option, Text, sentence
from domain.plain import plain
from domain.ports import ChatKeep, Choices
from integrations.chat.teams.send import TeamsChat

log = structlog.get_logger()

NO_DIRECT = (
    "I have an answer for you alone, but cannot write to you directly: add Tocsin to your chats,"
    " then ask again."
)


@dataclass(frozen=True)
class Answers:
    """Says what was asked for, to whoever asked; ``dress`` marks what the demo says."""

    chat: TeamsChat
    keep: ChatKeep
    dress: Callable[[Message], Message]

    async def tell(self, heard: Heard, message: Message) -> bool:
        """Say it to the person alone; whether that was possible. Nobody else hears of it."""
        try:
            room = heard.place.room
            if not heard.direct:
                room = (await self.chat.alone(heard.account.id)).room
            await self.chat.say(room, await self.complete(heard, message))
        except (Retry, Permanent) as error:
            return _not_told(error)
        return True

    async def tell_or_own_up(self, heard: Heard, message: Message) -> None:
        """Say it to the person alone, or say where they asked that it is impossible."""
        if not await self.tell(heard, message) and not heard.direct:
            try:
                await self.chat.say(heard.place.room, self.dress(sentence(NO_DIRECT)))
            except (Retry, Permanent) as error:
                _not_told(error)

    async def announce(self, room: str, message: Message) -> None:
        """Say it to everybody there."""
        try:
            await self.chat.say(room, self.dress(message))
        except (Retry, Permanent) as error:
            _not_told(error)

    async def complete(self, heard: Heard, message: Message) -> Message:
        """The message as this person sees it, with Tocsin's people to pick from in its forms."""
        if any(_asks_for_somebody(one) for one in _inputs(message)):
            people = await self.keep.choices(Choices(account=heard.account, kind="person"))
            message = _offering(message, people)
        return self.dress(message)


def is_short(message: Message) -> bool:
    """Whether it is a sentence: nothing to press, nothing to fill in."""
    return all(isinstance(node, Text) for node in message.nodes) and "\n" not in plain(message)


def _not_told(error: Exception) -> bool:
    log.warning("answer not delivered", platform="teams", error=str(error))
    return False


def _inputs(message: Message) -> tuple[Input, ...]:
    forms = (node for node in message.nodes if isinstance(node, Form))
    return tuple(one for form in forms for one in form.inputs)


def _asks_for_somebody(asked: Input) -> bool:
    return asked.kind == "person" and not asked.options


def _offering(message: Message, people: tuple[Option, ...]) -> Message:
    nodes = tuple(
        _with_people(node, people) if isinstance(node, Form) else node for node in message.nodes
    )
    return message.model_copy(update={"nodes": nodes})


def _with_people(form: Form, people: tuple[Option, ...]) -> Form:
    inputs = tuple(
        one.model_copy(update={"options": people}) if _asks_for_somebody(one) else one
        for one in form.inputs
    )
    return form.model_copy(update={"inputs": inputs})
