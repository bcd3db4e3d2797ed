"""What a step says, as people may read it: its end, bounded, without what looks like a secret."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.base import Frozen
from domain.redaction import redact

Heard = Callable[[bytes], None]
"""Is told each part of what a step says, as soon as it is said."""

MOST_OUTPUT = 2000
# So much is looked through for secrets: one that is cut at its beginning is never among what is
# kept, for no secret is as long as what lies between.
LOOKED_THROUGH = 4 * MOST_OUTPUT


class Attempt(Frozen):
    """One try at one step of a run."""

    run: str
    step: int
    attempt: int


class Outputs(Protocol):
    """Where what steps say goes while they are done."""

    def hearing(self, attempt: Attempt) -> AbstractAsyncContextManager[Heard]:
        """Whoever looks at the run reads along, until it is closed."""

    def clean(self, said: str) -> str:
        """The end of what was said, without the secrets of this installation."""


def deaf(part: bytes) -> None:
    """Nobody reads along."""


def whole_lines(said: str) -> str:
    """What ends with a line: of the rest nobody knows yet what it will be."""
    return said[: said.rfind("\n") + 1]


def tail(said: str, secrets: Collection[str] = ()) -> str:
    """Its end, as it is kept; ``secrets`` are those of this installation."""
    return redact(_window(said), secrets).text[-MOST_OUTPUT:]


def _window(said: str) -> str:
    """The end of it that is looked through, from the beginning of a line on where there is one."""
    end = said[-LOOKED_THROUGH:]
    return end if len(end) == len(said) else end[end.find("\n") + 1 :]
