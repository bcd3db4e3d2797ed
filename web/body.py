"""Bodies: never larger than the limit, and without a NUL, which no database takes."""

import re
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.carried import header
from web.problem import Problem

LIMIT = 1024 * 1024
LONGEST_SIZE = 15  # digits
NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NUL_IN_FORM = re.compile(rb"%00")
LONGEST_ESCAPE = 64


class Bodies:
    """ASGI middleware that counts and looks at the bodies it passes on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. Reading its body may raise `Problem`."""
        if scope["type"] == "http":
            if declared_size(scope) > LIMIT:
                raise too_large()
            receive = _Counted(receive, _nul(scope)).receive
        await self.app(scope, receive, send)


def too_large() -> Problem:
    """A body over the limit."""
    return Problem(413, f"The body is larger than {LIMIT} bytes.")


def declared_size(scope: Scope) -> int:
    """The size the request says its body has, in bytes; 0 where it does not say."""
    said = header(scope, b"content-length")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= LONGEST_SIZE else 0


@dataclass
class _Counted:
    """A body on its way in; ``tail`` is what a NUL could have begun in."""

    onward: Receive
    nul: re.Pattern[bytes]
    size: int = 0
    tail: bytes = b""

    async def receive(self) -> Message:
        """The next part of the body. Raises `Problem`."""
        message = await self.onward()
        if part := message.get("body", b""):
            self._count(part)
        return message

    def _count(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > LIMIT:
            raise too_large()
        seen = self.tail + part
        if any(found.end() > len(self.tail) for found in self.nul.finditer(seen)):
            raise Problem(400, "The body holds a NUL character: remove it.")
        self.tail = seen[-LONGEST_ESCAPE:]


def _nul(scope: Scope) -> re.Pattern[bytes]:
    return NUL_IN_FORM if "form" in header(scope, b"content-type") else NUL_IN_JSON
