"""People work on an incident: lead, rooms, one living card, updates on time (rules 5 and 22)."""

import pytest

from domain.call import Call, Origin
from domain.message import form_of
from tests.fakes.conditions import (
    DAY,
    HOUR,
    KAFKA,
    MINUTE,
    SECOND,
    STOREFRONT,
    TRINO,
    TRINO_SLOW,
    condition,
)
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Shown, Tocsin

ROOM = "inc-13-38-of-queries-fail-on-trino-prod"


async def cards(tocsin: Tocsin, room: str, incident: str = "INC-13") -> list[Shown]:
    """The incident's cards in a room, as somebody sees them who was answered nothing there."""
    seen = await tocsin.room(room, "carol")
    return [one for one in seen if f"{incident} ·" in one.text and "Lead: " in one.text]


async def test_declaring_makes_an_active_incident_and_pages(tocsin: Tocsin):
    """A card in #incidents for everybody, and whoever is on call for the service."""
    answer = await tocsin.say("dave", "/incident declare checkout is down sev:3 service:storefront")
    assert answer.data == {"id": "INC-13"}
    incident = await tocsin.incident()
    assert (incident.stage, incident.status, incident.severity) == ("active", "triggered", "SEV3")
    assert (incident.service, incident.source) == ("storefront", "dave")
    (card,) = await cards(tocsin, "incidents")
    assert "checkout is down" in card.text
    assert [page.user for page in await tocsin.pages()] == ["carol"]
    assert await tocsin.rooms("alice") == [
        "alerts-data-platform", "alerts-web", "general", "incidents", "dm-alice",
    ]  # fmt: skip


async def test_declaring_without_a_title_asks_with_a_form(tocsin: Tocsin):
    """Nothing is done until it is filled in; then it is the same command."""
    asked = await tocsin.say("dave", "/incident declare sev:2")
    assert asked.refused == "invalid"
    assert await tocsin.open_incidents() == []
    answer = await tocsin.submit("dave", asked.message, {"title": "checkout is down"})
    assert answer.data == {"id": "INC-13"}
    assert (await tocsin.incident()).severity == "SEV2"


async def test_sev2_opens_a_room_and_sev3_does_not(tocsin: Tocsin):
    """Rooms are for active SEV1–SEV2; the card stands in both places (rule 5)."""
    await tocsin.say("alice", "/incident declare trino is slow sev:3")
    assert (await tocsin.incident("INC-13")).home_room is None
    await tocsin.say("alice", "/incident declare trino is down sev:2")
    assert (await tocsin.incident("INC-14")).home_room == "inc-14-trino-is-down"
    assert "inc-14-trino-is-down" in await tocsin.rooms("dave")
    assert len(await cards(tocsin, "inc-14-trino-is-down", "INC-14")) == 1
    assert len(await cards(tocsin, "incidents", "INC-14")) == 1


async def test_taking_the_lead_of_a_triage_incident_makes_it_active(tocsin: Tocsin):
    """The card's button: active, a room for SEV2, the cadence of updates begins."""
    await tocsin.fire(TRINO)
    answer = await tocsin.press("bob", (await tocsin.room("alerts-data-platform"))[0], "Take lead")
    assert answer.text.startswith("Bob is commander of INC-13.")
    incident = await tocsin.incident()
    assert (incident.stage, incident.commander, incident.home_room) == ("active", "bob", ROOM)
    assert incident.next_update_at == tocsin.clock.now() + HOUR
    assert "Became an active incident: Bob leads it" in await tocsin.told()


async def test_a_room_can_be_asked_for(tocsin: Tocsin):
    """Take lead & open room: also for something small."""
    await tocsin.fire(condition("spark", "wobbly", "SparkWobbles", "spark wobbles"))
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.press("bob", (await tocsin.dm("bob"))[0], "Take lead & open room")
    incident = await tocsin.incident()
    assert incident.severity == "SEV3"
    assert incident.home_room == "inc-13-spark-wobbles"


