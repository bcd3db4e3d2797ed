"""Seeding: an empty, migrated database becomes the company of the demo."""

from datetime import datetime, timedelta

from bot.demo import world
from domain.actor import ALL_SCOPES, Scope
from domain.base import Frozen
from domain.deployment import Deployment
from domain.incident import Incident, Status
from domain.incident_facts import (
    IncidentAcknowledged,
    IncidentDeclared,
    IncidentResolved,
    UpdatePosted,
)
from domain.severity import Severity
from storage.console import Room
from storage.facts import Past
from storage.people import Token, hashed
from storage.store import Act, Store
from storage.unit import Unit

NAME = "demo"
TOKEN_LIFE = timedelta(days=90)
ROOMS = {
    "general": "Anything",
    "incidents": "Active incidents, one card each",
    "alerts-data-platform": "What the data platform's alerts opened",
    "alerts-web": "What the web team's alerts opened",
}
LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class Seeded(Frozen):
    """The secrets of the demo: a token for each person, and one for every source."""

    tokens: dict[str, str]
    hooks_token: str


async def seed(store: Store) -> Seeded:
    """Fill the database in one commit."""
    async with store.write(Act("demo", "cli")) as unit:
        await _people(unit)
        await _catalog(unit)
        await _rooms(unit)
        await _history(unit)
        await _first_contact(unit)
        return await _secrets(unit)


async def enter(store: Store) -> Seeded:
    """Seed an empty database; give a seeded one fresh secrets and shifts, and end the old ones."""
    async with store.read() as unit:
        known = await unit.people.everybody()
    if not known:
        return await seed(store)
    async with store.write(Act("demo", "cli")) as unit:
        for token in await unit.people.tokens():
            if token.name == NAME:
                await unit.people.revoke(token.id)
        for schedule in world.schedules(unit.now.date()):
            await unit.catalog.schedules.put(schedule)
        return await _secrets(unit)


async def _people(unit: Unit) -> None:
    await unit.people.add_all(world.people(unit.now))
    for binding in world.bindings():
        await unit.people.bind(binding)


async def _catalog(unit: Unit) -> None:
    catalog = unit.catalog
    await catalog.teams.add_all(world.TEAMS)
    await catalog.services.add_all(world.services())
    await catalog.policies.add_all(world.policies())
    await catalog.schedules.add_all(world.schedules(unit.now.date()))
    await catalog.runbooks.add_all(world.runbooks())
    await unit.guards.add_all(world.guards())
    await catalog.deployments.add_all(_deployments(unit.now))


def _deployments(now: datetime) -> list[Deployment]:
    oldest_first = sorted(world.DEPLOYMENTS, reverse=True)
    return [
        Deployment(
            id=f"DEP-{number}",
            number=number,
            service=service,
            environment="prod",
            version=version,
            status="success",
            started_at=now - timedelta(hours=hours, minutes=4),
            finished_at=now - timedelta(hours=hours),
            source="github",
            migration=service in world.MIGRATING,
        )
        for number, (hours, service, version) in enumerate(oldest_first, 1)
    ]


async def _rooms(unit: Unit) -> None:
    await unit.numbers.next("DEP", len(world.DEPLOYMENTS))
    for name, topic in ROOMS.items():
        await unit.console.open(Room(id=name, name=name, room_kind="channel", topic=topic))
    for person, (shown, _, _) in world.PEOPLE.items():
        room = Room(id=f"dm-{person}", name=shown, room_kind="direct", members=(person,))
        await unit.console.open(room)


async def _history(unit: Unit) -> None:
    """Incidents that ended long ago, each with the facts of its life."""
    oldest_first = sorted(world.PAST, reverse=True)
    first = await unit.numbers.next("INC", len(oldest_first))
    for number, past in enumerate(oldest_first, first):
        await _past(unit, number, past)


async def _past(unit: Unit, number: int, past: tuple[int, str, str, str, int, int, str]) -> None:
    days, service, title, severity, acked, ended, how = past
    began = unit.now - timedelta(days=days, hours=number % 11)
    incident = Incident(
        id=f"INC-{number}",
        number=number,
        title=title,
        stage="active",
        status=Status.RESOLVED,
        phase="monitoring",
        resolution="fixed",
        severity=Severity(severity),
        service=service,
        team=world.PLATFORM,
        policy=world.PLATFORM,
        source="alertmanager",
        correlation_id=unit.ids.new(),
        roles={"commander": "alice"},
        responders=("bob", "alice"),
        detected_at=began,
        impact_started_at=began - timedelta(minutes=2),
        declared_at=began,
        acknowledged_at=began + timedelta(minutes=acked),
        mitigated_at=began + timedelta(minutes=ended - 5),
        resolved_at=began + timedelta(minutes=ended),
    )
    await unit.incidents.add(incident)
    await _tell(unit, incident, how)


async def _tell(unit: Unit, incident: Incident, how: str) -> None:
    declared = IncidentDeclared(
        severity=incident.severity, service=incident.service, source=incident.source
    )
    updated = UpdatePosted(phase="fixing", status=Status.ACKNOWLEDGED)
    told = (
        (incident.declared_at, "tocsin", declared, incident.title),
        (incident.acknowledged_at, "bob", IncidentAcknowledged(was_paged=True), None),
        (incident.mitigated_at, "alice", updated, f"{how[:1].upper()}{how[1:]}, watching."),
        (incident.resolved_at, "alice", IncidentResolved(resolution="fixed"), how),
    )
    for at, by, fact, text in told:
        if at:
            await unit.facts.add(incident.subject, fact, text, Past(at=at, by=by))


async def _first_contact(unit: Unit) -> None:
    """The demo's sources have been heard before (rules.md 5)."""
    for source in ("alertmanager", "grafana", "pagerduty", "generic"):
        await unit.settings.put(f"first_contact:{source}/{NAME}", LONG_AGO.isoformat())


async def _secrets(unit: Unit) -> Seeded:
    tokens = {person: await _token(unit, person, ALL_SCOPES) for person in world.PEOPLE}
    hooks = await _token(unit, None, frozenset({Scope.EVENTS}))
    return Seeded(tokens=tokens, hooks_token=hooks)


async def _token(unit: Unit, person: str | None, scopes: frozenset[Scope]) -> str:
    secret = unit.ids.secret()
    await unit.people.keep_token(
        Token(
            id=unit.ids.new(),
            hash=hashed(secret),
            name=NAME,
            user=person,
            source=None if person else "*",
            scopes=tuple(sorted(scopes)),
            created_at=unit.now,
            expires_at=unit.now + TOKEN_LIFE,
        )
    )
    return secret
