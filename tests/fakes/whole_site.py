"""The web application, API, chat, pages and live stream, over a store of the small company."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.console import drawn, shown
from domain.actor import Actor
from domain.finding import Finding, failure, ok, warning
from storage.store import Store
from tests.fakes.company import ROLES, settle_company
from tests.fakes.console import talk_over
from tests.fakes.site import HOME, Site, build_site, give_token
from tests.fakes.stores import StillClock
from web import api, console, dashboard, live
from web.api import ApiParts
from web.app import Terms
from web.console import ConsoleParts, DemoParts
from web.live import LiveParts
from web.pages.parts import DashboardParts


async def whole_site(store: Store, *, demo: bool = False) -> Site:
    """Settle the company, give everybody a token that is their name, and build it all."""
    await settle_company(store)
    for person in ROLES:
        await give_token(store, person, person)
    return whole_site_over(store, demo=demo)


def whole_site_over(store: Store, *, demo: bool = False) -> Site:
    """Build it all over a store where the company is settled already."""
    talk = talk_over(store)
    listener = talk.listener
    in_demo = DemoParts(person=_person(store), advance=_advance(store)) if demo else None
    routers = [
        api.router(ApiParts(store.read, listener.registry, listener.typed, listener.dispatch)),
        console.router(ConsoleParts(store.read, listener, shown, store.clock, in_demo)),
        live.router(LiveParts(store.read, store.live, lambda: False)),
        dashboard.router(
            DashboardParts(
                read=store.read,
                registry=listener.registry,
                typed=listener.typed,
                dispatch=listener.dispatch,
                stored=talk.keep.stored,
                drawn=drawn,
                examined=_examined,
            )
        ),
    ]
    opens_as = "alice" if demo else ""
    terms = Terms(public_url=HOME, version="0.1.0", demo=demo, opens_as=opens_as)
    return build_site(store, terms, routers=routers)


async def _examined() -> tuple[Finding, ...]:
    """One of each kind."""
    return (
        ok("database", "SQLite, answers in 1.2 ms"),
        failure("on-call", "gap in <Web>: Sat 02:00", "tocsin apply config/"),
        warning("slack", "missing scope reactions:read", "add it"),
    )


def _person(store: Store) -> Callable[[str], Awaitable[Actor | None]]:
    async def person(handle: str) -> Actor | None:
        async with store.read() as unit:
            return await unit.people.actor(handle)

    return person


def _advance(store: Store) -> Callable[[timedelta], Awaitable[bool]]:
    async def advance(by: timedelta) -> bool:
        clock = store.clock
        assert isinstance(clock, StillClock)
        clock.forward(clock.now() + by)
        return True

    return advance
