"""Whether a request comes from Teams: before anything of it is parsed.

The Bot Framework signs every request with a token for this app, issued by itself, that names the
address to answer at; its keys are published. Expiry is judged by the machine's own clock, as the
demo's may have been moved.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2
import jwt
from starlette.datastructures import Headers

from domain.base import Frozen
from integrations.chat.teams.activity import Activity

ISSUER = "https://api.botframework.com"
LEEWAY_S = 300
AGAIN_S = 30.0
DAY_S = 86_400.0
PATIENCE_S = 5.0
LONGEST_TOKEN = 16 * 1024
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "origin", "sec-fetch-site")


class Unproven(Exception):
    """The request does not come from Teams; the reason is for the log alone."""


class Claims(Frozen):
    """What the proof vouches for: the address to answer at, and the channels of its key.

    Without either, nothing is said about it.
    """

    service_url: str | None = None
    endorsements: tuple[str, ...] = ()

    def need(self, activity: Activity) -> None:
        """Raise `Unproven` where ``activity`` says something else."""
        if self.service_url is not None and _bare(self.service_url) != _bare(activity.service_url):
            raise Unproven("another service address")
        if self.endorsements and activity.channel_id not in self.endorsements:
            raise Unproven("a key of another channel")


class Proof(Protocol):
    """How requests are proven."""

    async def claims(self, headers: Headers) -> Claims:
        """What the headers prove. Raises `Unproven`."""


@dataclass(frozen=True)
class SigningKey:
    """A published key, and the channels it may sign for."""

    key: jwt.PyJWK
    endorsements: tuple[str, ...] = ()


@dataclass
class SigningKeys:
    """The keys at ``address`` by id, asked for at most twice a minute: forgeries cost nothing."""

    address: str
    elapsed: Callable[[], float]
    known: dict[str, SigningKey] = field(default_factory=dict)
    asked_at: float = -DAY_S
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, name: str) -> SigningKey | None:
        """The key of that id."""
        async with self.turn:
            age = self.elapsed() - self.asked_at
            if age > DAY_S or (name not in self.known and age > AGAIN_S):
                self.asked_at = self.elapsed()
                self.known = await self._fetched()
        return self.known.get(name)

    async def _fetched(self) -> dict[str, SigningKey]:
        """What is published now; what was, where nobody answers."""
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE_S) as client:
                about = (await client.get(self.address)).raise_for_status().json()
                published = (await client.get(about["jwks_uri"])).raise_for_status().json()
            return dict(_read(one) for one in published["keys"])
        except (httpx2.HTTPError, httpx2.InvalidURL, jwt.PyJWTError, *UNREADABLE):
            return self.known


@dataclass(frozen=True)
class SignedProof:
    """The platform's own proof, for the app ``app_id``."""

    app_id: str
    keys: SigningKeys

    async def claims(self, headers: Headers) -> Claims:
        """What the token vouches for. Raises `Unproven`, whatever is wrong with it."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
            raise Unproven("no token")
        try:
            return await self._read(token)
        except (jwt.PyJWTError, *UNREADABLE) as error:
            raise Unproven(type(error).__name__) from error

    async def _read(self, token: str) -> Claims:
        named = jwt.get_unverified_header(token)["kid"]
        found = await self.keys.find(named)
        if found is None:
            raise Unproven("an unknown key")
        claims = jwt.decode(
            token,
            found.key,
            algorithms=["RS256"],
            audience=self.app_id,
            issuer=ISSUER,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iss", "aud", "serviceurl"]},
        )
        return Claims(service_url=claims["serviceurl"], endorsements=found.endorsements)


@dataclass(frozen=True)
class LoopbackProof:
    """For the Agents Playground, which signs nothing: it must run on this very machine.

    A browser's page or a tunnel could reach a loopback address too; neither can speak like this.
    """

    async def claims(self, headers: Headers) -> Claims:
        """Nothing is vouched for. Raises `Unproven` where others may have sent it."""
        if any(name in headers for name in FORWARDED):
            raise Unproven("passed on by somebody")
        if not is_loopback(f"//{headers.get('host', '')}"):
            raise Unproven("another host")
        if not headers.get("content-type", "").startswith("application/json"):
            raise Unproven("a browser could have sent it")
        return Claims()


def is_loopback(address: str) -> bool:
    """Whether only this machine can be meant."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _read(published: dict[str, Any]) -> tuple[str, SigningKey]:
    key = jwt.PyJWK.from_dict(published, algorithm="RS256")
    return str(published["kid"]), SigningKey(key, tuple(published.get("endorsements", ())))


def _bare(address: str) -> str:
    return address.rstrip("/")


UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
