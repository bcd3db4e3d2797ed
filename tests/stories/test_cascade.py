"""What stands on a broken service joins its incident, hides no page, and can be parted again."""

import pytest

from domain.message import buttons
from tests.fakes.conditions import MINUTE, SECOND, condition
from tests.fakes.tocsin import Tocsin

PATRONI = condition("patroni", "critical", "PatroniNoLeader", "The cluster has no leader")
TRINO_FAILS = condition("trino", "critical", "TrinoCatalogueErrors", "Queries fail")
TRINO_STILL = condition("trino", "critical", "TrinoQueryFailures", "Queries still fail")
CHARTS_FAIL = condition("superset", "warning", "SupersetChartErrors", "Charts fail to load")
CHARTS_STILL = condition("superset", "warning", "SupersetSlow", "Charts are slow")
SUPERSET_DOWN = condition("superset", "critical", "SupersetDown", "Superset is down")


async def verdicts(tocsin: Tocsin, incident: str = "INC-13") -> dict[str, str]:
    """What was decided about each alert of an incident, by its name."""
    async with tocsin.looking() as unit:
        found = await unit.alerts.of(incident)
    return {one.name: f"{one.verdict.action}: {one.verdict.reason}" for one in found if one.verdict}


@pytest.mark.both
async def test_a_cascade_is_one_incident_and_one_page(tocsin: Tocsin):
    """Six services from patroni to trino: Bob is paged once, each alert says why it is here."""
    await tocsin.play("cascade")
    assert await tocsin.open_incidents() == ["INC-13"]
    assert (await tocsin.incident()).service == "patroni"
    assert [page.user for page in await tocsin.pages()] == ["bob"]
    (page,) = await tocsin.dm("bob")
    assert "7 alerts, 6 services · patroni" in page.text
    decided = await verdicts(tocsin)
    assert len(decided) == 7
    why = decided["TrinoCatalogueErrors"]
    assert why == "attached: trino depends on patroni, INC-13 is open"
    inhibited = "inhibited: superset depends on patroni, INC-13 is open"
    assert decided["SupersetChartErrors"] == inhibited
    assert "trino joined as a symptom: it depends on patroni" in await tocsin.told()


async def test_the_first_urgent_alert_of_another_service_rings_again(tocsin: Tocsin):
    """After the ack, once for each service (rules.md 6); what needs nobody at once never."""
    await tocsin.fire(PATRONI)
    await tocsin.press("bob", "INC-13", "Ack")
    for following, rung in (
        (CHARTS_FAIL, 1), (TRINO_FAILS, 2), (TRINO_STILL, 2), (CHARTS_STILL, 2), (SUPERSET_DOWN, 3),
    ):  # fmt: skip
        await tocsin.advance(30 * SECOND)
        await tocsin.fire(following)
        assert len(await tocsin.pages()) == rung, following.name
        if len(await tocsin.pages()) > 1:
            await tocsin.say("bob", "ack INC-13", room="dm-bob")
    assert await tocsin.open_incidents() == ["INC-13"]


@pytest.mark.both
async def test_a_symptom_is_told_in_the_thread_and_can_be_parted(tocsin: Tocsin):
    """One button: the alerts of trino get an incident and a page of their own."""
    await tocsin.fire(PATRONI)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.fire(TRINO_FAILS)
    answer = await tocsin.press("bob", "trino joined as a symptom", "Not the same: split")
    assert answer.text == "trino gets an incident of its own, with 1 alert of INC-13."
    assert await tocsin.open_incidents() == ["INC-13", "INC-14"]
    parted = await tocsin.incident("INC-14")
    assert (parted.service, parted.severity, parted.status) == ("trino", "SEV2", "triggered")
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]
    assert list(await verdicts(tocsin)) == ["PatroniNoLeader"]
    assert await verdicts(tocsin, "INC-14") == {
        "TrinoCatalogueErrors": "attached: split off INC-13"
    }
    assert "trino is not the same, says Bob: it goes on by itself" in await tocsin.told()


async def test_what_was_parted_stays_parted(tocsin: Tocsin):
    """Further alerts of trino, and of what stands on it, go where trino went."""
    await tocsin.fire(PATRONI)
    await tocsin.fire(TRINO_FAILS)
    await tocsin.say("bob", "/alert split INC-13 trino")
    await tocsin.fire(TRINO_STILL)
    await tocsin.fire(CHARTS_FAIL)
    assert set(await verdicts(tocsin, "INC-14")) == {
        "TrinoCatalogueErrors", "TrinoQueryFailures", "SupersetChartErrors",
    }  # fmt: skip
    assert await tocsin.open_incidents() == ["INC-13", "INC-14"]


async def test_why_an_alert_is_here_is_told_with_the_way_out(tocsin: Tocsin):
    """The button stands beneath the reason; what opened the incident has none."""
    await tocsin.fire(PATRONI)
    await tocsin.fire(CHARTS_FAIL)
    opened = await tocsin.say("bob", "/alert why ALR-1")
    assert buttons(opened.message) == ()
    symptom = await tocsin.say("bob", "/alert why ALR-2")
    assert "inhibited: superset depends on patroni, INC-13 is open." in symptom.text
    await tocsin.press("bob", symptom, "Not the same: split")
    assert (await tocsin.incident("INC-14")).service == "superset"


async def test_parting_needs_something_to_part(tocsin: Tocsin):
    """A private sentence says what to type."""
    await tocsin.fire(PATRONI)
    await tocsin.fire(TRINO_FAILS)
    own = await tocsin.say("bob", "/alert split INC-13 patroni")
    assert own.text.startswith("INC-13 is about patroni itself")
    none = await tocsin.say("bob", "/alert split INC-13 kafka")
    assert none.text == "INC-13 has no alert of kafka: name trino."
    viewer = await tocsin.say("dave", "/alert split INC-13 trino")
    assert viewer.refused == "not_allowed"
    await tocsin.say("bob", "/incident resolve INC-13 restarted etcd", room="dm-bob")
    over = await tocsin.say("bob", "/alert split INC-13 trino")
    assert over.text == "INC-13 is resolved: /incident reopen comes first."


async def test_what_comes_later_is_another_incident(tocsin: Tocsin):
    """After ten minutes a failure of trino is not taken for patroni's."""
    await tocsin.fire(PATRONI)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(11 * MINUTE)
    await tocsin.fire(TRINO_FAILS)
    assert await tocsin.open_incidents() == ["INC-13", "INC-14"]


async def test_all_of_it_heals_together(tocsin: Tocsin):
    """A symptom that still fires keeps the incident; when all are quiet it ends by itself."""
    await tocsin.fire(PATRONI)
    await tocsin.fire(TRINO_FAILS)
    await tocsin.heal(PATRONI)
    await tocsin.advance(6 * MINUTE)
    assert (await tocsin.incident()).open
    await tocsin.heal(TRINO_FAILS)
    await tocsin.advance(6 * MINUTE)
    assert (await tocsin.incident()).resolution == "self_healed"