async def test_raising_a_triage_incident_to_sev2_makes_it_active(tocsin: Tocsin):
    """Severity alone is enough (rule 5)."""
    await tocsin.fire(condition("spark", "wobbly", "SparkWobbles", "spark wobbles"))
    await tocsin.say("bob", "/incident severity INC-13 2", room="dm-bob")
    incident = await tocsin.incident()
    assert (incident.stage, incident.home_room) == ("active", "inc-13-spark-wobbles")


async def test_the_card_is_one_message_in_each_room_edited_in_place(tocsin: Tocsin):
    """From triage to resolved: alert room, #incidents and the incident's room have one each."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("bob", "/incident lead me INC-13", room="dm-bob")
    await tocsin.fire(TRINO_SLOW)
    await tocsin.say("bob", "/incident impact a third of all queries fail", room=ROOM)
    await tocsin.say("alice", "/incident severity 1", room=ROOM)
    await tocsin.say("bob", "/incident role scribe @carol", room=ROOM)
    await tocsin.say("bob", "/incident update fixing it status:fixing", room=ROOM)
    await tocsin.say("bob", "/incident resolve rolled back", room=ROOM)
    seen = {}
    for room in ("alerts-data-platform", "incidents", ROOM):
        (card,) = await cards(tocsin, room)
        assert card.edited
        seen[room] = card.text
    assert len(set(seen.values())) == 1
    text = seen[ROOM]
    for line in (
        "🔴 SEV1 · INC-13 · 38 % of queries fail on trino prod ○ resolved",
        "Impact: a third of all queries fail",
        "Lead: Bob",
        "Responders: Bob, Carol",
        "Resolution: fixed",
        "2 alerts, 2 firing",
    ):
        assert line in text


async def test_an_update_is_news_in_the_room_and_sets_the_next(tocsin: Tocsin):
    """Words, phase and a promise; monitoring means mitigated (rule 22)."""
    await tocsin.say("alice", "/incident declare trino is down sev:2")
    room = await home(tocsin)
    line = "/incident update rolling back status:fixing next:30m"
    answer = await tocsin.say("bob", line, room=room)
    assert answer.text == "Posted. The next update is due 2026-11-21 12:30 UTC."
    told = [one.text for one in await tocsin.room(room)]
    assert told[-1].endswith("Update by Bob (fixing): rolling back")
    incident = await tocsin.incident()
    assert (incident.phase, incident.status) == ("fixing", "triggered")
    await tocsin.advance(10 * MINUTE)
    await tocsin.say("bob", "/incident update errors are gone status:monitoring", room=room)
    incident = await tocsin.incident()
    assert (incident.phase, incident.status) == ("monitoring", "mitigated")
    assert incident.mitigated_at == tocsin.clock.now()


@pytest.mark.parametrize(
    "line",
    [
        "mitigate INC-13",
        "mitigated",
        "status monitoring INC-13",
        "status status:monitoring all is well",
    ],
)
async def test_mitigated_is_said_in_a_word(tocsin: Tocsin, line: str):
    """With or without words of one's own; the next update is due as after any other."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    room = "inc-13-checkout-fails"
    assert (await tocsin.say("bob", f"/inc {line}", room=room)).text.startswith("Posted.")
    incident = await tocsin.incident()
    assert (incident.phase, incident.status) == ("monitoring", "mitigated")
    assert incident.next_update_at
    assert "Update by Bob (monitoring): " in (await tocsin.told())[-1]


