"""A chat that has a bad day: busy, cut off after it took a message, and now and then a plain no."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TypeVar

from bot.passing import PassingChat
from domain.errors import Permanent, Retry
from domain.message import Message
from domain.ports import MessageRef, Place, RoomSpec

Answer = TypeVar("Answer")
BUSY, CUT, NO = 0.10, 0.10, 0.02


@dataclass
class RoughChat(PassingChat):
    """``dice`` decide what becomes of each call; only a page is ever refused for good."""

    dice: Random

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        if key.startswith("ring:") and self.dice.random() < NO:
            raise Permanent("channel_not_found")
        return await self._roughly(lambda: self.chat.post(place, message, key, again=again))

    async def edit(self, ref: MessageRef, message: Message) -> None:
        await self._roughly(lambda: self.chat.edit(ref, message))

    async def open_room(self, spec: RoomSpec) -> Place:
        return await self._roughly(lambda: self.chat.open_room(spec))

    async def _roughly(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        if self.dice.random() < BUSY:
            raise Retry("429", timedelta(seconds=self.dice.randint(1, 20)))
        answer = await call()
        if self.dice.random() < CUT:
            raise Retry("the connection was cut before the answer")
        return answer
