"""An alert arrives, is understood, and whoever is on call is asked to look (rules 3 and 5)."""

from datetime import datetime

import pytest
from sqlalchemy import update

from bot.demo.bodies import Condition, Firing, alertmanager_body
from bot.demo.scenarios import WATCHDOG
from domain.deployment import Deployment
from storage.tables.alerts import deliveries
from tests.fakes.conditions import (
    HOUR,
    KAFKA,
    KAFKA_WARNS,
    MINUTE,
    REDIS_TELLS,
    SECOND,
    STOREFRONT,
    TRINO,
    TRINO_DOWN,
    TRINO_SLOW,
    TRINO_WARNS,
    condition,
)
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def test_a_page_says_what_how_bad_why_you_and_who_is_next(tocsin: Tocsin):
    """All of it stands on the card that lights up the phone, and Ack is its first button."""
    await tocsin.fire(TRINO)
    (page,) = await tocsin.dm("bob")
    headline, why, matter, moves, reply = page.text.splitlines()
    assert headline == "SEV2 38 % of queries fail on trino prod · INC-13"
    assert why == (
        "You are on call for data-platform until Wed 09:00. Carol is paged at 12:05 unless you ack."
    )
    assert matter == "1 alert · trino · runbook: Trino coordinator 5xx"
    assert moves.startswith("[Ack] [Not ours…] [Can't: page Carol now]")
    assert page.labels[0] == "Ack"
    assert reply == "reply: ack 13 · pass 13"


async def test_a_page_names_what_changed_just_before(tocsin: Tocsin):
    """The last deployment of the service within half an hour stands on page and card (rule 16)."""
    finished = tocsin.clock.now() - 6 * MINUTE
    async with tocsin.parts.store.write(SYSTEM) as unit:
        number = await unit.numbers.next("DEP")
        deployment = Deployment(
            id=f"DEP-{number}",
            number=number,
            service="trino",
            environment="prod",
            version="v249",
            status="success",
            started_at=finished - MINUTE,
            finished_at=finished,
            source="argocd",
        )
        await unit.catalog.deployments.add(deployment)
    await tocsin.fire(TRINO)
    (page,) = await tocsin.dm("bob")
    (card,) = await tocsin.room("alerts-data-platform")
    assert "changed 6 min before: trino v249" in page.text
    assert "Changed just before: trino v249, 6 min, same service" in card.text


@pytest.mark.both
async def test_an_alert_opens_an_incident_in_triage(tocsin: Tocsin):
    """A page and a card in the team's alert room; no room, nothing for everybody (rule 5)."""
    rooms = await tocsin.rooms("alice")
    await tocsin.fire(TRINO)
    incident = await tocsin.incident()
    assert (incident.stage, incident.status, incident.severity) == ("triage", "triggered", "SEV2")
    assert (incident.service, incident.team, incident.policy) == (
        "trino",
        "data-platform",
        "data-platform",
    )
    (card,) = await tocsin.room("alerts-data-platform")
    assert "INC-13" in card.text
    assert await tocsin.room("incidents") == []
    assert await tocsin.rooms("alice") == rooms
    assert incident.next_update_at is None


async def test_each_team_is_asked_by_its_own_policy(tocsin: Tocsin):
    """The service's owner is paged, in the owner's alert room."""
    await tocsin.fire(STOREFRONT)
    (page,) = await tocsin.dm("carol")
    (card,) = await tocsin.room("alerts-web")
    assert "You are on call for web until" in page.text
    assert "Checkout fails for everybody" in card.text
    assert await tocsin.dm("bob") == []


@pytest.mark.both
async def test_more_alerts_of_a_group_join_the_incident_without_another_page(tocsin: Tocsin):
    """Fourteen alerts make one incident, one card and one page, whose counts grow in place."""
    await tocsin.play("bad-deploy")
    (page,) = await tocsin.dm("bob")
    (card,) = await tocsin.room("alerts-data-platform")
    assert await tocsin.open_incidents() == ["INC-13"]
    assert "14 alerts" in page.text
    assert page.edited
    assert "14 alerts, 14 firing" in card.text
    async with tocsin.looking() as unit:
        verdicts = [one.verdict for one in await unit.alerts.of("INC-13")]
    actions = [one.action for one in verdicts if one]
    assert (actions.count("opened"), actions.count("attached")) == (1, 13)
    assert all(one and one.reason for one in verdicts)


