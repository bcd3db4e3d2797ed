"""Alerts and deployments come in at ``POST /hooks/{source}`` and ``/hooks/{source}/{token}``.

The hot path, so a plain ASGI endpoint: known source, credential, size, type, JSON, shape, then the
intake, and 202 once it is on disk. Whoever shows a token is known before a byte of the body is
kept; a signature needs the body first. A repeated delivery is harmless: signals are
ordered by what they say, not by their arrival (`domain.alert`).
"""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.actor import Scope as Right
from domain.alert import Parsed
from domain.ports import Clock
from integrations.alerts.discovery import Source
from integrations.alerts.signature import Request
from web.body import LIMIT, declared_size, too_large
from web.carried import authorization, header
from web.limits import Buckets
from web.ports import Arrived, Intake, Token
from web.problem import Problem, busy
from web.strict_json import Malformed, read
from web.tokens import Tokens

JSON_TYPE = re.compile(r"(application/([\w.-]+\+)?json|text/(json|plain))\s*(;.*)?", re.I)
OTHER_CHARSET = re.compile(r"charset\s*=\s*(?!\"?utf-?8)", re.I)
SOURCE, TOKEN = 2, 3  # as parts of the path
ANY_SOURCE = "*"
SIGNED = "signed"
LARGE = 64 * 1024


@dataclass(frozen=True)
class HooksTerms:
    """The sources, and the signing secrets of those that sign, the newest first.

    A body may take ``slowest_s`` seconds; all together may hold ``most_held`` bytes; a token may
    send ``per_second`` deliveries, and twice that at once.
    """

    sources: Mapping[str, Source]
    secrets: Mapping[str, tuple[str, ...]]
    slowest_s: float = 10.0
    most_held: int = 16 * 1024 * 1024
    per_second: float = 5000.0


