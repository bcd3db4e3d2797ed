"""An ack stops the ringing at once; what wakes people again is written down (rules 6 and 21)."""

import pytest
import yaml
from sqlalchemy import func, select

from bot.demo.bodies import Firing, alertmanager_body
from domain.actor import Role
from domain.call import Call, Origin
from domain.message import form_of
from domain.routing import Route
from storage.tables.ledger import jobs
from tests.fakes.conditions import (
    HOUR,
    KAFKA,
    KAFKA_WARNS,
    MINUTE,
    SECOND,
    TRINO,
    TRINO_WARNS,
    condition,
)
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Answer, Tocsin


async def pending(tocsin: Tocsin, *kinds: str) -> int:
    """How many jobs of these kinds are still owed."""
    async with tocsin.looking() as unit:
        wanted = (jobs.c.kind.in_(kinds), jobs.c.state == "pending")
        query = select(func.count()).select_from(jobs).where(*wanted)
        return int((await unit.scope.connection.execute(query)).scalar_one())


def offered(asked: Answer, field: str) -> list[str]:
    """What the form of an answer offers for a field."""
    form = form_of(asked.message)
    assert form
    return [one.label for input in form.inputs if input.name == field for one in input.options]


async def paged(tocsin: Tocsin, incident: str = "INC-13") -> list[str]:
    """Whom pages went to, in order."""
    return [page.user for page in await tocsin.pages(incident)]


async def test_an_ack_changes_the_card_and_stops_everything(tocsin: Tocsin):
    """The same card says whose it is now and what comes next; nobody is rung any more."""
    await tocsin.fire(TRINO)
    answer = await tocsin.press("bob", "INC-13", "Ack")
    assert answer.text == "INC-13 is yours, Bob. Escalation stopped."
    page, _ = await tocsin.dm("bob")
    assert "◐ Yours, Bob. Escalation stopped. Rung again at 12:30 if nothing happens." in page.text
    assert page.labels[:3] == ("Take lead & open room", "Update…", "Page someone…")
    assert "Hand back" in page.labels
    rings = await tocsin.rings()
    await tocsin.advance(29 * MINUTE)
    assert await tocsin.rings() == rings


@pytest.mark.both
async def test_the_ack_and_what_it_cancels_are_one_commit(tocsin: Tocsin):
    """Right after the ack's commit, before any job ran, nothing that rings is owed."""
    await tocsin.fire(TRINO)
    assert await pending(tocsin, "escalate", "ring_page") == 2
    call = Call(
        command="incident ack",
        args={"incident": "INC-13"},
        actor=await tocsin.actor("bob"),
        origin=Origin(surface="console"),
    )
    await tocsin.parts.dispatch(call)
    assert await pending(tocsin, "escalate", "ring_page") == 0
    assert (await tocsin.incident()).status == "acknowledged"


async def test_a_reply_by_number_acks_too(tocsin: Tocsin):
    """The page says ``reply: ack 13``, and ``1`` means the newest that rings."""
    await tocsin.fire(TRINO)
    assert "is yours" in (await tocsin.say("bob", "ack 13", room="dm-bob")).text
    await tocsin.fire(KAFKA)
    assert (await tocsin.say("bob", "1", room="dm-bob")).text.startswith("INC-14 is yours, Bob.")


async def test_whoever_acks_without_a_page_becomes_a_responder(tocsin: Tocsin):
    """And is told so; the one who was paged sees that somebody took it."""
    await tocsin.fire(TRINO)
    answer = await tocsin.say("carol", "/incident ack INC-13")
    assert answer.text.endswith("You were not paged; you are a responder now.")
    assert "carol" in (await tocsin.incident()).responders
    (page,) = await tocsin.dm("bob")
    assert page.labels == ()
    assert await paged(tocsin) == ["bob"]


