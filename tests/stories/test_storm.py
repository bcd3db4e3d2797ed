"""Many incidents in a short time: everybody is paged, and no room is flooded."""

import pytest

from bot.demo.bodies import Firing, alertmanager_body
from domain.pace import STORM
from domain.place import Place
from domain.service import Service
from tests.fakes.conditions import SECOND, condition
from tests.fakes.outside import connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

ROOM = "alerts-data-platform"
MORE = 3
ONES = [condition(f"component-{n:02}", "critical", f"Fault{n:02}") for n in range(STORM + MORE)]


@pytest.fixture(autouse=True)
async def components(tocsin: Tocsin) -> None:
    """The team has more of them than its room can read about at once."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        for one in ONES:
            await unit.catalog.services.add(Service(id=one.service, team="data-platform"))


@pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
async def test_a_storm_has_one_card_that_counts(tocsin: Tocsin):
    """Each incident is paged; what is taken gets its own card, the rest share one and its
    thread."""
    slack = await connected(tocsin)
    for one in ONES:
        firing = Firing(condition=one, starts_at=tocsin.clock.now())
        await tocsin.receive("alertmanager", alertmanager_body([firing]))
    await tocsin.advance(25 * SECOND)
    cards = [one for one in slack.room(ROOM) if one.key.startswith("card:")]
    (storm,) = [one for one in slack.room(ROOM) if one.key.startswith("storm:")]
    assert len(cards) == STORM
    assert f"{MORE} more incidents, {MORE} open" in storm.text
    assert f"INC-{12 + len(ONES)}" in storm.text
    async with tocsin.looking() as unit:
        assert len(await unit.pages.where()) == len(ONES), "a storm hides no page"

    folded, taken = (f"INC-{12 + STORM + n}" for n in (1, MORE))
    await tocsin.say("bob", f"/incident say {folded} it is the switch")
    await tocsin.say("bob", f"/incident lead {taken}")
    await tocsin.advance(5 * SECOND)
    thread = str(slack.standing.index(storm))
    assert any("it is the switch" in one.text for one in slack.standing if one.thread == thread)
    assert any(taken in one.text for one in slack.room("incidents"))
    assert f"{MORE} more incidents, {MORE} open" in storm.text, "it is still one of them"
    await tocsin.say("bob", f"/incident resolve {taken} fixed")
    await tocsin.advance(5 * SECOND)
    assert f"{MORE} more incidents, {MORE - 1} open" in storm.text


@pytest.mark.both
async def test_a_storm_ends_when_its_room_has_been_quiet(tocsin: Tocsin):
    """The next storm has a card of its own."""
    place = Place(platform="console", room=ROOM)

    async def storms(*incidents: str) -> list[str | None]:
        async with tocsin.parts.store.write(SYSTEM) as unit:
            return [await unit.storms.place(one, place) for one in incidents]

    names = [f"INC-{100 + n}" for n in range(STORM + 2)]
    *calm, first, again = await storms(*names)
    assert set(calm) == {None}
    assert first == again
    tocsin.clock.move(minutes=2)
    assert await storms("INC-200", names[-1]) == [None, first], "what was decided stays"
    tocsin.clock.move(minutes=9)
    *_, second = await storms(*(f"INC-{300 + n}" for n in range(STORM + 1)))
    assert second not in (None, first)
