"""What a server of notifications answers over HTTP, or does not, in the words of the ports."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from domain.errors import Permanent, Retry
from domain.plain import one_line

PATIENCE_S = 8.0
LONGEST_TOLD = 200
BUSY = frozenset({408, 425, 429})
SERVER_ERRORS = 500


@asynccontextmanager
async def reached(name: str) -> AsyncIterator[None]:
    """No answer is a `Retry`; none of the reasons holds what was sent."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as wrong:
        raise Permanent(f"{name}: {wrong}") from wrong
    except (httpx2.HTTPError, OSError) as lost:
        raise Retry(f"{name}: {type(lost).__name__}") from lost


def given(answer: httpx2.Response, name: str) -> str:
    """A field of an answer that may hold none: one message more or less is not lost by it."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    return one_line(str(told.get(name, "")), LONGEST_TOLD) if isinstance(told, dict) else ""


def need_taken(answer: httpx2.Response, name: str, said: str, address: str = "") -> None:
    """Raises for anything but success: `Retry` where it is busy or broken, else `Permanent`.

    ``said`` is the field with the server's words. They are kept and shown, so the address that
    servers like to repeat is taken out.
    """
    if answer.is_success:
        return
    code = answer.status_code
    told = f"{name} said {code} {_without(address, _words(answer, said))}".rstrip()
    if code in BUSY or code >= SERVER_ERRORS:
        raise Retry(told)
    raise Permanent(told)


def _words(answer: httpx2.Response, said: str) -> str:
    try:
        told = answer.json()[said]
        return one_line(", ".join(told) if isinstance(told, list) else str(told), LONGEST_TOLD)
    except (ValueError, TypeError, KeyError):
        return ""


def _without(address: str, said: str) -> str:
    bare = address.removeprefix("+")
    return re.sub(rf"\+?{re.escape(bare)}", "…", said, flags=re.IGNORECASE) if bare else said