async def test_what_people_type_for_paging_and_shifts_is_understood(tocsin: Tocsin):
    """Beneath the incident's root, as after its own (rules.md 23)."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    room = "inc-13-checkout-fails"
    shop = await tocsin.say("alice", "/inc page @data-platform the cache is cold", room=room)
    assert shop.refused == ""
    assert any("the cache is cold" in one for one in await tocsin.told())
    assert [page.user for page in await tocsin.pages()][-1] == "bob"
    assert (await tocsin.say("alice", "/inc escalate @carol", room=room)).refused == ""
    assert "Bob is commander" in (await tocsin.say("bob", "/inc lead me", room=room)).text
    assert "Bob" in (await tocsin.say("alice", "/inc whoisoncall", room=room)).text
    covered = '/inc cover me "sat 18:00" 22:00 by:@carol schedule:data-platform'
    assert (await tocsin.say("bob", covered, room=room)).refused == ""
    call = await tocsin.say("bob", "/inc call https://meet.example.com/13", room=room)
    assert call.data["url"] == "https://meet.example.com/13"


async def test_an_update_right_after_the_declaration_is_not_lost(tocsin: Tocsin):
    """The card does not stand yet when the update is said; it still reaches the thread."""
    origin = Origin(surface="api")
    actor = await tocsin.actor("alice")
    for command, args in (
        ("incident declare", {"title": "trino is slow", "severity": "3"}),
        ("incident update", {"incident": "INC-13", "text": "looking at it"}),
    ):
        await tocsin.parts.dispatch(Call(command=command, args=args, actor=actor, origin=origin))
    await tocsin.advance(10 * SECOND)
    told = [one.text for one in await tocsin.room("incidents")]
    assert any("Update by Alice (investigating): looking at it" in one for one in told)


async def test_a_missed_update_is_asked_for_at_most_five_times(tocsin: Tocsin):
    """At the promised minute, then every half hour; the fifth is the last."""
    await tocsin.say("alice", "/incident declare trino is slow sev:3")
    await tocsin.say("alice", "/incident ack INC-13")
    await tocsin.say("alice", "/incident update INC-13 looking next:10m")
    await tocsin.advance(10 * MINUTE - SECOND)
    assert await reminders(tocsin) == 0
    await tocsin.advance(SECOND)
    assert await reminders(tocsin) == 1
    await tocsin.advance(6 * HOUR)
    assert await reminders(tocsin) == 5


async def test_an_update_ends_its_reminders(tocsin: Tocsin):
    """Said in time, nothing asks; the next promise counts from now."""
    await tocsin.say("alice", "/incident declare trino is slow sev:3")
    await tocsin.say("alice", "/incident ack INC-13")
    await tocsin.say("alice", "/incident update INC-13 looking next:10m")
    await tocsin.advance(9 * MINUTE)
    await tocsin.say("alice", "/incident update INC-13 found it next:20m")
    await tocsin.advance(20 * MINUTE - SECOND)
    assert await reminders(tocsin) == 0
    await tocsin.advance(SECOND)
    assert await reminders(tocsin) == 1


@pytest.mark.both
async def test_a_reminder_survives_a_restart(tocsin: Tocsin):
    """The promise is a row: late, once, and not once for each missed half hour."""
    await tocsin.say("alice", "/incident declare trino is slow sev:3")
    await tocsin.say("alice", "/incident ack INC-13")
    await tocsin.say("alice", "/incident update INC-13 looking next:10m")
    tocsin.clock.move(hours=3)
    async with tocsin.restarted() as again:
        await again.settle()
        assert await reminders(again) == 1
        await again.advance(30 * MINUTE)
        assert await reminders(again) == 2


async def reminders(tocsin: Tocsin) -> int:
    """How often the room was asked for the update."""
    return sum("An update is due" in one.text for one in await tocsin.room("incidents"))


@pytest.mark.both
async def test_an_override_decides_who_is_paged(tocsin: Tocsin):
    """Carol stands in for bob this afternoon; she is rung, by name of the override."""
    answer = await tocsin.say("bob", "/oncall override @carol now 2h schedule:data-platform")
    assert answer.refused == "", answer.text
    await tocsin.fire(KAFKA)
    assert [page.user for page in await tocsin.pages()] == ["carol"]
    who = await tocsin.say("dave", "/oncall who kafka")
    assert "Carol" in who.text
    await tocsin.press("carol", "INC-13", "Ack")
    tocsin.clock.move(hours=3)
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]


async def test_whoever_is_covered_is_not_paged(tocsin: Tocsin):
    """Carol takes bob's place; of whom nobody has said who covers them is asked."""
    asked = await tocsin.say("bob", "/oncall cover me now 2h schedule:data-platform")
    assert form_of(asked.message)
    answer = await tocsin.say("bob", "/oncall cover me now 2h by:@carol schedule:data-platform")
    assert "Carol is on call for data-platform in place of Bob" in answer.text
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["carol"]


