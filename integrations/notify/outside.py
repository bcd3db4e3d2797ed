"""Posting to an address that somebody gave: nothing leads into our own network (`domain.egress`).

The name is resolved once, and that address is the one which is connected to; no redirect is
followed, and what is answered is not read: whoever has such an address may answer anything.
"""

from dataclasses import dataclass

import httpx2

from domain.egress import is_public, web_hook
from domain.errors import Permanent, Retry
from integrations.notify.reached import PATIENCE_S, reached
from integrations.resolving import resolved

PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Outside:
    """``hosts`` may be reached though they are private, and without TLS; ``everywhere`` is off
    where only those may. ``name`` is what people call the other end."""

    name: str
    hosts: frozenset[str] = frozenset()
    everywhere: bool = True

    async def post(self, address: str, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        """Post once; gives the status and where it leads, with no body. Raises `Permanent` where
        that may not be, `Retry` where nobody answers."""
        url = self._url(address)
        told = {**headers, "Host": url.netloc.decode(), "Accept-Encoding": "identity"}
        async with reached(self.name):
            there = await self._there(url)
            async with (
                httpx2.AsyncClient(timeout=PATIENCE_S, follow_redirects=False) as client,
                client.stream(
                    "POST",
                    url.copy_with(host=there),
                    content=body,
                    headers=told,
                    extensions={"sni_hostname": url.host},
                ) as heard,
            ):
                answer = _beginning(heard)
        if answer.is_redirect:
            said = f"{self.name} said {answer.status_code}"
            raise Permanent(f"{said}, and redirects are not followed")
        return answer

    async def _there(self, url: httpx2.URL) -> str:
        """The one address that is connected to. Raises `Permanent` where it may not be."""
        if url.host in self.hosts:
            return url.host
        if not self.everywhere or url.scheme != "https":
            raise Permanent(f"{self.name} must be https, and outside")
        try:
            found = await resolved(url.host, url.port or PORTS[url.scheme])
        except (OSError, UnicodeError) as lost:
            raise Retry(f"{self.name}: its name cannot be resolved") from lost
        if not found or not all(map(is_public, found)):
            raise Permanent(f"{self.name} leads into a private network, which is not allowed")
        return found[0]

    def _url(self, address: str) -> httpx2.URL:
        try:
            return httpx2.URL(web_hook(address))
        except (ValueError, httpx2.InvalidURL) as wrong:
            raise Permanent(f"{self.name}: {wrong}") from wrong


def _beginning(heard: httpx2.Response) -> httpx2.Response:
    """Without its body."""
    location = heard.headers.get("location")
    return httpx2.Response(heard.status_code, headers={"location": location} if location else {})
