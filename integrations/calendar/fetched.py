"""Calendars behind addresses: asked for as any outside address is, and never in our own network.

The name is resolved once, and that address is the one which is connected to; no redirect is
followed, because it could lead anywhere.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx2

from domain.calendar_layer import Reading, Wanted
from domain.egress import may_reach, web_hook
from domain.errors import Invalid, Permanent, Retry
from integrations.calendar.events import Period
from integrations.calendar.shifts import shifts
from integrations.resolving import resolved
from integrations.trusting import trusted

PATIENCE_S = 20.0
MOST_BYTES = 2_000_000
# what is packed may unpack to any size
PLAIN = "identity"
PORTS = {"https": 443, "http": 80}
LATER = (408, 425, 429)
Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True)
class FetchedCalendars:
    """`domain.calendar_layer.CalendarReader`; ``hosts`` are those of one's own network that may be
    asked, and without TLS."""

    hosts: tuple[str, ...] = ()
    resolve: Resolve = resolved
    patience_s: float = PATIENCE_S

    async def read(self, wanted: Wanted) -> Reading:
        """Ask once. The address itself is never repeated: it may hold a secret."""
        url = _url(wanted.source)
        try:
            async with asyncio.timeout(self.patience_s):
                text = await _text(url, await self._there(url))
                return await _read(text, wanted)
        except TimeoutError as lost:
            raise Retry(f"{url.host} takes too long") from lost
        except httpx2.HTTPError as lost:
            raise Retry(f"{url.host} does not answer ({type(lost).__name__})") from lost
        except Invalid as wrong:
            raise Permanent(wrong.text) from wrong

    async def _there(self, url: httpx2.URL) -> str:
        """The one address that is connected to. Raises `Permanent` where it may not be."""
        try:
            found = await self.resolve(url.host, url.port or PORTS[url.scheme])
        except (OSError, UnicodeError) as lost:
            raise Retry(f"{url.host} cannot be resolved") from lost
        named = may_reach(url.host, "", self.hosts)
        if url.scheme != "https" and not named:
            raise Permanent(f"{url.host} is asked by https alone")
        if not found or not all(may_reach(url.host, one, self.hosts) for one in found):
            raise Permanent(f"{url.host} leads into a private network, which is not allowed")
        return found[0]


async def _read(text: bytes, wanted: Wanted) -> Reading:
    """In a thread: pages go on while a long calendar is read, which ends when its time is over."""
    late = threading.Event()
    period = Period(wanted.since, wanted.until, ZoneInfo(wanted.zone))
    try:
        return await asyncio.to_thread(shifts, text, period, late.is_set)
    finally:
        late.set()


async def _text(url: httpx2.URL, there: str) -> bytes:
    headers = {"Host": url.netloc.decode(), "Accept": "text/calendar", "Accept-Encoding": PLAIN}
    told = {"sni_hostname": url.host}
    client = httpx2.AsyncClient(
        timeout=None, trust_env=False, follow_redirects=False, verify=trusted()
    )
    async with (
        client,
        client.stream("GET", url.copy_with(host=there), headers=headers, extensions=told) as answer,
    ):
        if answer.status_code != httpx2.codes.OK:
            raise _refusal(url.host, answer.status_code)
        if answer.headers.get("content-encoding", PLAIN).lower() != PLAIN:
            raise Permanent(f"{url.host} sends it packed, which was not asked for")
        return await _body(answer, url.host)


async def _body(answer: httpx2.Response, host: str) -> bytes:
    body = b""
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > MOST_BYTES:
            raise Permanent(f"{host} sends more than {MOST_BYTES} bytes")
    return body


def _refusal(host: str, status: int) -> Retry | Permanent:
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status in LATER:
        return Retry(f"{host} said {status}")
    return Permanent(f"{host} said {status}")


def _url(source: str) -> httpx2.URL:
    try:
        return httpx2.URL(web_hook(source))
    except (ValueError, httpx2.InvalidURL) as wrong:
        raise Permanent("that is no address of a calendar") from wrong