async def test_whoever_would_sleep_through_a_page_is_named(tocsin: Tocsin):
    """To the lead who asks, and to whoever puts them on call; not to everybody."""
    told = "Carol is not wakeable: chat only"
    answer = await tocsin.say("bob", "/oncall override @carol now 2h schedule:data-platform")
    assert told in answer.text
    assert told in (await tocsin.say("alice", "/oncall who")).text
    assert "wakeable" not in (await tocsin.say("dave", "/oncall who")).text
    async with tocsin.parts.store.write(SYSTEM) as unit:
        phone = await unit.contacts.give("carol", "sms", "+4915112345678")
        await unit.contacts.verify(phone.id)
    tocsin.settled(notifies={"sms"})
    assert "Carol is not wakeable" not in (await tocsin.say("alice", "/oncall who")).text


@pytest.mark.both
async def test_merging_moves_alerts_and_stops_pages(tocsin: Tocsin):
    """INC-14 ends as merged, nobody is rung for it, INC-13 shows all alerts."""
    await tocsin.fire(TRINO)
    await tocsin.fire(KAFKA)
    await tocsin.press("bob", "INC-13", "Ack")
    answer = await tocsin.say("alice", "/incident merge INC-14 into:INC-13")
    assert answer.text == "INC-14 goes on as INC-13 38 % of queries fail on trino prod."
    merged = await tocsin.incident("INC-14")
    assert (merged.resolution, merged.merged_into) == ("merged", "INC-13")
    rings = await tocsin.rings("INC-14")
    await tocsin.advance(20 * MINUTE)
    assert await tocsin.rings("INC-14") == rings
    card = (await cards(tocsin, "alerts-data-platform"))[0]
    assert "2 alerts, 2 firing" in card.text
    assert "Linked to INC-14 by Alice" in await tocsin.told("INC-13")
    assert any("Merged into INC-13 by Alice" in one for one in await tocsin.told("INC-14"))
    async with tocsin.looking() as unit:
        assert await unit.postmortems.get("INC-14") is None


async def test_new_alerts_of_a_merged_group_go_on_where_it_went(tocsin: Tocsin):
    """The group moved with its alerts: no third incident, though the service is another."""
    await tocsin.fire(TRINO)
    await tocsin.fire(KAFKA)
    await tocsin.say("alice", "/incident merge INC-14 into:INC-13")
    await tocsin.fire(KAFKA, condition("kafka", "critical", "KafkaUnderReplicated"))
    assert await tocsin.open_incidents() == ["INC-13"]
    async with tocsin.looking() as unit:
        assert len(await unit.alerts.of("INC-13")) == 3


@pytest.mark.parametrize("into", ["INC-13", "INC-99", ""])
async def test_merging_into_nothing_sensible_is_refused(tocsin: Tocsin, into: str):
    """Itself, an unknown one, or none: a sentence, and nothing has changed."""
    await tocsin.fire(TRINO)
    answer = await tocsin.say("alice", f"/incident merge INC-13 {into and f'into:{into}'}")
    assert answer.refused
    assert (await tocsin.incident()).status == "triggered"


