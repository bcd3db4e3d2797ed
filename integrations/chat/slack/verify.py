"""The proof of a request over HTTP: before anything else looks at it, and closed to any doubt."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request

from domain.ports import ChatKeep

LIMIT = 1024 * 1024
WINDOW_S = 300
LONGEST_STAMP = 12
SIGNATURE, STAMP = b"x-slack-signature", b"x-slack-request-timestamp"


class Unproven(Exception):
    """The request is not Slack's, or is not its first."""


class TooLarge(Exception):
    """The body is over the limit."""


@dataclass(frozen=True)
class Verifier:
    """Knows Slack's requests by ``secrets``, of which one may be the next or the last.

    ``seconds`` is the wall clock in Unix seconds: Slack stamps with real time, also in a demo
    whose clock was moved.
    """

    secrets: tuple[str, ...]
    seconds: Callable[[], float]
    keep: ChatKeep

    async def body(self, request: Request) -> bytes:
        """The body of a request that proved itself. Raises `Unproven` or `TooLarge`."""
        body = await _whole(request)
        try:
            signature = self._proved(request, body)
        except (ValueError, ArithmeticError):
            raise Unproven from None
        if not await self.keep.first_time(f"slack:{signature}"):
            raise Unproven
        return body

    def _proved(self, request: Request, body: bytes) -> str:
        stamp = _only(request, STAMP)
        signature = _only(request, SIGNATURE)
        if not stamp.isdigit() or len(stamp) > LONGEST_STAMP:
            raise Unproven
        if abs(self.seconds() - int(stamp)) > WINDOW_S:
            raise Unproven
        made = (_signed(secret, stamp, body) for secret in self.secrets)
        if not any([hmac.compare_digest(one, signature) for one in made]):
            raise Unproven
        return signature.decode("ascii")


def _signed(secret: str, stamp: bytes, body: bytes) -> bytes:
    digest = hmac.new(secret.encode(), b"v0:" + stamp + b":" + body, sha256)
    return f"v0={digest.hexdigest()}".encode()


def _only(request: Request, name: bytes) -> bytes:
    """A header that is there exactly once."""
    found: Iterable[bytes] = (value for key, value in request.headers.raw if key == name)
    (value,) = found
    return value


async def _whole(request: Request) -> bytes:
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LIMIT:
            raise TooLarge
        parts.append(chunk)
    return b"".join(parts)
