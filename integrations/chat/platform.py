"""What a connected chat platform is to the process that holds it."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from starlette.routing import BaseRoute

from domain.finding import Finding
from domain.ports import Chat

Alive = Callable[[], None]
Shortened = Callable[[str], None]


def uncounted(_platform: str) -> None:
    """Nobody counts what had to be shortened."""


class Platform(Protocol):
    """A platform with its ways in and out."""

    @property
    def chat(self) -> Chat:
        """The way out."""

    @property
    def single(self) -> bool:
        """Whether one process of an installation may hold the connection at a time."""

    def routes(self) -> Sequence[BaseRoute]:
        """What it answers over HTTP; each request carries the platform's own proof."""

    async def listen(self, alive: Alive) -> None:
        """Hold the connection until cancelled, and call ``alive`` at each sign of life.

        Returns at once where everything comes over HTTP. Raises `Retry` where the connection
        broke and `Permanent` where it was refused.
        """

    async def close(self) -> None:
        """Give back every connection."""


@runtime_checkable
class Checkable(Protocol):
    """A platform that can say what is wrong with its set-up."""

    async def check(self) -> tuple[Finding, ...]:
        """Whether its tokens are taken, what they may do, and whether its rooms are there."""
