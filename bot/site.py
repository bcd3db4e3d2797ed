"""The web application of a process: what `web` declares that it needs, filled from the parts."""

from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bot import console, doctor
from bot.clock import OffsetClock, advance, keep
from bot.configuration import Settings
from bot.credentials import (
    StoredCalendarLinks,
    StoredCredentials,
    StoredPageLinks,
    StoredReports,
    StoredTexting,
    open_banner,
)
from bot.lifecycle import Listener
from bot.wiring import Parts, program_version
from domain.actor import Actor
from integrations.alerts import generic
from integrations.alerts.discovery import Source, first, sources
from integrations.deploys import generic as deploys
from web import api, dashboard, live
from web import console as chat
from web.app import Parts as WebParts
from web.app import Terms, build, build_outside
from web.pages.parts import DashboardParts
from web.sms import SmsReplies
from web.twilio import Signed
from web.twilio_reports import TwilioReports
from web.voice import VoiceAnswers

DEMO_PERSON = "alice"


def build_site(parts: Parts) -> ASGIApp:
    """Everything that is answered over HTTP."""
    return build(_web_parts(parts))


def listeners(parts: Parts) -> tuple[Listener, ...]:
    """What this process answers, and where; what may face the internet also by itself."""
    told = parts.settings
    everything = Listener(build_site(parts), told.host, told.port)
    if told.ack_addr is None:
        return (everything,)
    return (everything, Listener(build_outside(_web_parts(parts)), *told.ack_addr))


def _web_parts(parts: Parts) -> WebParts:
    store = parts.store
    return WebParts(
        terms=_terms(parts),
        clock=store.clock,
        ids=store.ids,
        credentials=StoredCredentials(store),
        intake=parts.intake,
        links=StoredPageLinks(store),
        calendars=StoredCalendarLinks(store),
        registry=parts.registry,
        dispatch=parts.dispatch,
        vitals=parts.vitals,
        banner=partial(open_banner, store),
        routers=_routers(parts),
        platforms=[*(route for one in parts.platforms for route in one.routes()), *_replies(parts)],
        sources=alert_sources(parts.settings),
    )


def _replies(parts: Parts) -> list[BaseRoute]:
    """Where Twilio posts replies to SMS, keys pressed in calls and what came of both, if it sends
    any."""
    store, token = parts.store, parts.settings.twilio.auth_token
    if token is None or "sms" not in store.installation.notifies:
        return []
    signed = Signed(parts.settings.address, token)
    replies = SmsReplies(signed, StoredTexting(store), parts.dispatch)
    pressed = VoiceAnswers(signed, StoredPageLinks(store), parts.dispatch)
    reports = TwilioReports(signed, StoredReports(store))
    return [*replies.routes(), *pressed.routes(), *reports.routes()]


def alert_sources(settings: Settings) -> dict[str, Source]:
    """Every source; the generic one reads alerts by the mapping of the settings."""
    mapped = first(deploys.parse, partial(generic.parse, mapping=settings.generic))
    return sources() | {generic.SOURCE: Source(generic.SOURCE, mapped, None)}


def _terms(parts: Parts) -> Terms:
    told = parts.settings
    signing = {
        source: tuple(secret.get_secret_value().split(","))
        for source, secret in told.webhook_secrets.items()
    }
    demo = parts.store.installation.demo
    return Terms(
        public_url=told.address,
        version=program_version(),
        demo=demo,
        opens_as=DEMO_PERSON if demo else "",
        signing=signing,
    )


def _routers(parts: Parts) -> tuple[APIRouter, ...]:
    store = parts.store
    return (
        api.router(api.ApiParts(store.read, parts.registry, parts.typed, parts.dispatch)),
        live.router(live.LiveParts(store.read, store.live, parts.stop.is_set)),
        dashboard.router(_dashboard(parts)),
        chat.router(
            chat.ConsoleParts(store.read, parts.chat, console.shown, store.clock, _demo(parts))
        ),
    )


def _dashboard(parts: Parts) -> DashboardParts:
    keep = console.ConsoleKeep(parts.store)
    return DashboardParts(
        read=parts.store.read,
        registry=parts.registry,
        typed=parts.typed,
        dispatch=parts.dispatch,
        stored=keep.stored,
        drawn=console.drawn,
        examined=partial(doctor.within, parts),
    )


def _demo(parts: Parts) -> chat.DemoParts | None:
    """Acting as others and moving the clock exist where the clock can be moved."""
    store, clock = parts.store, parts.store.clock
    if not isinstance(clock, OffsetClock):
        return None

    async def person(user: str) -> Actor | None:
        async with store.read() as unit:
            return await unit.people.actor(user)

    async def forward(by: timedelta) -> bool:
        done = await advance(store, parts.worker, clock, by)
        await keep(store, clock)
        return done

    return chat.DemoParts(person, forward)
