"""Rule 2: a private incident does not exist for others, in any output, for any role.

Bob declares one, works on it and resolves it; everything in it holds the canary. Then everybody
else walks every GET route, every room and every command, and must not find a trace of it.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from bot.site import build_site
from domain.actor import Role
from domain.alert import Alert
from domain.args import Slot, slots_of
from domain.call import Origin
from domain.command import Command
from domain.console import Spoken
from domain.noise import Verdict
from domain.ports import Line
from domain.severity import Severity
from storage.store import Act
from storage.views import rooms
from tests.fakes.conditions import TRINO
from tests.fakes.site import HOME, give_token
from tests.fakes.tocsin import Template, Tocsin, copy_file
from web.edge import Edge

CANARY = "canary7f3a"
PART = CANARY[:-1]
"""Finds the canary where it is searched for, and is no canary where it is only echoed."""
PRIVATE = "INC-13"
PUBLIC = "INC-14"
OUTSIDERS = ("alice", "dave", "erin", "frank")
"""Commander and admin, viewer, member, and somebody without any role."""
WORK = (
    "/incident note {canary} note",
    "/incident impact {canary} impact",
    "/incident update {canary} update status:identified",
    "/incident role scribe @carol",
    "/incident action {canary} action owner:@carol due:2w",
    "/incident severity 1",
    "/incident escalate @carol",
    "/incident resolve {canary} is over",
    "/postmortem edit summary {canary} summary",
    "/postmortem publish",
)


@pytest.fixture
def copied(sqlite_template: Template, tmp_path: Path) -> Template:
    """On SQLite only: tests of the views do the same on PostgreSQL."""
    return Template(copy_file(sqlite_template.url, tmp_path / "tocsin.db"), sqlite_template.seeded)


@pytest.fixture
async def leaked(tocsin: Tocsin) -> Tocsin:
    """The private incident from declaration to publication, and a public one beside it."""
    await tocsin.hire("erin", Role.MEMBER)
    await tocsin.hire("frank")
    line = f"/incident declare {CANARY} payroll sev:2 service:trino private"
    declared = await tocsin.say("bob", line, room="dm-bob")
    assert declared.data == {"id": PRIVATE}
    await tocsin.press("bob", (await tocsin.dm("bob"))[-1], "Ack")
    await tocsin.fire(TRINO)
    await _attach_alert(tocsin)
    await tocsin.say("bob", f"/incident lead {PRIVATE}", room="dm-bob")
    room = (await tocsin.incident(PRIVATE)).home_room
    assert room
    for line in WORK:
        done = await tocsin.say("bob", line.format(canary=CANARY), room=room)
        assert not done.refused, (line, done.text)
    words = f"just talking about the {CANARY}"
    await tocsin.parts.chat.say(Spoken(actor=await tocsin.actor("bob"), room=room, text=words))
    return tocsin


@pytest.fixture
async def app(leaked: Tocsin) -> Edge:
    """The whole site over it, with everybody's token."""
    for person in ("bob", *OUTSIDERS):
        await give_token(leaked.parts.store, person, f"token-{person}")
    site = build_site(leaked.parts)
    assert isinstance(site, Edge)
    return site


async def test_its_members_find_it_everywhere(leaked: Tocsin, app: Edge):
    """The walk goes where the canary is: bob meets it on many routes."""
    hits = [path async for path, told in walk(leaked, app, "token-bob") if CANARY in told.text]
    found = {path.split("?")[0] for path in hits}
    assert found >= {
        "/api/v1/incidents",
        f"/api/v1/incidents/{PRIVATE}",
        f"/api/v1/incidents/{PRIVATE}/timeline",
        f"/api/v1/incidents/{PRIVATE}/postmortem",
        "/api/v1/alerts",
        "/api/v1/postmortems",
        "/api/v1/action-items",
    }


async def test_no_route_shows_it_to_others(leaked: Tocsin, app: Edge):
    """Every GET route, with every key of it; nothing fails for it either."""
    for person in OUTSIDERS:
        async for path, told in walk(leaked, app, f"token-{person}"):
            assert CANARY not in told.text, (person, path)
            assert told.status_code < 500, (person, path)
            assert PRIVATE in path or PRIVATE not in told.text, (person, path)


async def test_without_a_credential_there_is_nothing(leaked: Tocsin, app: Edge):
    """Also not with the token that senders have."""
    for secret in (None, leaked.seeded.hooks_token):
        async for path, told in walk(leaked, app, secret):
            assert CANARY not in told.text, path
            assert PRIVATE in path or PRIVATE not in told.text, path


# how an admin lets themselves in, with a reason that the members see (rules.md 2)
WAY_IN = "incident join"


async def test_no_command_tells_others_of_it(leaked: Tocsin):
    """Every command, aimed at it or at the public one; and it stays as it was."""
    before = await leaked.told(PRIVATE, "bob")
    things = await things_of(leaked)
    known = leaked.parts.registry.commands.values()
    typed = [line for one in known if one.name != WAY_IN for line in lines(one, things)]
    for person in OUTSIDERS:
        actor = await leaked.actor(person)
        for text in typed:
            line = Line(text=text, actor=actor, origin=Origin(surface="api", incident=PUBLIC))
            answer = await leaked.parts.typed(line)
            assert CANARY not in answer.model_dump_json(), (person, text)
    assert await leaked.told(PRIVATE, "bob") == before
    await leaked.settle()
    assert await leaked.told(PRIVATE, "bob") == before