async def test_a_second_ack_says_that_it_is_taken(tocsin: Tocsin):
    """Nothing changes, no second fact."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    told = await tocsin.told()
    answer = await tocsin.say("bob", "/incident ack INC-13")
    assert answer.text == "INC-13 is acknowledged already; you are on it."
    assert await tocsin.told() == told


async def test_a_direct_page_rings_until_that_person_acks(tocsin: Tocsin):
    """``/page @carol`` on an acknowledged incident; her ack stops only her ringing (rule 6)."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    answer = await tocsin.say("bob", '/page @carol "metastore again" INC-13', room="dm-bob")
    assert "Carol is paged for INC-13 and rings until they answer." in answer.text
    await tocsin.say("alice", "/incident ack INC-13")
    await tocsin.advance(10 * MINUTE)
    now = tocsin.clock.now()
    rung = [(now - ring.at) / MINUTE for user, ring in await tocsin.rings() if user == "carol"]
    assert rung == [10, 7, 6, 5, 4, 3, 2, 1, 0]
    assert "You are asked for by Bob: metastore again." in (await tocsin.dm("carol"))[-1].text
    await tocsin.press("carol", "INC-13", "Ack")
    rings = await tocsin.rings()
    await tocsin.advance(10 * MINUTE)
    assert await tocsin.rings() == rings


async def test_a_page_by_name_can_be_taken_back(tocsin: Tocsin):
    """By name alone: a policy's page ends by an ack. Who is rung for what is told before."""
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/page @carol INC-13 come", room="dm-bob")
    standing = await tocsin.say("dave", "/page status INC-13")
    assert [(one["user"], one["state"]) for one in standing.data] == [
        ("bob", "sent"), ("carol", "sent"),
    ]  # fmt: skip
    assert "Carol at 12:05" in standing.text
    assert len((await tocsin.say("dave", "/page status")).data) == 2
    by_policy = await tocsin.say("bob", "/page cancel INC-13 @bob")
    assert "Bob is paged by a policy: /incident ack ends that" in by_policy.text
    done = await tocsin.say("bob", "/page cancel INC-13 @carol")
    assert done.text == "Carol is not rung for INC-13 any more."
    rung = [user for user, _ in await tocsin.rings()].count("carol")
    await tocsin.advance(4 * MINUTE)
    assert [user for user, _ in await tocsin.rings()].count("carol") == rung
    assert "Bob took back the page to Carol" in "\n".join(await tocsin.told())
    assert "is not being paged" in (await tocsin.say("bob", "/page cancel INC-13 @dave")).text
    await tocsin.say("bob", "/page escalate INC-13")
    assert await paged(tocsin) == ["bob", "carol", "carol"]
    await tocsin.say("bob", "/page @dave look at the disks")
    alone = await tocsin.say("bob", "/page cancel INC-14 @dave")
    assert "/incident cancel INC-14 ends it" in alone.text


async def test_paging_somebody_twice_rings_once(tocsin: Tocsin):
    """The second request says that they ring already."""
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/page @carol INC-13", room="dm-bob")
    answer = await tocsin.say("alice", "/page @carol INC-13")
    assert answer.text == "Carol is being paged for INC-13 already."
    assert await paged(tocsin) == ["bob", "carol"]


@pytest.mark.both
async def test_a_snooze_takes_it_and_rings_again_at_its_time(tocsin: Tocsin):
    """One's own snooze is one of the few things that wake again; whoever is next, five minutes
    later. A SEV2 rings sooner where nothing is said, and what is over rings nobody."""
    await tocsin.fire(TRINO)
    answer = await tocsin.say("bob", "snooze 13 10m", room="dm-bob")
    assert "INC-13 is yours, Bob. You are rung again at 2026-11-21 12:10 UTC," in answer.text
    assert (await tocsin.incident()).status == "acknowledged"
    page = (await tocsin.dm("bob"))[0]
    assert "Rung again at 12:10, as you asked." in page.text
    await tocsin.advance(10 * MINUTE - SECOND)
    assert await paged(tocsin) == ["bob"]
    await tocsin.advance(SECOND)
    assert await paged(tocsin) == ["bob", "bob"]
    await tocsin.advance(5 * MINUTE)
    assert await paged(tocsin) == ["bob", "bob", "carol"]
    await tocsin.press("carol", (await tocsin.dm("carol"))[-1], "Ack")
    longer = await tocsin.say("carol", "/page snooze 13 2h")
    assert "A SEV2 rings you sooner: after 30 m without a word." in longer.text
    assert await pending(tocsin, "ring_snoozed") == 1
    await tocsin.say("carol", "/incident resolve INC-13 restarted")
    assert await pending(tocsin, "ring_snoozed") == 0
    refused = await tocsin.say("dave", "/page snooze 13 5m")
    assert "No page of yours fits" in refused.text