async def test_a_worse_alert_that_joins_raises_the_incident_and_pages(tocsin: Tocsin):
    """A full disk opens quietly and pages when it becomes critical."""
    await tocsin.play("disk-full")
    incident = await tocsin.incident()
    (page,) = await tocsin.dm("bob")
    assert (incident.severity, incident.urgency) == ("SEV2", "high")
    assert page.text.startswith("SEV2")
    assert "Severity SEV4 → SEV2, set by Tocsin" in await tocsin.told()


async def test_a_warning_waits_for_working_hours(tocsin: Tocsin):
    """On Saturday noon nobody is rung; Monday at nine the one on call is told, once."""
    await tocsin.fire(KAFKA_WARNS)
    assert await tocsin.pages() == ()
    await tocsin.advance(44 * HOUR + 59 * MINUTE)
    assert await tocsin.pages() == ()
    await tocsin.advance(MINUTE)
    (page,) = await tocsin.pages()
    assert (page.user, page.urgency) == ("bob", "low")
    await tocsin.advance(3 * HOUR)
    assert len(await tocsin.dm("bob")) == 1


async def test_a_warning_that_comes_back_still_waits_for_working_hours(tocsin: Tocsin):
    """A flap on Saturday does not lose Monday's page."""
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(MINUTE)
    await tocsin.heal(KAFKA_WARNS)
    await tocsin.advance(MINUTE)
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(45 * HOUR)
    assert [page.urgency for page in await tocsin.pages()] == ["low"]


@pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
async def test_a_noisy_night_wakes_nobody(tocsin: Tocsin):
    """Two hours of flapping warnings and information: no ring, nothing left open."""
    await tocsin.advance(10 * HOUR)
    await tocsin.play("noisy-night")
    await tocsin.advance(10 * MINUTE)
    for person in ("alice", "bob", "carol", "dave"):
        assert await tocsin.dm(person) == []
    assert await tocsin.open_incidents() == []


async def test_information_stays_in_the_feed(tocsin: Tocsin):
    """It is an alert with a reason, and no incident."""
    await tocsin.fire(REDIS_TELLS)
    answer = await tocsin.say("dave", "/alert list")
    assert "RedisHitRateLow" in answer.text
    assert await tocsin.open_incidents() == []
    why = await tocsin.say("dave", f"/alert why {answer.data[0]['id']}")
    assert "feed only: severity info" in why.text
    assert "It belongs to no incident." in why.text


async def test_an_unknown_severity_pages_once_and_asks_for_a_rule(tocsin: Tocsin):
    """Nobody has said how urgent ``wobbly`` is, so somebody is asked; more of it joins."""
    await tocsin.fire(condition("spark", "wobbly", "SparkWobbles"))
    await tocsin.fire(condition("spark", "wobbly", "SparkWobblesMore"))
    (page,) = await tocsin.dm("bob")
    assert page.text.startswith("SEV3")
    assert "2 alerts" in page.text


async def test_without_route_and_default_policy_the_admins_are_paged(tocsin: Tocsin):
    """An alert of a service nobody owns rings alice, the admin (rule 5)."""
    await tocsin.fire(condition("mystery", "critical"))
    (page,) = await tocsin.pages()
    assert page.user == "alice"
    assert "an admin, and nobody is on call" in (await tocsin.dm("alice"))[0].text


async def test_the_default_policy_takes_what_no_route_names(tocsin: Tocsin):
    """Where an admin has set one, it pages before the admins do."""
    tocsin.settled(default_policy="web")
    await tocsin.fire(condition("mystery", "critical"))
    assert [page.user for page in await tocsin.pages()] == ["carol"]


async def deliver_from(tocsin: Tocsin, sender: str, one: Condition, began: datetime) -> None:
    """A sender's delivery of one alert that fires since ``began``."""
    body = alertmanager_body([Firing(condition=one, starts_at=began)])
    await tocsin.deliver("alertmanager", body, sender)


