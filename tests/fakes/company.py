"""A small company at noon: five people, one public incident and one private, full of canaries.

INC-1 is public. INC-2 is private to bob and carol: alice (commander, admin), dave (viewer) and
erin (member) may not learn of it anywhere. Everything written in it holds `CANARY`.
"""

from datetime import timedelta

from domain.actor import Binding, Role
from domain.alert import Alert
from domain.deployment import Deployment
from domain.escalation import EscalationPolicy, Step, Target
from domain.grouping import Group
from domain.incident import Incident
from domain.incident_facts import IncidentDeclared, IncidentLinked, NoteAdded
from domain.message import sentence
from domain.noise import Verdict
from domain.paging import Page, Ring
from domain.ports import Place
from domain.postmortem import Claim, Postmortem, TimelineRow
from domain.rotation import Rotation
from domain.run import Run, begun
from domain.runbook import Action, Parameter, Runbook, RunbookStep, Source
from domain.runbook_render import render
from domain.schedule import Layer, Schedule
from domain.service import Service
from domain.severity import Severity
from domain.team import Team
from storage.console import Posted, Room
from storage.people import User
from storage.postmortems import ActionItem
from storage.store import Act, Store
from storage.unit import Unit
from tests.fakes.stores import NOON, SYSTEM

CANARY = "canary7f3a"
OUTSIDERS_OF_INC_2 = ("alice", "dave", "erin")
ROLES = {
    "alice": (Role.COMMANDER, Role.ADMIN),
    "bob": (Role.RESPONDER,),
    "carol": (Role.RESPONDER,),
    "dave": (Role.VIEWER,),
    "erin": (Role.MEMBER,),
}


async def settle_company(store: Store) -> None:
    """Everybody and everything, as one morning left it."""
    async with store.write(SYSTEM) as unit:
        await _people(unit)
        await _catalog(unit)
        await _channels(unit)
    async with store.write(Act("bob", "console")) as unit:
        await _incident(unit, 1, "Trino queries failing", private=False)
        await _incident(unit, 2, f"{CANARY} payroll leaked", private=True)
        await _link(unit, "INC-1", "INC-2")


async def _people(unit: Unit) -> None:
    for handle, roles in ROLES.items():
        person = User(
            id=handle,
            name=handle.title(),
            email=f"{handle}@example.com",
            team="data-platform",
            created_at=unit.now,
        )
        await unit.people.add(person)
        for role in roles:
            await unit.people.bind(Binding(subject=handle, role=role))


LOOK = Runbook(
    id="look",
    title="Look at Trino",
    service="trino",
    body="Words for people.",
    parameters=(Parameter(name="host", description="Which worker"),),
    steps=(
        RunbookStep(
            name="Ask it",
            command=("uptime", "${host}"),
            when={"host": "trino-1"},
            verify=Action(command=("true",)),
            undo=Action(manual="Nothing"),
            safety="read",
        ),
        RunbookStep(
            name="Both",
            parallel=(RunbookStep(name="a", manual="A"), RunbookStep(name="b", manual="B")),
        ),
        RunbookStep(name="Rest", call="rest", given={"host": "${host}"}),
    ),
    source=Source(url="https://example.com/look.md", at=NOON, sha256="ab" * 32),
)


async def _catalog(unit: Unit) -> None:
    rotation = Rotation.model_validate(
        {
            "kind": "daily",
            "start": "2026-11-02T09:00",
            "timezone": "UTC",
            "participants": (("bob",), ("carol",)),
        }
    )
    schedule = Schedule(
        id="data",
        name="Data platform",
        team="data-platform",
        timezone="UTC",
        layers=(Layer(name="primary", rotation=rotation),),
    )
    steps = (Step(targets=(Target(kind="schedule", id="data"),)),)
    policy = EscalationPolicy(id="dp", name="Default", team="data-platform", steps=steps)
    await unit.catalog.teams.put(Team(id="data-platform", name="Data platform", lead="alice"))
    await unit.catalog.schedules.put(schedule)
    await unit.catalog.policies.put(policy)
    await unit.catalog.runbooks.put(LOOK)
    for name, below in (("trino", ("kafka",)), ("kafka", ())):
        service = Service(id=name, team="data-platform", policy="dp", tier=1, depends_on=below)
        await unit.catalog.services.put(service)
    await unit.catalog.deployments.add(
        Deployment(
            id="DEP-1",
            number=1,
            service="trino",
            environment="prod",
            version="v248",
            status="success",
            started_at=NOON - timedelta(minutes=10),
            finished_at=NOON - timedelta(minutes=6),
            source="argocd",
        )
    )


async def _channels(unit: Unit) -> None:
    await unit.console.open(Room(id="incidents", name="incidents", room_kind="channel"))
    for handle in ROLES:
        direct = Room(id=f"dm-{handle}", name="Tocsin", room_kind="direct", members=(handle,))
        await unit.console.open(direct)


async def _incident(unit: Unit, number: int, title: str, *, private: bool) -> None:
    words = CANARY if private else "public words"
    incident = Incident(
        id=f"INC-{number}",
        number=number,
        title=title,
        stage="active",
        severity=Severity.SEV2,
        service="trino",
        team="data-platform",
        impact=f"{words} impact",
        private=private,
        source="bob",
        correlation_id=unit.scope.correlation_id,
        labels={"env": words},
        roles={"commander": "bob"},
        responders=("bob", "carol"),
        detected_at=unit.now,
        impact_started_at=unit.now,
        declared_at=unit.now,
        home_room=f"inc-{number}",
    )
    declared = IncidentDeclared(severity=incident.severity, service="trino", source="bob")
    await unit.numbers.next("INC")
    await unit.incidents.begin(incident, declared)
    await unit.incidents.join(incident, "bob", "carol")
    noted = await unit.facts.add(incident.subject, NoteAdded(), f"{words} note")
    await _alert(unit, incident, words)
    await _page(unit, incident, words)
    await _postmortem(unit, incident, words, noted)
    await _room(unit, incident, words)
    await _run(unit, incident, words)


async def _run(unit: Unit, incident: Incident, words: str) -> None:
    number = await unit.numbers.next("RUN")
    plan = render(
        Runbook(
            id="look",
            title=f"{words} runbook",
            service="trino",
            environment=words,
            steps=(RunbookStep(name=words, manual=words),),
        ),
        {},
        {},
        (),
    )
    run = Run(
        id=f"RUN-{number}",
        number=number,
        runbook="look",
        plan=plan,
        team="data-platform",
        by="bob",
        incident=incident.id,
        steps=begun(plan),
        started_at=unit.now,
    )
    await unit.runs.release(run)


async def _alert(unit: Unit, incident: Incident, words: str) -> None:
    group = Group(
        id=unit.ids.new(),
        key=f"{words} key",
        integration="am",
        service="trino",
        incident=incident.id,
        first_at=unit.now,
        last_at=unit.now,
    )
    await unit.groups.add(group)
    alert = Alert(
        integration="am",
        fingerprint=f"f-{words}",
        source="alertmanager",
        status="firing",
        severity=Severity.SEV1,
        service="trino",
        name=f"{words} alert",
        summary=f"{words} summary",
        labels={"alertname": words},
        annotations={"description": words},
        starts_at=unit.now,
        group=group.id,
        incident=incident.id,
        verdict=Verdict(action="opened", reason=f"{words} reason"),
        seen_at=unit.now,
    )
    (kept,) = await unit.alerts.keep([alert])
    await unit.alerts.decide([kept])


async def _page(unit: Unit, incident: Incident, words: str) -> None:
    page = Page(
        id=unit.ids.new(),
        incident=incident.id,
        user="bob",
        escalation=None,
        step=0,
        urgency="high",
        why=f"{words} why",
        created_at=unit.now,
    )
    await unit.pages.send(page)
    ring = Ring(key=f"{page.id}:0", page=page.id, k=0, method="chat", result="sent", at=unit.now)
    await unit.pages.rang(ring)


async def _postmortem(unit: Unit, incident: Incident, words: str, noted: str) -> None:
    told = f"{words} sentence"
    postmortem = Postmortem(
        incident=incident.id,
        summary=told,
        impact=told,
        timeline=(TimelineRow(at=unit.now, text=told, fact=noted),),
        contributing_factors=(told,),
        detection=told,
        resolution=told,
        went_well=(),
        went_wrong=(),
        lucky=(),
        action_items=(),
        claims=(Claim(sentence=told, cites=(noted,)),),
        written_by="rules",
    )
    await unit.postmortems.put(postmortem)
    item = ActionItem(
        id=f"ACT-{incident.number}",
        number=incident.number,
        incident=incident.id,
        text=f"{words} follow-up",
        owner="bob",
        created_by="bob",
        created_at=unit.now,
    )
    await unit.action_items.add(item)


async def _room(unit: Unit, incident: Incident, words: str) -> None:
    name = f"inc-{incident.number}"
    members = ("bob", "carol") if incident.private else ()
    topic = f"{words} topic"
    room = Room(id=name, name=name, room_kind="incident", topic=topic, members=members)
    await unit.console.open(room)
    await unit.incidents.settle(incident, Place(platform="console", room=name))
    await say(unit, name, f"{words} in the room", key=f"room:{name}")
    card = await say(unit, "incidents", f"{words} card", key=f"card:{name}")
    thread = Place(platform="console", room="incidents", thread=card)
    await unit.incidents.settle(incident, thread)
    await say(unit, "incidents", f"{words} in the thread", key=f"reply:{name}", thread=card)


async def say(unit: Unit, room: str, words: str, *, key: str, thread: str | None = None) -> str:
    """Put words of Tocsin's into a room."""
    posted = Posted(
        id=unit.ids.new(),
        key=key,
        room=room,
        thread=thread,
        author="tocsin",
        at=unit.now,
        body=sentence(words),
        change=unit.ids.new(),
    )
    return await unit.console.post(posted)


async def _link(unit: Unit, incident: str, other: str) -> None:
    await unit.facts.add(f"incident:{incident}", IncidentLinked(other=other))