async def test_a_policy_says_how_long_silence_may_last(tocsin: Tocsin):
    """``ack_timeout`` of the policy by which it is paged."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        policy = await unit.catalog.policies.need("data-platform")
        await unit.catalog.policies.put(policy.model_copy(update={"ack_timeout": 10 * MINUTE}))
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    assert "Rung again at 12:10 if nothing happens." in (await tocsin.dm("bob"))[0].text
    await tocsin.advance(10 * MINUTE)
    assert await paged(tocsin) == ["bob", "bob"]
    started = [told for told in await tocsin.told() if "for 10 m after the ack" in told]
    assert started


async def test_half_an_hour_without_a_word_rings_you_first(tocsin: Tocsin):
    """SEV1–SEV2: thirty minutes after the last thing you did, then somebody else in five."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(20 * MINUTE)
    await tocsin.say("bob", "/incident note INC-13 still looking", room="dm-bob")
    await tocsin.advance(30 * MINUTE - SECOND)
    assert await paged(tocsin) == ["bob"]
    await tocsin.advance(SECOND)
    assert await paged(tocsin) == ["bob", "bob"]
    await tocsin.advance(5 * MINUTE)
    assert await paged(tocsin) == ["bob", "bob", "carol"]
    await tocsin.press("bob", (await tocsin.dm("bob"))[-1], "Ack")
    await tocsin.advance(29 * MINUTE)
    assert await paged(tocsin) == ["bob", "bob", "carol"]


async def test_something_small_does_not_ring_again_after_its_ack(tocsin: Tocsin):
    """The half hour counts for SEV1–SEV2 only."""
    await tocsin.fire(condition("spark", "wobbly"))
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(3 * HOUR)
    assert await paged(tocsin) == ["bob"]


@pytest.mark.both
async def test_half_an_hour_survives_a_restart(tocsin: Tocsin):
    """The timer is a row, not a thread."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    tocsin.clock.move(minutes=31)
    async with tocsin.restarted() as again:
        await again.settle()
        assert await paged(again) == ["bob", "bob"]


async def test_a_person_who_raises_to_sev1_rings_whoever_is_on_it(tocsin: Tocsin):
    """Alice says that it is worse than bob thought; bob hears of it at once (rule 6)."""
    await tocsin.fire(condition("spark", "wobbly"))
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("alice", "/incident severity INC-13 sev1")
    assert await paged(tocsin) == ["bob", "bob"]
    await tocsin.advance(5 * MINUTE)
    assert await paged(tocsin) == ["bob", "bob", "carol"]


async def test_whoever_raises_it_is_not_rung_for_it(tocsin: Tocsin):
    """Bob knows; but half an hour of silence rings him from now on."""
    await tocsin.fire(condition("spark", "wobbly"))
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("bob", "/incident severity INC-13 sev2", room="dm-bob")
    assert await paged(tocsin) == ["bob"]
    await tocsin.advance(30 * MINUTE)
    assert await paged(tocsin) == ["bob", "bob"]


async def test_the_first_alert_of_another_service_rings_again(tocsin: Tocsin):
    """What spreads is news to whoever took it; more of the same is not (rule 6)."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(MINUTE)
    now = tocsin.clock.now()
    both = alertmanager_body([Firing(condition=one, starts_at=now) for one in (TRINO, KAFKA)])
    await tocsin.deliver("alertmanager", both)
    assert await paged(tocsin) == ["bob", "bob"]
    await tocsin.press("bob", (await tocsin.dm("bob"))[-1], "Ack")
    more = condition("kafka", "critical", "KafkaUnderReplicated")
    again = [Firing(condition=one, starts_at=now) for one in (TRINO, KAFKA, more)]
    await tocsin.deliver("alertmanager", alertmanager_body(again))
    assert await paged(tocsin) == ["bob", "bob"]


async def test_a_lesser_alert_of_another_service_rings_nobody(tocsin: Tocsin):
    """A warning is no reason to ring somebody who is at work already."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    now = tocsin.clock.now()
    body = [Firing(condition=one, starts_at=now) for one in (TRINO, TRINO_WARNS, KAFKA_WARNS)]
    await tocsin.deliver("alertmanager", alertmanager_body(body))
    assert await paged(tocsin) == ["bob"]


async def test_cannot_pages_the_next_step_now(tocsin: Tocsin):
    """The card's third button; bob's page ends, carol's begins (rule 21)."""
    await tocsin.fire(TRINO)
    answer = await tocsin.press("bob", "INC-13", "Can't")
    assert answer.text == "Passed on. Carol is paged now."
    assert await paged(tocsin) == ["bob", "carol"]
    (page,) = (await tocsin.dm("bob"))[:1]
    assert "You passed this on. Carol is paged." in page.text
    await tocsin.advance(4 * MINUTE)
    assert {user for user, ring in await tocsin.rings() if ring.k} == {"carol"}