class Hooks:
    """The endpoint. ``held`` is how many bytes of bodies wait to be on disk."""

    def __init__(self, terms: HooksTerms, tokens: Tokens, intake: Intake, clock: Clock) -> None:
        self.terms = terms
        self.tokens = tokens
        self.intake = intake
        self.clock = clock
        self.held = 0
        self._rates = Buckets(terms.per_second, 2 * terms.per_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one delivery in. Raises `Problem` for what cannot be taken."""
        source = self._source(scope)
        scope["state"]["route"] = f"/hooks/{source.name}"
        sender = await self._sender(source, scope)
        if declared_size(scope) > LIMIT:
            raise too_large()
        if sender:
            _need_json(scope)
        body = bytearray()
        try:
            await self._fill(body, receive)
            arrived = await self._arrived(source, sender, scope, bytes(body))
            delivery = await self.intake.accept(arrived)
        finally:
            self.held -= len(body)
        await _accepted(delivery, arrived.parsed)(scope, receive, send)

    def _source(self, scope: Scope) -> Source:
        source = self.terms.sources.get(_part(scope, SOURCE))
        if source is None:
            known = ", ".join(sorted(self.terms.sources))
            raise Problem(404, f"There is no source of that name. Known: {known}.")
        if scope["method"] != "POST":
            raise Problem(405, "Deliveries are sent by POST.", Allow="POST")
        return source

    async def _sender(self, source: Source, scope: Scope) -> str | None:
        """The integration that a token stands for; None where only a signature can tell.

        Tokens of one name are one integration, so that a token can be rotated.
        """
        secret = _part(scope, TOKEN) or shown(authorization(scope))
        if not secret and self._signs(source):
            return None
        token = await self.tokens.find(secret) if secret else None
        if token is None or not may_send(token, source.name):
            raise _unauthorized(source.name)
        now = asyncio.get_running_loop().time()
        if wait := self._rates.take(token.id, now):
            raise busy("This token sends faster than is taken in.", wait, 429)
        return f"{source.name}/{token.name}"

    def _signs(self, source: Source) -> bool:
        """Whether the source's signature could be told right from wrong."""
        return source.verify is not None and bool(self.terms.secrets.get(source.name))

    async def _fill(self, body: bytearray, receive: Receive) -> None:
        """Read the body; what all requests together hold until their end is bounded."""
        try:
            async with asyncio.timeout(self.terms.slowest_s):
                async for part in _parts(receive):
                    self._need_room(len(body), len(part))
                    body += part
                    self.held += len(part)
        except TimeoutError:
            raise Problem(408, "The body did not arrive in time.") from None

    def _need_room(self, had: int, more: int) -> None:
        if had + more > LIMIT:
            raise too_large()
        if self.held + more > self.terms.most_held:
            raise busy("Too much is being taken in at once.", 1)

    async def _arrived(
        self, source: Source, sender: str | None, scope: Scope, body: bytes
    ) -> Arrived:
        """The delivery, proven and read; a large body is read beside the others."""
        integration = sender or self._signer(source, scope, body)
        if len(body) < LARGE:
            return self._read(source, integration, body)
        return await asyncio.to_thread(self._read, source, integration, body)

    def _signer(self, source: Source, scope: Scope, body: bytes) -> str:
        """The integration that the body's signature stands for."""
        headers = {key.decode("latin-1"): said.decode("latin-1") for key, said in scope["headers"]}
        request, secrets = Request(body, headers, self.clock.now()), self.terms.secrets[source.name]
        if source.verify is None or source.verify(request, secrets) != "verified":
            raise _unauthorized(source.name)
        _need_json(scope)
        return f"{source.name}/{SIGNED}"

    def _read(self, source: Source, integration: str, body: bytes) -> Arrived:
        """What the body says. Raises `Problem` for broken JSON, `Invalid` for a wrong shape."""
        try:
            told = read(body)
        except Malformed as error:
            raise Problem(400, f"The body is not JSON: {error}.") from None
        now = self.clock.now()
        return Arrived(
            source=source.name,
            integration=integration,
            received_at=now,
            body=body,
            parsed=source.parse(told, integration, now),
        )


def _part(scope: Scope, number: int) -> str:
    parts = scope["path"].split("/", TOKEN)
    return parts[number] if number < len(parts) else ""


def shown(said: str) -> str:
    """The secret of an Authorization header: Bearer, or Basic with it as password or name."""
    kind, _, given = said.partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() != "basic":
        return ""
    try:
        pair = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    name, _, password = pair.partition(":")
    return password or name


def may_send(token: Token, source: str) -> bool:
    """Whether the token is for events of ``source``."""
    return Right.EVENTS in token.scopes and token.source in (source, ANY_SOURCE)


def _need_json(scope: Scope) -> None:
    said = header(scope, b"content-type")
    if said and (not JSON_TYPE.fullmatch(said) or OTHER_CHARSET.search(said)):
        raise Problem(415, "Send JSON in UTF-8: Content-Type: application/json.")
    if header(scope, b"content-encoding") not in ("", "identity"):
        raise Problem(415, "Send the body uncompressed.")


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _accepted(delivery: str, parsed: Parsed) -> Response:
    """202: one id for each alert or deployment; a body not understood is kept raw as one."""
    ids = [f"{delivery}-{n}" for n in range(len(parsed.signals) + len(parsed.deployments))]
    told: dict[str, object] = {"accepted": len(ids), "ids": ids}
    if not parsed.understood:
        told = {"accepted": 1, "ids": [delivery], "understood": False}
    if parsed.truncated:
        told["truncated"] = parsed.truncated
    return Response(json.dumps(told), 202, media_type="application/json")


def _unauthorized(source: str) -> Problem:
    return Problem(
        401,
        f"Send a valid token for {source}: Authorization: Bearer <token>."
        " It may be wrong, expired, revoked or for another source.",
        WWW_Authenticate='Bearer realm="tocsin"',
    )
