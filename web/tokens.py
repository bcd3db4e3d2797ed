"""Bearer tokens, looked up at most every few seconds each: a revocation counts within five."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from web.ports import Credentials, Token

BELIEVED_S = 4.0
MOST = 1000
LOOKUPS_AT_ONCE = 4


class Tokens:
    """Valid tokens seen lately. What is not valid is looked up each time, a few at once, so
    that a flood of wrong tokens leaves the database to others."""

    def __init__(
        self, credentials: Credentials, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._credentials = credentials
        self._seconds = seconds
        self._known: OrderedDict[bytes, tuple[float, Token]] = OrderedDict()
        self._turns = asyncio.Semaphore(LOOKUPS_AT_ONCE)

    async def find(self, secret: str) -> Token | None:
        """The token of ``secret``; None for a wrong, expired or revoked one."""
        key = hashlib.sha256(secret.encode("utf-8", "replace")).digest()
        if token := self._fresh(key):
            return token
        async with self._turns:
            return self._fresh(key) or await self._look_up(key, secret)

    def _fresh(self, key: bytes) -> Token | None:
        until, token = self._known.get(key, (0.0, None))
        return token if self._seconds() < until else None

    async def _look_up(self, key: bytes, secret: str) -> Token | None:
        asked = self._seconds()
        self._known.pop(key, None)
        token = await self._credentials.token(secret)
        if token is not None:
            self._known[key] = (asked + BELIEVED_S, token)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        return token