async def test_no_room_tells_others_of_it(leaked: Tocsin):
    """Neither a room's name and topic nor any message they can see."""
    for person in OUTSIDERS:
        async with leaked.looking() as unit:
            entered = await rooms.listed(unit.scope, person)
        for room in entered:
            told = [one.text for one in await leaked.room(room.id, person)]
            assert CANARY not in f"{room.name} {room.topic} {told}", (person, room.id)
            assert PRIVATE not in f"{room.name} {room.topic} {told}", (person, room.id)


async def test_a_lock_screen_shows_nothing_of_it(leaked: Tocsin):
    """Members too are told only its number where others may look on."""
    pages = [one for person in ("bob", "carol") for one in await leaked.dm(person)]
    paged = [one for one in pages if one.text.startswith("Private SEV")]
    assert paged
    assert all(CANARY not in one.text for one in paged)


async def walk(
    tocsin: Tocsin, app: Edge, secret: str | None
) -> AsyncIterator[tuple[str, httpx2.Response]]:
    """Every GET route with every key that could fit, but for the endless stream."""
    keys = [*(await things_of(tocsin)).values(), "13"]
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=HOME, headers=headers) as client:
        for path in paths(app, keys):
            accept = "application/json" if path.startswith(BY_PROGRAMS) else "text/html"
            yield path, await client.get(path, headers={"Accept": accept})


def paths(app: Edge, keys: list[str]) -> Iterator[str]:
    """Addresses of all GET routes; parameters are filled with each key, and lists are searched."""
    for route in every(inside(app).routes):
        if "GET" not in (route.methods or ()) or route.path in ENDLESS:
            continue
        if PARAMETER.search(route.path):
            yield from (PARAMETER.sub(key, route.path) for key in keys)
        else:
            yield from (route.path, f"{route.path}?q={PART}", f"{route.path}?limit=500")


def every(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """The routes themselves, also of included routers."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        yield from every(getattr(getattr(route, "original_router", None), "routes", ()))


def inside(app: Any) -> FastAPI:
    """The application behind its edge and its doors."""
    return app if isinstance(app, FastAPI) else inside(getattr(app, "rest", None) or app.app)


async def things_of(tocsin: Tocsin) -> dict[str, str]:
    """Everything of the private incident that can be asked for by an id, by what it is called."""
    async with tocsin.looking() as unit:
        facts = await unit.facts.of(f"incident:{PRIVATE}")
        pages = await unit.pages.of(PRIVATE)
        alerts = await unit.alerts.of(PRIVATE)
        actions = await unit.action_items.of(PRIVATE)
        room = (await unit.incidents.need(PRIVATE)).home_room
    return {
        "incident": PRIVATE,
        "entry": facts[1].id,
        "page": pages[0].id,
        "alert": alerts[0].id,
        "item": actions[0].id,
        "room": room or "",
        "direct": "dm-bob",
        "person": "bob",
    }


def lines(command: Command, things: dict[str, str]) -> Iterator[str]:
    """The command as typed, aimed at the private incident, its parts, and the public one."""
    yield f"/{command.name}"
    yield f"/{command.name} {PART}"
    yield f"/{command.name} {PRIVATE}"
    yield f"/{command.name} {PRIVATE} {PRIVATE} hello"
    slots = [slot for slot in slots_of(command.args) if slot.arg.kind != "flag"]
    for incident in (PRIVATE, PUBLIC):
        known = things | {"incident": incident}
        yield f"/{command.name} {' '.join(f'{one.name}:{_value(one, known)}' for one in slots)}"


def _value(slot: Slot, things: dict[str, str]) -> str:
    """Something that fits; whatever names a thing names the private one."""
    if slot.choices:
        return slot.choices[0]
    return things.get(slot.name) or VALUES.get(slot.arg.kind, PRIVATE)


async def _attach_alert(tocsin: Tocsin) -> None:
    """An alert of the private incident itself, full of the canary."""
    async with tocsin.parts.store.write(Act("tocsin", "job")) as unit:
        alert = Alert(
            integration="am",
            fingerprint=CANARY,
            source="alertmanager",
            status="firing",
            severity=Severity.SEV2,
            service="trino",
            name=f"{CANARY} alert",
            summary=f"{CANARY} summary",
            labels={"alertname": CANARY},
            annotations={},
            starts_at=unit.now,
            incident=PRIVATE,
            verdict=Verdict(action="attached", reason=f"{CANARY} reason"),
            seen_at=unit.now,
        )
        (kept,) = await unit.alerts.keep([alert])
        await unit.alerts.decide([kept])


PARAMETER = re.compile(r"\{\w+(?::\w+)?\}")
BY_PROGRAMS = ("/api/", "/console/api/", "/openapi", "/metrics")
ENDLESS = ("/api/v1/live",)
VALUES = {
    "person": "@bob",
    "severity": "SEV3",
    "duration": "30m",
    "when": "30m",
    "number": "1",
    "text": "'hello'",
}
