"""What a person does in a chat and sees there, whichever chat it is: stories are told in this."""

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot.pacing import PacedChat
from tests.fakes.tocsin import Tocsin

BOB = "bob"
MOMENT = timedelta(seconds=5)
"""Long enough for a card to be drawn again."""


def pace_by_the_story(tocsin: Tocsin) -> None:
    """Rooms bear so many messages a second of the story's time, not of the test's."""
    worker = tocsin.parts.worker
    chats = {
        name: replace(one, seconds=lambda: tocsin.clock.now().timestamp())
        if isinstance(one, PacedChat)
        else one
        for name, one in worker.ports.chats.items()
    }
    worker.ports = replace(worker.ports, chats=chats)


class Hand(Protocol):
    """Bob's hands and eyes. After each step a moment passes, and everything due has been done."""

    @property
    def tocsin(self) -> Tocsin:
        """Behind it."""

    async def type(self, line: str, *, inside: bool = False) -> None:
        """Give a command: ``inside`` the room of INC-13, or where one usually does."""

    async def press(self, on: str, label: str) -> None:
        """Press what begins with ``label``, on the newest message with the words ``on``."""

    async def fill(self, **values: str) -> None:
        """Fill in the form that was asked for last, and send it."""

    async def see(self, *words: str) -> str:
        """The newest message that holds all these words, as it stands now."""
