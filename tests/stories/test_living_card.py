"""A card shows how things stand, also where the chat is slow and changes come quickly."""

import asyncio
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from bot.passing import PassingChat
from domain.call import Call, Origin
from domain.message import Message
from domain.ports import MessageRef, Place
from storage.tables.ledger import jobs
from tests.fakes.conditions import SECOND
from tests.fakes.tocsin import Tocsin

pytestmark = pytest.mark.both


@dataclass
class Slow(PassingChat):
    """A chat whose first card takes until it is let through."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    let: asyncio.Event = field(default_factory=asyncio.Event)
    posted: list[str] = field(default_factory=list)

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        if key.startswith("card:"):
            self.posted.append(place.room)
            if len(self.posted) == 1:
                self.begun.set()
                await self.let.wait()
        return await self.chat.post(place, message, key, again=again)


async def test_a_change_while_the_card_is_posted_is_drawn_after_it(tocsin: Tocsin):
    """The older drawing cannot overtake the newer one, nor hide that it is missing."""
    worker = tocsin.parts.worker
    slow = worker.ports.chats["console"] = Slow(worker.ports.chats["console"])
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        await carry_out(tocsin, "incident declare", title="trino is slow", severity="3")
        await slow.begun.wait()
        await carry_out(tocsin, "incident impact", incident="INC-13", text="half of all queries")
        while await unfinished(tocsin) != ["show_card is running", "show_card is pending"]:
            pass
        slow.let.set()
        await worker.stop()
        await running
    await tocsin.advance(10 * SECOND)
    assert slow.posted == ["incidents"]
    cards = [one for one in await tocsin.room("incidents", "dave") if "Lead: " in one.text]
    assert ["Impact: half of all queries" in one.text for one in cards] == [True]


async def carry_out(tocsin: Tocsin, command: str, **args: str) -> None:
    """Alice asks for it over the API."""
    actor = await tocsin.actor("alice")
    call = Call(command=command, args=args, actor=actor, origin=Origin(surface="api"))
    assert (await tocsin.parts.dispatch(call)).refused == ""


async def unfinished(tocsin: Tocsin) -> list[str]:
    """The card jobs that are not done, oldest first."""
    async with tocsin.looking() as unit:
        query = select(jobs.c.kind, jobs.c.state).where(jobs.c.state.in_(("pending", "running")))
        query = query.where(jobs.c.kind.in_(("show_card", "show_incident"))).order_by(jobs.c.id)
        rows = (await unit.scope.connection.execute(query)).all()
    return [f"{kind} is {state}" for kind, state in rows]
