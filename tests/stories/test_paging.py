"""A page rings, climbs when nobody answers, and stops at an ack."""

from datetime import timedelta

from bot.demo.scenarios import scenario
from domain.plain import plain
from tests.fakes.tocsin import Tocsin

MINUTE = timedelta(minutes=1)


async def test_alert_pages_who_is_on_call_and_climbs_until_an_ack(tocsin: Tocsin) -> None:
    """Bob is paged at once, carol five minutes later, and nobody after bob's ack."""
    first = scenario("bad-deploy", tocsin.clock.now())[0]
    await tocsin.deliver(first.source, first.body)
    (page,) = await tocsin.dms("bob")
    assert "INC-13" in plain(page.body)
    assert await tocsin.dms("carol") == ()

    await tocsin.advance(5 * MINUTE)
    (climbed,) = await tocsin.dms("carol")
    reply = await tocsin.press("carol", climbed, "Ack")
    assert reply.refused == ""
    incident = await tocsin.incident("INC-13")
    assert incident.acknowledged_at == tocsin.clock.now()

    before = len(await tocsin.dms("bob"))
    await tocsin.advance(20 * MINUTE)
    assert len(await tocsin.dms("bob")) == before
