"""Many hands on the same buttons: each approval is carried out once, whoever wins (I8)."""

import asyncio
import random
from collections import Counter

import pytest

from domain.actor import Actor, Role
from domain.approval import Approval
from domain.call import Call, Origin
from domain.guard import Approver, Guard
from domain.severity import Severity
from storage.tables.approvals import approvals
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

pytestmark = pytest.mark.both

PRESSES = 8
AT_ONCE = 15


@pytest.mark.parametrize(
    "many", [10, pytest.param(200, marks=[pytest.mark.faults, pytest.mark.timeout(600)])]
)
async def test_every_approval_is_carried_out_once(tocsin: Tocsin, many: int):
    """Eight people press each button at once: one grant counts, and one note is written."""
    people = [await hire(tocsin, number) for number in range(PRESSES)]
    await notes_are_guarded(tocsin)
    names = await ask(tocsin, many)
    presses = [(name, who) for name in names for who in people]
    random.Random(7).shuffle(presses)
    hands = asyncio.Semaphore(AT_ONCE)
    outcomes = await asyncio.gather(*(press(tocsin, hands, *one) for one in presses))

    assert Counter(outcomes) == {"": many, "stale": many * (PRESSES - 1)}
    found = await all_of_them(tocsin)
    assert {one.status for one in found} == {"executed"}
    assert {len(one.grants) for one in found} == {1}
    written = await notes(tocsin)
    assert len(written) == many
    assert set(written.values()) == {1}


async def hire(tocsin: Tocsin, number: int) -> Actor:
    """One more responder."""
    return await tocsin.hire(f"approver{number}", Role.RESPONDER)


async def notes_are_guarded(tocsin: Tocsin) -> None:
    """A note takes another responder's approval, and the incident is there to take notes."""
    by = (Approver(kind="role", id="responder"),)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.guards.put(Guard(id="notes", command="incident note", approvers=by))
    await tocsin.say("bob", f"/incident declare many hands sev:{Severity.SEV4.value}")


async def ask(tocsin: Tocsin, many: int) -> list[str]:
    """Bob asks for as many different notes."""
    bob, names = await tocsin.actor("bob"), []
    for number in range(many):
        args = {"incident": "INC-13", "text": f"note {number}"}
        origin = Origin(surface="console", room="incidents")
        call = Call(command="incident note", args=args, actor=bob, origin=origin)
        reply = await tocsin.parts.dispatch(call)
        assert reply.approval, reply
        names.append(reply.approval)
    return names


async def press(tocsin: Tocsin, hands: asyncio.Semaphore, name: str, actor: Actor) -> str:
    """One person's press; returns why it was refused."""
    origin = Origin(surface="console", room="incidents")
    call = Call(command="approval grant", args={"approval": name}, actor=actor, origin=origin)
    async with hands:
        return (await tocsin.parts.dispatch(call)).refused


async def notes(tocsin: Tocsin) -> Counter[str | None]:
    """How often each note stands on the timeline; every one by Bob."""
    async with tocsin.looking() as unit:
        facts = await unit.facts.of("incident:INC-13")
    found = [one for one in facts if one.kind == "note_added"]
    assert {one.by for one in found} == {"bob"}
    return Counter(one.text for one in found)


async def all_of_them(tocsin: Tocsin) -> tuple[Approval, ...]:
    """Every approval as it stands."""
    async with tocsin.looking() as unit:
        return await unit.approvals.where(approvals.c.id.is_not(None))
