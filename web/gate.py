"""The gate: nothing is open but what stands in `OPEN`; everything else needs a token or session.

A change made by cookie also needs the session's form token and must come from our own pages.
"""

from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.actor import Actor
from domain.actor import Scope as Right
from web.carried import SAFE, authorization, cookie, header
from web.ports import Credentials
from web.problem import Problem
from web.tokens import Tokens

OPEN = frozenset({"/healthz", "/livez", "/readyz", "/login", "/slack/events", "/teams/messages"})
OPEN_BELOW = ("/hooks/", "/a/", "/ical/", "/static/", "/twilio/")
CSRF_HEADER = b"x-tocsin-csrf"
CSRF_FIELD = "csrf"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Caller:
    """Who makes a request; ``csrf`` is the session's form token, "" for a bearer token."""

    actor: Actor
    csrf: str = ""


@dataclass(frozen=True)
class GateTerms:
    """``origin`` is the public address (``https://tocsin.example``), ``cookie`` its cookie."""

    origin: str
    cookie: str


class Gate:
    """ASGI middleware that lets a request through, with its `Caller`, or not."""

    def __init__(
        self, app: ASGIApp, terms: GateTerms, credentials: Credentials, tokens: Tokens
    ) -> None:
        self.app = app
        self.terms = terms
        self.credentials = credentials
        self.tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is open or has a caller. Raises `Problem` for the rest."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http" and not is_open(scope):
            caller = await self._caller(scope)
            scope["state"]["caller"] = caller
            if caller.csrf:
                receive = await self._need_our_page(scope, receive, caller.csrf)
            elif scope["method"] in SAFE and Right.READ not in caller.actor.scopes:
                raise Problem(403, "This token may not read: make one with the scope read.")
        await self.app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        """A token where one is shown, whatever cookie comes with it; else the session."""
        if shown := authorization(scope):
            return await self._by_token(shown)
        secret = cookie(scope, self.terms.cookie)
        session = await self.credentials.session(secret) if secret else None
        if session is None:
            raise _unauthorized("Sign in, or send a token.")
        return Caller(session.actor, session.csrf)

    async def _by_token(self, shown: str) -> Caller:
        kind, _, secret = shown.partition(" ")
        token = await self.tokens.find(secret.strip()) if kind.lower() == "bearer" else None
        if token is None:
            raise _unauthorized("This token is not valid: it is wrong, expired or revoked.")
        if token.actor is None:
            raise Problem(403, "This token may only send events to /hooks.")
        return Caller(token.actor)

    async def _need_our_page(self, scope: Scope, receive: Receive, csrf: str) -> Receive:
        """What a cookie may be used for: reading, and what our own pages ask for."""
        changes = scope["method"] not in SAFE
        if not comes_from_us(scope, self.terms.origin, must_say=changes):
            raise Problem(403, "This request came from another site and was not carried out.")
        if not changes:
            return receive
        given = header(scope, CSRF_HEADER)
        if not given and header(scope, b"content-type").startswith(FORM):
            body = await Request(scope, receive).body()
            given = _form_token(body)
            receive = _again(body, receive)
        if not compare_digest(given.encode(), csrf.encode()):
            raise Problem(403, "The page is out of date: reload it and try again.")
        return receive


def is_open(scope: Scope) -> bool:
    """Whether anybody may ask; ``/readyz?verbose`` tells too much for that."""
    path: str = scope["path"]
    if path == "/readyz" and scope["query_string"]:
        return False
    return path in OPEN or path.startswith(OPEN_BELOW)


def comes_from_us(scope: Scope, origin: str, *, must_say: bool) -> bool:
    """Whether the browser says that one of our pages asks.

    With no-referrer a form's Origin is ``null``; then Sec-Fetch-Site tells. ``must_say`` refuses
    a browser that says neither.
    """
    said = header(scope, b"origin")
    if said and said != "null":
        return said == origin or urlsplit(said).netloc == header(scope, b"host")
    if header(scope, b"sec-fetch-site") in ("same-origin", "none"):
        return True
    return not must_say and not said


def origin_of(url: str) -> str:
    """Scheme and host of ``url``, as browsers write an Origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def caller_of(request: Request) -> Caller:
    """Who makes this request."""
    caller: Caller = request.state.caller
    return caller


def actor_of(request: Request) -> Actor:
    """As whom this request acts: from its credential, never from its body."""
    return caller_of(request).actor


Acting = Annotated[Actor, Depends(actor_of)]
Calling = Annotated[Caller, Depends(caller_of)]


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, WWW_Authenticate='Bearer realm="tocsin"')


def _form_token(body: bytes) -> str:
    fields = parse_qs(body.decode("utf-8", "replace"))
    return fields.get(CSRF_FIELD, [""])[0]


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever else comes."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay
