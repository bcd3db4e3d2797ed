"""Ack and escalation meet at one instant: whoever wins, wins whole (I5)."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import func, select

from bot.passing import PassingChat
from domain.call import Call, Origin
from domain.escalation import EscalationPolicy, Step, Target
from domain.incident import Incident
from domain.message import Message
from domain.paging import Cause, Escalate, Page
from domain.ports import MessageRef, Place
from domain.severity import Severity
from storage.tables.ledger import jobs
from storage.unit import Unit
from tests.fakes.conditions import MINUTE
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

pytestmark = pytest.mark.both

RACES = 50
AT_ONCE = 3
POLICY = EscalationPolicy(
    id="p",
    name="p",
    team="data-platform",
    steps=tuple(Step(targets=(Target(kind="user", id=one),)) for one in ("bob", "carol")),
)


@dataclass
class Watched(PassingChat):
    """A chat that remembers for each post which acks had returned when it began."""

    acked: set[str] = field(default_factory=set)
    posts: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        self.posts.append((key, frozenset(self.acked)))
        return await self.chat.post(place, message, key, again=again)

    @property
    def rings(self) -> list[tuple[str, frozenset[str]]]:
        """The page of each ring, and the acks before it."""
        return [(key.split(":")[1], acked) for key, acked in self.posts if key.startswith("ring:")]


async def test_fifty_acks_race_fifty_escalations(tocsin: Tocsin):
    """After an ack has returned at most the one ring on the wire goes out, and later none."""
    chats = tocsin.parts.worker.ports.chats
    watched = chats["console"] = Watched(chats["console"])
    names = await fifty_due(tocsin, tocsin.clock.now() + 5 * MINUTE)
    tocsin.clock.move(minutes=5)
    random.Random(7).shuffle(names)
    people = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as together:
        together.create_task(tocsin.settle())
        for name in names:
            together.create_task(ack(tocsin, watched, name, people))
    await tocsin.settle()

    assert {(await tocsin.incident(name)).status.value for name in names} == {"acknowledged"}
    assert await still_owed(tocsin) == 0
    pages = [page for name in names for page in await tocsin.pages(name)]
    assert {page.state for page in pages} <= {"acked", "expired"}
    incident_of = {page.id: page.incident for page in pages}
    assert 0 < sum(page.user == "carol" for page in pages) < RACES, "nothing raced"
    late = Counter(incident_of[page] for page, acked in watched.rings if incident_of[page] in acked)
    assert max(late.values(), default=0) <= 1, late

    watched.posts.clear()
    await tocsin.advance(20 * MINUTE)
    assert watched.rings == []


async def ack(tocsin: Tocsin, watched: Watched, name: str, people: asyncio.Semaphore) -> None:
    """Bob takes it, as soon as it is his turn: so acks and steps take turns too."""
    call = Call(
        command="incident ack",
        args={"incident": name},
        actor=await tocsin.actor("bob"),
        origin=Origin(surface="console"),
    )
    async with people:
        reply = await tocsin.parts.dispatch(call)
    assert reply.refused == ""
    watched.acked.add(name)


async def still_owed(tocsin: Tocsin) -> int:
    """Rings and steps that would still come."""
    wanted = (jobs.c.kind.in_(("escalate", "ring_page")), jobs.c.state == "pending")
    async with tocsin.looking() as unit:
        query = select(func.count()).select_from(jobs).where(*wanted)
        return int((await unit.scope.connection.execute(query)).scalar_one())


async def fifty_due(tocsin: Tocsin, due: datetime) -> list[str]:
    """Incidents whose second step is due at one instant; bob was paged and does not answer."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        first = await unit.numbers.next("INC", RACES)
        return [await one_due(unit, number, due) for number in range(first, first + RACES)]


async def one_due(unit: Unit, number: int, due: datetime) -> str:
    incident = Incident(
        id=f"INC-{number}",
        number=number,
        title=f"race {number}",
        stage="triage",
        severity=Severity.SEV3,
        source="test",
        correlation_id="race",
        detected_at=unit.now,
        declared_at=unit.now,
    )
    await unit.incidents.add(incident)
    escalation = await unit.escalations.begin(incident, POLICY, Cause(text="race"))
    await unit.jobs.cancel(incident.subject, (Escalate,))
    stepped = escalation.model_copy(update={"n": 1, "due": due})
    await unit.escalations.owe(await unit.escalations.save(stepped))
    page = Page(
        id=unit.ids.new(),
        incident=incident.id,
        user="bob",
        escalation=escalation.id,
        step=0,
        urgency="high",
        why="named by the policy",
        next="Carol",
        next_at=due,
        created_at=unit.now,
    )
    await unit.pages.add(page)
    return incident.id


async def test_passing_races_taking(tocsin: Tocsin):
    """Bob passes by the button on his page while Carol takes it: both are answered, in turn."""
    tocsin.clock.move(minutes=1)
    names = await fifty_due(tocsin, tocsin.clock.now() + 5 * MINUTE)
    bob, carol = await tocsin.actor("bob"), await tocsin.actor("carol")
    origin = Origin(surface="console")
    for name in names[:AT_ONCE]:
        (page,) = await tocsin.pages(name)
        calls = (
            Call(command="incident ack", args={"incident": name}, actor=carol, origin=origin),
            Call(command="page pass", args={"page": page.id}, actor=bob, origin=origin),
        )
        replies = await asyncio.gather(*(tocsin.parts.dispatch(call) for call in calls))
        assert replies[0].refused == ""
        assert replies[1].refused in ("", "stale")
    await tocsin.settle()
    assert {(await tocsin.incident(name)).status.value for name in names[:AT_ONCE]} == {
        "acknowledged"
    }


async def test_two_merge_into_each_other(tocsin: Tocsin):
    """Each wants the other to go on: one of them does."""
    names = await fifty_due(tocsin, tocsin.clock.now() + 5 * MINUTE)
    alice, origin = await tocsin.actor("alice"), Origin(surface="console")
    for first, second in zip(names[:6:2], names[1:6:2], strict=True):
        calls = (
            Call(
                command="incident merge",
                args={"incident": one, "into": other},
                actor=alice,
                origin=origin,
            )
            for one, other in ((first, second), (second, first))
        )
        replies = await asyncio.gather(*(tocsin.parts.dispatch(call) for call in calls))
        assert sorted(bool(reply.refused) for reply in replies) == [False, True]
    await tocsin.settle()
