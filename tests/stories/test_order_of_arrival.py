"""Signals come late, twice and in any order: the newest wins (I6)."""

import itertools

import pytest

from bot.demo.bodies import Condition, Firing, alertmanager_body
from tests.fakes.conditions import HOUR, KAFKA, MINUTE, TRINO, TRINO_SLOW, condition
from tests.fakes.tocsin import Tocsin


async def alert(tocsin: Tocsin, one: Condition):
    """The alert of a condition."""
    async with tocsin.looking() as unit:
        found = [each for each in await unit.alerts.where() if each.name == one.name]
    assert len(found) == 1
    return found[0]


async def test_one_body_may_hold_firing_and_resolved(tocsin: Tocsin):
    """Each alert follows its own word, not the body's status."""
    began = tocsin.clock.now()
    await tocsin.fire(TRINO, TRINO_SLOW)
    await tocsin.advance(MINUTE)
    mixed = [
        Firing(condition=TRINO, starts_at=began, ends_at=tocsin.clock.now()),
        Firing(condition=TRINO_SLOW, starts_at=began),
    ]
    await tocsin.deliver("alertmanager", alertmanager_body(mixed))
    assert (await alert(tocsin, TRINO)).status == "resolved"
    assert (await alert(tocsin, TRINO_SLOW)).status == "firing"
    (card,) = await tocsin.room("alerts-data-platform")
    assert "2 alerts, 1 firing" in card.text


async def test_resolved_before_firing_opens_nothing(tocsin: Tocsin):
    """Its end came first, so the late start of the same episode opens nothing either."""
    began = tocsin.clock.now()
    over = Firing(condition=TRINO, starts_at=began, ends_at=began + MINUTE)
    await tocsin.deliver("alertmanager", alertmanager_body([over]))
    await tocsin.deliver(
        "alertmanager", alertmanager_body([Firing(condition=TRINO, starts_at=began)])
    )
    assert await tocsin.open_incidents() == []
    assert await tocsin.dm("bob") == []
    one = await alert(tocsin, TRINO)
    assert one.status == "resolved"
    assert one.verdict
    assert one.verdict.reason == "resolved before it was seen firing"


@pytest.mark.both
async def test_every_order_of_arrival_ends_alike(tocsin: Tocsin):
    """Fired, resolved, fired again: after all six orders the alert fires since the second time."""
    began = tocsin.clock.now()
    second = began + 2 * MINUTE
    for number, order in enumerate(itertools.permutations(range(3))):
        one = condition(f"mystery-{number}", "warning", f"Mystery{number}")
        signals = (
            Firing(condition=one, starts_at=began),
            Firing(condition=one, starts_at=began, ends_at=began + MINUTE),
            Firing(condition=one, starts_at=second),
        )
        for place in order:
            await tocsin.deliver("alertmanager", alertmanager_body([signals[place]]))
        found = await alert(tocsin, one)
        assert (found.status, found.starts_at, found.ends_at) == ("firing", second, None), order
    assert len(await tocsin.open_incidents()) == 6


async def test_a_late_start_does_not_open_what_is_over(tocsin: Tocsin):
    """An old delivery, found in a queue an hour later, pages nobody."""
    began = tocsin.clock.now()
    await tocsin.fire(KAFKA)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.heal(KAFKA)
    await tocsin.say("bob", "/incident resolve INC-13 moved the leaders", room="dm-bob")
    await tocsin.advance(HOUR)
    before = await tocsin.rings()
    old = alertmanager_body([Firing(condition=KAFKA, starts_at=began)])
    await tocsin.deliver("alertmanager", old)
    assert await tocsin.open_incidents() == []
    assert await tocsin.rings() == before


async def test_the_same_delivery_twice_is_one(tocsin: Tocsin):
    """Senders repeat themselves: one incident, one page, one fact of each."""
    began = tocsin.clock.now()
    body = alertmanager_body([Firing(condition=TRINO, starts_at=began)])
    await tocsin.deliver("alertmanager", body)
    told = await tocsin.told()
    for _ in range(3):
        await tocsin.deliver("alertmanager", body)
    assert await tocsin.told() == told
    assert len(await tocsin.dm("bob")) == 1


@pytest.mark.both
async def test_deliveries_at_the_same_moment_make_one_incident(tocsin: Tocsin):
    """Ten copies arrive together, before anything was worked on."""
    body = alertmanager_body([Firing(condition=TRINO, starts_at=tocsin.clock.now())])
    for _ in range(10):
        await tocsin.receive("alertmanager", body)
    await tocsin.settle()
    assert await tocsin.open_incidents() == ["INC-13"]
    assert len(await tocsin.pages()) == 1


async def test_what_fires_again_after_its_incident_ended_opens_a_new_one(tocsin: Tocsin):
    """A new episode of the same group is a new incident, and pages."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.heal(TRINO)
    await tocsin.say("bob", "/incident resolve INC-13 restarted it", room="dm-bob")
    await tocsin.advance(MINUTE)
    await tocsin.fire(TRINO)
    assert await tocsin.open_incidents() == ["INC-14"]
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]