@pytest.mark.both
async def test_not_ours_starts_the_other_teams_policy(tocsin: Tocsin):
    """This page ends, the other team is paged at its first step, the reason is a fact."""
    await tocsin.fire(TRINO)
    asked = await tocsin.press("bob", "INC-13", "Not ours")
    answer = await tocsin.submit("bob", asked.message, {"to": "web", "why": "the proxy, see logs"})
    assert answer.text.startswith("INC-13 is web's now; web starts at its first step.")
    incident = await tocsin.incident()
    assert (incident.team, incident.policy, incident.status) == ("web", "web", "triggered")
    assert await paged(tocsin) == ["bob", "carol"]
    rule = '(by a route: alertname="TrinoQueryFailures" service="trino")'
    told = f"Bob handed it from data-platform to web {rule} the proxy, see logs"
    assert told in await tocsin.told()
    await tocsin.advance(4 * MINUTE)
    assert {user for user, ring in await tocsin.rings() if ring.k} == {"carol"}


async def test_not_ours_offers_the_likeliest_first(tocsin: Tocsin):
    """The owner of the service, then who took the like before, and never those who ask."""
    await tocsin.fire(TRINO)
    asked = await tocsin.press("bob", "INC-13", "Not ours")
    assert offered(asked, "to") == ["storefront (service)", "Web (team)"]
    await tocsin.submit("bob", asked.message, {"to": "web"})
    asked = await tocsin.press("carol", "INC-13", "Not ours")
    assert offered(asked, "to")[0] == "Data platform (team) · owns trino"
    await tocsin.submit("carol", asked.message, {"to": "data-platform"})
    asked = await tocsin.press("bob", "INC-13", "Not ours")
    known = offered(asked, "to")
    assert set(known) == {
        "storefront (service) · taken once before",
        "Web (team) · taken once before",
    }
    stranger = await tocsin.say("dave", "/page notours page:13", room="dm-dave")
    assert offered(stranger, "to") == []


async def test_not_ours_leaves_a_route_for_an_admin(tocsin: Tocsin):
    """Added as it is, the next alert of that name goes to the other team at once."""
    await tocsin.fire(TRINO)
    answer = await tocsin.say("bob", "/page notours 13 web", room="dm-bob")
    assert answer.data["route"] in answer.text
    (route,) = yaml.safe_load(answer.data["route"])["routes"]
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.catalog.routes.add(Route.model_validate(route))
    await tocsin.say("carol", "/incident resolve INC-13 restarted it", room="dm-carol")
    await tocsin.heal(TRINO)
    await tocsin.advance(HOUR)
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["carol"]


async def test_what_a_person_declared_has_no_route(tocsin: Tocsin):
    """No alert was behind it."""
    await tocsin.say("alice", "/incident declare trino is slow service:trino")
    answer = await tocsin.say("bob", "/page notours 13 web", room="dm-bob")
    assert answer.text == "INC-13 is web's now; web starts at its first step."
    assert "Bob handed it from data-platform to web" in await tocsin.told()


async def test_not_ours_by_service_finds_its_team(tocsin: Tocsin):
    """Naming the service is enough."""
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/page notours 13 storefront", room="dm-bob")
    incident = await tocsin.incident()
    assert (incident.service, incident.team) == ("storefront", "web")
    assert await paged(tocsin) == ["bob", "carol"]