async def test_reopening_pages_again(tocsin: Tocsin):
    """A resolved incident goes on unacknowledged, and its policy starts at the first step."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("bob", "/incident resolve INC-13 restarted", room="dm-bob")
    refused = await tocsin.say("bob", "/incident reopen INC-13 it came back", room="dm-bob")
    assert refused.refused == "not_allowed"
    await tocsin.say("alice", "/incident reopen INC-13 it came back")
    incident = await tocsin.incident()
    assert (incident.status, incident.resolution, incident.resolved_at) == ("triggered", None, None)
    assert [page.user for page in await tocsin.pages()] == ["bob", "bob"]
    assert "Reopened by Alice: it came back" in await tocsin.told()
    again = await tocsin.say("alice", "/incident reopen INC-13")
    assert (again.refused, again.text) == ("stale", "INC-13 is open already. Nothing to do.")


async def test_cancelling_counts_nowhere_and_drafts_nothing(tocsin: Tocsin):
    """Only a commander may say that it was none."""
    await tocsin.fire(STOREFRONT)
    assert (await tocsin.say("carol", "/incident cancel INC-13", room="dm-carol")).refused
    answer = await tocsin.say("alice", "/incident cancel INC-13 declared by mistake")
    assert answer.text == "INC-13 is cancelled."
    incident = await tocsin.incident()
    assert (incident.status, incident.resolution) == ("resolved", "cancelled")
    await tocsin.advance(10 * MINUTE)
    assert [user for user, _ in await tocsin.rings()] == ["carol"]
    async with tocsin.looking() as unit:
        assert await unit.postmortems.get("INC-13") is None


async def test_what_has_ended_takes_no_more_work(tocsin: Tocsin):
    """Severity, ack and resolve of a resolved incident are stale, with what to do instead."""
    await tocsin.say("alice", "/incident declare trino is slow")
    await tocsin.say("alice", "/incident resolve INC-13 was nothing as:false_alarm")
    for line in ("/incident ack INC-13", "/incident sev INC-13 1", "/incident resolve INC-13"):
        answer = await tocsin.say("alice", line)
        assert answer.refused == "stale", line
        assert "INC-13 is resolved already." in answer.text


async def test_writes_in_the_room_need_no_id(tocsin: Tocsin):
    """A room or thread says which incident is meant; plain words there are for people."""
    await tocsin.say("alice", "/incident declare trino is down sev:2")
    room = await home(tocsin)
    answer = await tocsin.say("bob", "/incident note saw it too", room=room)
    assert answer.text == "Noted on INC-13."
    await tocsin.fire(KAFKA)
    card = (await cards(tocsin, "alerts-data-platform", "INC-14"))[0]
    answer = await tocsin.say("bob", "/incident ack", room=card.room, thread=card.id)
    assert answer.data["id"] == "INC-14"


async def test_one_letter_ends_nothing(tocsin: Tocsin):
    """``r`` asks with a form that is filled in already; ``a`` writes down work."""
    await tocsin.say("bob", "/incident declare trino is slow sev:3")
    asked = await tocsin.say("bob", "/inc r INC-13 restarted it")
    assert asked.text.startswith("Resolve? One letter only asks.")
    assert (await tocsin.incident()).open
    await tocsin.submit("bob", asked.message, {})
    assert (await tocsin.incident()).resolution == "fixed"
    assert any("restarted it" in one for one in await tocsin.told())
    noted = await tocsin.say("bob", "/inc a INC-13 alert on restarts")
    assert noted.text == "ACT-1 added to INC-13."


async def test_the_list_can_be_of_a_week(tocsin: Tocsin):
    """What has ended is in it, what was before is not."""
    week = await tocsin.say("bob", "/inc ls 7d")
    everything = await tocsin.say("bob", "/inc ls all")
    old = tocsin.clock.now() - 7 * DAY
    young = [one["id"] for one in everything.data if one["declared_at"] >= old.isoformat()]
    assert [one["id"] for one in week.data] == young
    assert 0 < len(young) < len(everything.data)


async def test_times_can_be_corrected(tocsin: Tocsin):
    """When the impact began is known later; never in the future (rule 22)."""
    await tocsin.say("alice", "/incident declare trino is slow")
    answer = await tocsin.say("bob", "/incident times INC-13 impact 2026-11-21T11:40Z")
    assert answer.refused == "", answer.text
    incident = await tocsin.incident()
    assert incident.impact_started_at == tocsin.clock.now() - 20 * MINUTE
    assert (await tocsin.say("bob", "/incident times INC-13 impact 2026-11-22T11:40Z")).refused


async def test_an_open_incident_lives_as_long_as_it_must(tocsin: Tocsin):
    """A day later it is still there and still asks for nobody's sleep."""
    await tocsin.say("alice", "/incident declare trino is slow sev:4")
    await tocsin.say("alice", "/incident ack INC-13")
    rings = await tocsin.rings()
    await tocsin.advance(DAY)
    assert await tocsin.rings() == rings
    assert await tocsin.open_incidents() == ["INC-13"]


async def home(tocsin: Tocsin) -> str:
    """The room of INC-13."""
    room = (await tocsin.incident()).home_room
    assert room
    return room
