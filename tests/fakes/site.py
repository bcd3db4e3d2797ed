"""The real web application over a store, for whoever asks it by ASGI or through a real server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import httpx2
from fastapi import APIRouter
from starlette.types import ASGIApp

from bot.credentials import (
    StoredCalendarLinks,
    StoredCredentials,
    StoredPageLinks,
    open_banner,
)
from bot.dispatch import Dispatch
from bot.intake import Intake
from commands.discovery import registry
from domain.actor import Scope
from storage.people import Token, hashed
from storage.store import Store
from tests.fakes.stores import SYSTEM
from web.app import Parts, Terms, build, build_outside
from web.ports import Check

HOME = "http://127.0.0.1:8000"
HOOKS = "hooks-secret"
FAR = timedelta(days=90)


@dataclass
class StillVitals:
    """A process that does as well as the test says; remembers what was answered."""

    seconds: dict[str, float] = field(default_factory=lambda: {"worker": 0.1})
    found: tuple[Check, ...] = (Check(name="database", ok=True, detail="sqlite"),)
    seen: list[tuple[str, int]] = field(default_factory=list)

    def ages(self) -> Mapping[str, float]:
        return self.seconds

    async def checks(self) -> tuple[Check, ...]:
        return self.found

    def metrics(self) -> bytes:
        return b"tocsin_up 1\n"

    def answered(self, route: str, status: int, seconds: float) -> None:
        self.seen.append((route, status))


@dataclass
class Site:
    """The application, and what stands behind it."""

    app: ASGIApp
    parts: Parts
    store: Store
    intake: Intake
    vitals: StillVitals

    def client(self, secret: str | None = None, **headers: str) -> httpx2.AsyncClient:
        """A client with a token, speaking ASGI; it follows no redirect."""
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        return _client(self.app, headers)

    def outside(self) -> httpx2.AsyncClient:
        """A client of the door that may face the internet."""
        return _client(build_outside(self.parts), {})


def _client(app: ASGIApp, headers: dict[str, str]) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url=HOME, headers=headers)


def build_site(
    store: Store,
    terms: Terms | None = None,
    intake: Intake | None = None,
    routers: Sequence[APIRouter] = (),
) -> Site:
    """Put the application together over ``store``."""
    intake, vitals = intake or Intake(store), StillVitals()
    parts = Parts(
        terms=terms or Terms(public_url=HOME, version="0.1.0"),
        clock=store.clock,
        ids=store.ids,
        credentials=StoredCredentials(store),
        intake=intake,
        links=StoredPageLinks(store),
        calendars=StoredCalendarLinks(store),
        registry=registry(),
        dispatch=Dispatch(registry(), store),
        vitals=vitals,
        banner=partial(open_banner, store),
        routers=routers,
    )
    return Site(build(parts), parts, store, intake, vitals)


async def give_hooks_token(store: Store, secret: str = HOOKS, source: str = "*") -> str:
    """Make a token that may only send events of ``source``; returns its id."""
    return await _give(store, secret, source=source, scopes=(Scope.EVENTS,))


async def give_token(store: Store, user: str, secret: str, *scopes: Scope) -> str:
    """Make a token of ``user``, for everything where no scope is named; returns its id."""
    return await _give(store, secret, user=user, scopes=scopes or tuple(Scope))


async def _give(store: Store, secret: str, **its: object) -> str:
    async with store.write(SYSTEM) as unit:
        token = Token.model_validate(
            {
                "id": unit.ids.new(),
                "hash": hashed(secret),
                "name": secret,
                "created_at": unit.now,
                "expires_at": unit.now + FAR,
                **its,
            }
        )
        await unit.people.keep_token(token)
    return token.id
