"""Fetching a page of a runbook: only from where one may, at most so much, within its time."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx2

from domain.checklist import ImportedPage
from domain.egress import may_reach, web_hook
from domain.errors import Permanent
from integrations.resolving import resolved

MOST_BYTES = 1_048_576
MOST_HOPS = 4
PATIENCE_S = 15.0
# what is packed may unpack to any size
PLAIN = "identity"
ASKED = {"Accept": "text/markdown, text/html, text/*", "Accept-Encoding": PLAIN}
MOVED = (301, 302, 303, 307, 308)
GOOD = 200
HTML = ("text/html", "application/xhtml+xml")
TEXT = ("text/markdown", "text/x-markdown", "text/plain")
# Where a forge shows a file, and where the file itself is.
SHOWN = (
    (re.compile(r"https://github\.com/([^/]+/[^/]+)/blob/(.+)"),
     r"https://raw.githubusercontent.com/\1/\2"),
    (re.compile(r"(https://[^/]+/.+)/-/blob/(.+)"), r"\1/-/raw/\2"),
)  # fmt: skip
Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True)
class FetchedPages:
    """``hosts`` are those of one's own network that may be asked."""

    hosts: tuple[str, ...]
    resolve: Resolve = resolved
    patience_s: float = PATIENCE_S

    async def page(self, url: str) -> ImportedPage:
        """The page at an address. Raises `Permanent` with the reason."""
        try:
            address = _file(web_hook(url))
            async with asyncio.timeout(self.patience_s):
                kind, text = await self._read(address)
                # in a thread: pages go on while a long page is read
                return await asyncio.to_thread(_page, url, kind, text)
        except ValueError as wrong:
            raise Permanent("that is no address of a page") from wrong
        except (TimeoutError, httpx2.HTTPError) as lost:
            raise Permanent(f"it does not answer: {type(lost).__name__}") from lost

    async def _read(self, url: str) -> tuple[str, str]:
        """Its kind and its text, over as many redirects as are looked at one by one."""
        for _ in range(MOST_HOPS):
            there = await self._there(url)
            told = {"sni_hostname": urlsplit(url).hostname or ""}
            headers = {"Host": urlsplit(url).netloc, **ASKED}
            async with (
                httpx2.AsyncClient(timeout=None, trust_env=False) as client,
                client.stream("GET", there, headers=headers, extensions=told) as answer,
            ):
                if answer.status_code not in MOVED:
                    return await _content(answer)
                url = web_hook(urljoin(url, answer.headers.get("location", "")))
        raise Permanent("it leads from one address to another without end")

    async def _there(self, url: str) -> str:
        """The address with the host that was looked at. Raises `Permanent`."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Permanent(f"{host} has no address") from error
        if not found or not all(may_reach(host, one, self.hosts) for one in found):
            raise Permanent(
                f"{host} is in a network of its own: an admin names it in runbooks.hosts first"
            )
        bare = f"[{found[0]}]" if ":" in found[0] else found[0]
        return parts._replace(netloc=f"{bare}:{port}").geturl()


def _page(url: str, kind: str, text: str) -> ImportedPage:
    from integrations.runbooks.pages import name_of, page_of, page_of_html

    if kind in HTML:
        return page_of_html(url, text)
    return page_of(url, name_of(url), text)


def _file(url: str) -> str:
    for shown, raw in SHOWN:
        if shown.fullmatch(url):
            return shown.sub(raw, url)
    return url


async def _content(answer: httpx2.Response) -> tuple[str, str]:
    if answer.status_code != GOOD:
        raise Permanent(f"it answered {answer.status_code}")
    kind = answer.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    if kind not in (*HTML, *TEXT):
        raise Permanent(f"it is {kind[:60]}, neither Markdown nor HTML")
    if answer.headers.get("content-encoding", PLAIN).lower() != PLAIN:
        raise Permanent("it is sent packed, which was not asked for")
    kept = b""
    async for part in answer.aiter_raw():
        kept += part
        if len(kept) > MOST_BYTES:
            raise Permanent("it is larger than 1 MiB")
    return kind, _decoded(kept, answer.charset_encoding or "utf-8")


def _decoded(text: bytes, charset: str) -> str:
    try:
        return text.decode(charset, errors="replace")
    except (LookupError, ValueError):
        return text.decode("utf-8", errors="replace")