@pytest.mark.both
async def test_what_fired_before_first_contact_is_baseline(tocsin: Tocsin):
    """A new sender's old alerts are listed and told of once; its new ones page (rule 5)."""
    now = tocsin.clock.now()
    await deliver_from(tocsin, "new", KAFKA, now - 2 * HOUR)
    assert await tocsin.open_incidents() == []
    listed = await tocsin.say("dave", "/alert list")
    why = await tocsin.say("dave", f"/alert why {listed.data[0]['id']}")
    assert "baseline: it fired before alertmanager was first heard here" in why.text
    await deliver_from(tocsin, "new", TRINO, now)
    assert [page.user for page in await tocsin.pages()] == ["bob"]
    await tocsin.press("alice", "alertmanager/new", "Page these too")
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]


async def test_first_contact_is_the_first_delivery_whatever_it_said(tocsin: Tocsin):
    """A sender that was heard this morning, by its watchdog, is not new this afternoon."""
    await deliver_from(tocsin, "new", WATCHDOG, tocsin.clock.now() - HOUR)
    await tocsin.advance(3 * HOUR)
    await deliver_from(tocsin, "new", TRINO, tocsin.clock.now() - 2 * HOUR)
    assert [page.user for page in await tocsin.pages()] == ["bob"]


async def test_first_contact_is_when_it_arrived_not_when_it_was_worked_on(tocsin: Tocsin):
    """An hour without a worker makes no baseline of what was new when it came."""
    body = alertmanager_body([Firing(condition=TRINO, starts_at=tocsin.clock.now())])
    await tocsin.receive("alertmanager", body, "new")
    tocsin.clock.move(hours=1)
    await tocsin.settle()
    assert [page.user for page in await tocsin.pages()] == ["bob"]


@pytest.mark.both
async def test_a_silenced_alert_rings_nobody_until_the_silence_ends(tocsin: Tocsin):
    """It is in the feed with the silence and its author; afterwards a new episode pages."""
    asked = await tocsin.say("bob", '/alert silence service=trino for:1h why:"planned restart"')
    await tocsin.press("bob", asked, "Silence")
    await tocsin.fire(TRINO)
    listed = await tocsin.say("dave", "/alert list")
    assert "silenced" in listed.text
    why = await tocsin.say("dave", f"/alert why {listed.data[0]['id']}")
    assert "by bob" in why.text
    assert "planned restart" in why.text
    assert await tocsin.pages() == ()
    await tocsin.heal(TRINO)
    await tocsin.advance(HOUR)
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["bob"]


async def test_a_second_condition_of_an_acknowledged_incident_rings_nobody(tocsin: Tocsin):
    """Somebody is on it already; only the card grows (rule 6)."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    before = await tocsin.rings()
    await tocsin.fire(TRINO_SLOW, TRINO_WARNS)
    await tocsin.advance(10 * MINUTE)
    assert await tocsin.rings() == before
    (card,) = await tocsin.room("alerts-data-platform")
    assert "3 alerts, 3 firing" in card.text


async def test_a_raise_to_sev1_rings_whoever_acknowledged_again(tocsin: Tocsin):
    """They first, somebody else five minutes later (rule 6)."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(2 * MINUTE)
    await tocsin.fire(TRINO_DOWN)
    assert (await tocsin.incident()).severity == "SEV1"
    assert [page.user for page in await tocsin.pages()] == ["bob", "bob"]
    await tocsin.advance(5 * MINUTE)
    assert [page.user for page in await tocsin.pages()] == ["bob", "bob", "carol"]


async def test_a_delivery_that_cannot_be_read_holds_up_no_other(tocsin: Tocsin):
    """Worked on together at first, then each by itself: only the broken one is given up."""
    now = tocsin.clock.now()
    conditions = [condition(f"shop-{number}", "critical") for number in range(8)]
    for one in conditions:
        body = alertmanager_body([Firing(condition=one, starts_at=now)])
        newest = await tocsin.receive("alertmanager", body)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        unreadable = update(deliveries).where(deliveries.c.id == newest)
        await unit.scope.connection.execute(unreadable.values(signals=[{"of": "the future"}]))
    await tocsin.advance(10 * SECOND)
    (given_up,) = await tocsin.troubles()
    assert given_up.startswith("triage is dead")
    tocsin.forgiven.add("triage")
    found = [await tocsin.incident(name) for name in await tocsin.open_incidents()]
    assert {one.service for one in found} == {f"shop-{number}" for number in range(7)}