async def test_handing_back_pages_somebody_else_first(tocsin: Tocsin):
    """Bob took it and cannot go on: carol rings now, not bob."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(2 * MINUTE)
    answer = await tocsin.press("bob", (await tocsin.dm("bob"))[0], "Hand back")
    assert answer.text == "INC-13 is handed back and pages again."
    incident = await tocsin.incident()
    assert (incident.status, incident.responders) == ("triggered", ())
    assert await paged(tocsin) == ["bob", "carol"]


async def test_only_who_has_it_can_hand_it_back(tocsin: Tocsin):
    """Alice leads it: who was asked before changes nothing, and who helps her only leaves."""
    await tocsin.fire(TRINO)
    await tocsin.say("alice", "/page @dave INC-13 look")
    await tocsin.say("alice", "/incident lead INC-13 me")
    await tocsin.say("alice", "/incident ack INC-13")
    await tocsin.say("alice", "/incident severity INC-13 2")
    await tocsin.say("dave", "/page ack 13", room="dm-dave")
    for line in ("/page back 13", "/page notours 13 web"):
        for who in ("bob", "dave"):
            assert (await tocsin.say(who, line, room=f"dm-{who}")).refused == "stale"
    await tocsin.say("bob", "/incident ack INC-13")
    left = await tocsin.say("bob", "/page back 13", room="dm-bob")
    assert left.text == "You are off INC-13. It is with Alice."
    await tocsin.advance(29 * MINUTE)
    incident = await tocsin.incident()
    assert (incident.status, incident.responders) == ("acknowledged", ("alice",))
    assert await paged(tocsin) == ["bob", "dave"]
    await tocsin.advance(MINUTE)
    assert await paged(tocsin) == ["bob", "dave", "alice"]


async def test_the_first_ack_keeps_its_time(tocsin: Tocsin):
    """Handing back and a second ack do not make the first one later."""
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    await tocsin.press("bob", "INC-13", "Ack")
    first = (await tocsin.incident()).acknowledged_at
    await tocsin.press("bob", (await tocsin.dm("bob"))[0], "Hand back")
    await tocsin.advance(MINUTE)
    await tocsin.press("carol", "INC-13", "Ack")
    assert (await tocsin.incident()).acknowledged_at == first


async def test_why_me_lists_what_was_tried(tocsin: Tocsin):
    """Every ring with its time, only to the person."""
    await tocsin.fire(TRINO)
    await tocsin.advance(3 * MINUTE)
    answer = await tocsin.press("bob", "INC-13", "Why me")
    assert "on call for data-platform" in answer.text
    assert "ring 1 by chat" in answer.text
    assert "12:03:00" in answer.text


async def test_a_member_may_page_three_times_an_hour(tocsin: Tocsin):
    """With a reason; the fourth is refused, and an hour later it works again (rule 1)."""
    await tocsin.hire("erin", Role.MEMBER)
    assert (await tocsin.say("erin", "/page web")).field == "why"
    for number in range(3):
        answer = await tocsin.say("erin", f"/page web checkout is broken {number}")
        assert answer.refused == "", answer.text
    fourth = await tocsin.say("erin", "/page web checkout is broken")
    assert "You have paged three times in the last hour" in fourth.text
    assert await tocsin.open_incidents() == ["INC-13", "INC-14", "INC-15"]
    tocsin.clock.move(hours=1, seconds=1)
    assert (await tocsin.say("erin", "/page web still broken")).refused == ""


async def test_handing_back_an_unanswered_page_ends_it(tocsin: Tocsin):
    """Also before any ack: this page rings no more, somebody else's does."""
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/page back 13", room="dm-bob")
    await tocsin.advance(4 * MINUTE)
    assert await paged(tocsin) == ["bob", "carol"]
    assert {user for user, ring in await tocsin.rings() if ring.k} == {"carol"}


async def test_passing_on_a_direct_page_says_that_nobody_is_next(tocsin: Tocsin):
    """It has no further step; nobody is left to believe that there is one."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("bob", "/page @carol INC-13", room="dm-bob")
    answer = await tocsin.press("carol", "INC-13", "Can't")
    assert answer.text == "Passed on. Nobody is next for it: page somebody with /page @person."
    assert {page.state for page in await tocsin.pages()} == {"acked", "passed"}


async def test_whoever_took_it_and_pages_on_is_not_rung_themselves(tocsin: Tocsin):
    """Page someone… without a name: the policy, but for the step that is bob's own."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    answer = await tocsin.press("bob", (await tocsin.dm("bob"))[0], "Page someone")
    assert answer.text == "data-platform pages Carol for INC-13."
    assert await paged(tocsin) == ["bob", "carol"]


async def test_a_quiet_page_ends_when_somebody_else_takes_it(tocsin: Tocsin):
    """Bob's warning of Monday morning is no longer asked of him."""
    tocsin.clock.move(hours=46)
    await tocsin.fire(KAFKA_WARNS)
    assert await paged(tocsin) == ["bob"]
    await tocsin.say("carol", "/incident ack INC-13")
    (page,) = await tocsin.pages()
    assert page.state == "expired"
    assert (await tocsin.dm("bob"))[0].labels == ()
