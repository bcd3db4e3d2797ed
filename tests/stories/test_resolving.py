"""An incident ends: its times, and a postmortem that stands on facts (rules 22 and 24)."""

import pytest

from domain.postmortem_card import SECTIONS
from tests.fakes.conditions import HOUR, MINUTE, TRINO
from tests.fakes.tocsin import Tocsin

ROOM = "inc-13-38-of-queries-fail-on-trino-prod"


async def worked(tocsin: Tocsin) -> None:
    """Bob acks after two minutes, leads, mitigates after ten and resolves after fifteen."""
    await tocsin.fire(TRINO)
    await tocsin.advance(2 * MINUTE)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("bob", "/incident lead me INC-13", room="dm-bob")
    await tocsin.advance(8 * MINUTE)
    await tocsin.say("bob", "/incident update rolled back to v247 status:mitigated", room=ROOM)
    await tocsin.advance(5 * MINUTE)


@pytest.mark.both
async def test_the_reply_gives_the_three_times(tocsin: Tocsin):
    """To acknowledge, to mitigate and to resolve, in words and in seconds."""
    await worked(tocsin)
    answer = await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    assert answer.text.splitlines() == [
        "INC-13 is resolved (fixed). A postmortem draft follows in its own thread.",
        "Time to acknowledge: 2 m",
        "Time to mitigate: 10 m",
        "Time to resolve: 15 m",
        "⚠ 1 alert of it still firing: if that was too early, type /incident reopen.",
    ]
    assert answer.data == {
        "id": "INC-13",
        "resolution": "fixed",
        "time_to_acknowledge_s": 120,
        "time_to_mitigate_s": 600,
        "time_to_resolve_s": 900,
    }


async def test_the_draft_is_a_thread_of_its_own_in_the_room(tocsin: Tocsin):
    """One line in the room, one message for each section in its thread, marked unreviewed."""
    await worked(tocsin)
    await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    seen = await tocsin.room(ROOM, "dave")
    (head,) = [one for one in seen if "Postmortem INC-13" in one.text]
    assert head.thread is None
    assert "draft, unreviewed" in head.text
    assert head.labels == ("Edit…", "Add action…", "Publish")
    sections = [one.text.splitlines()[0] for one in seen if one.thread == head.id]
    assert sorted(sections) == sorted(SECTIONS.values())


async def test_every_sentence_of_the_draft_stands_on_facts(tocsin: Tocsin):
    """Each claim cites entries of this incident's timeline; by rules, without a model."""
    await worked(tocsin)
    await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    shown = await tocsin.say("dave", "/postmortem show INC-13")
    entries = {one.id for one in await tocsin.timeline()}
    assert shown.data["written_by"] == "rules"
    assert shown.data["claims"]
    assert all(set(claim["cites"]) <= entries for claim in shown.data["claims"])
    assert "rolled back to v247" in shown.data["resolution"]


async def test_a_triage_incidents_draft_stands_in_its_alert_thread(tocsin: Tocsin):
    """Nobody opened a room; the draft hangs on the alert's card."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.say("bob", "/incident resolve INC-13 restarted it", room="dm-bob")
    seen = await tocsin.room("alerts-data-platform", "dave")
    card = seen[0]
    drafts = [one for one in seen if "Postmortem INC-13" in one.text]
    assert [one.thread for one in drafts] == [card.id]


async def test_a_section_is_edited_in_place(tocsin: Tocsin):
    """The message changes, the claims of the old words go, the edit is a fact."""
    await worked(tocsin)
    await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    before = await tocsin.room(ROOM, "dave")
    answer = await tocsin.say(
        "bob", "/postmortem edit summary Queries failed for ten minutes.", room=ROOM
    )
    assert answer.text == "Summary of INC-13 is changed."
    after = await tocsin.room(ROOM, "dave")
    assert len(after) == len(before)
    (summary,) = [one for one in after if one.text.startswith("Summary")]
    assert summary.text == "Summary\nQueries failed for ten minutes."
    assert summary.edited
    shown = (await tocsin.say("dave", "/postmortem show INC-13")).data
    assert (shown["status"], shown["summary"]) == ("review", "Queries failed for ten minutes.")
    kept = " ".join(str(value) for name, value in shown.items() if name != "claims")
    assert all(claim["sentence"] in kept for claim in shown["claims"])


async def test_publishing_marks_it_read_and_closes_the_draft(tocsin: Tocsin):
    """The head says so and has nothing left to press."""
    await worked(tocsin)
    await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    answer = await tocsin.press("bob", "Postmortem INC-13", "Publish")
    assert answer.text == (
        "The postmortem of INC-13 is published."
        " 5 questions in it still wait for an answer: /postmortem edit."
    )
    (head,) = [one for one in await tocsin.room(ROOM, "dave") if "Postmortem INC-13" in one.text]
    assert "published" in head.text
    assert head.labels == ()
    assert "Postmortem published by Bob" in await tocsin.told()
    again = await tocsin.say("bob", "/postmortem draft INC-13", room="dm-bob")
    assert again.refused == "stale"


async def test_action_items_have_an_owner_and_a_due_date(tocsin: Tocsin):
    """Written down during or after, ticked off by number."""
    await worked(tocsin)
    await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    line = "/postmortem action alert on GC pauses owner:@carol due:2w"
    added = await tocsin.say("bob", line, room=ROOM)
    assert added.text == "ACT-1 added to INC-13 for carol."
    done = await tocsin.say("carol", "/postmortem done ACT-1")
    assert done.text == "ACT-1 is done."
    async with tocsin.looking() as unit:
        (item,) = await unit.action_items.of("INC-13")
    assert (item.owner, item.status) == ("carol", "done")
    assert item.due
    assert (item.due - tocsin.clock.now()).days == 14


async def test_the_draft_is_not_written_over_what_people_wrote(tocsin: Tocsin):
    """Reopened and resolved again: the edited text stays."""
    await worked(tocsin)
    await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    await tocsin.say("bob", "/postmortem edit summary Ours.", room=ROOM)
    await tocsin.say("alice", "/incident reopen INC-13 again")
    await tocsin.say("alice", "/incident resolve INC-13 now really")
    shown = (await tocsin.say("dave", "/postmortem show INC-13")).data
    assert shown["summary"] == "Ours."


async def test_who_led_is_told_of_the_draft_when_they_are_up(tocsin: Tocsin):
    """At once by day, at night at nine by their clock; once, and not if it is published by then."""
    await tocsin.say("carol", "/me timezone Pacific/Auckland", room="dm-carol")
    for lead, name, resolved in (("bob", "INC-13", "one"), ("carol", "INC-14", "two")):
        await tocsin.say("alice", f"/incident declare checkout fails {resolved} sev:3")
        await tocsin.say("alice", f"/incident lead {name} @{lead}")
        await tocsin.say("alice", f"/incident resolve {name} done")
    assert await waiting(tocsin, "bob") == ["12:00 The postmortem of INC-13 waits for you"]
    await tocsin.advance(7 * HOUR)
    assert await waiting(tocsin, "carol") == []
    await tocsin.advance(2 * HOUR)
    assert await waiting(tocsin, "carol") == ["20:00 The postmortem of INC-14 waits for you"]
    await tocsin.say("alice", "/incident reopen INC-13 again")
    await tocsin.say("alice", "/incident resolve INC-13 done")
    assert len(await waiting(tocsin, "bob")) == 1


async def waiting(tocsin: Tocsin, person: str) -> list[str]:
    """When they were told of which drafts."""
    found = [one for one in await tocsin.dm(person) if "waits for you" in one.text]
    return [f"{one.at:%H:%M} {one.text.splitlines()[0].removeprefix('📄 ')}" for one in found]


async def test_the_postmortem_is_a_file_too(tocsin: Tocsin):
    """Where to download it, and for programs the Markdown; a long one does not fill a chat."""
    await worked(tocsin)
    await tocsin.say("bob", "/incident resolve rolled back to v247", room=ROOM)
    answer = await tocsin.say("dave", "/postmortem export INC-13")
    address = "http://127.0.0.1:8000/incidents/INC-13/postmortem.md"
    assert f"INC-13-postmortem.md ({address})" in answer.text
    assert answer.data["markdown"].startswith("# Postmortem INC-13: ")
    assert "## Timeline" in answer.data["markdown"]
    assert "## Timeline" not in answer.text
    assert (await tocsin.say("dave", "/postmortem export INC-1")).refused == "not_found"


async def test_false_alarms_are_not_drafted(tocsin: Tocsin):
    """There is nothing to learn from them by writing (rule 5)."""
    await tocsin.fire(TRINO)
    answer = await tocsin.say("bob", "/incident resolve INC-13 as:false_alarm", room="dm-bob")
    assert "postmortem" not in answer.text
    shown = await tocsin.say("dave", "/postmortem show INC-13")
    assert shown.refused == "not_found"


async def test_a_page_that_was_acked_shows_how_its_incident_went_on(tocsin: Tocsin):
    """Once somebody leads, nobody is asked to; once it has ended, nothing is to be done."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    page, *_ = await tocsin.dm("bob")
    assert page.labels[0] == "Take lead & open room"
    await tocsin.say("carol", "/incident lead INC-13")
    page, *_ = await tocsin.dm("bob")
    assert page.labels[0] == "Update…"
    await tocsin.say("carol", "/incident resolve INC-13 restarted", room="dm-carol")
    page, *_ = await tocsin.dm("bob")
    assert "○ INC-13 is resolved. Nothing to do." in page.text
    assert page.labels == ()
    await tocsin.say("alice", "/incident reopen INC-13 it came back")
    assert "is resolved" not in (await tocsin.dm("bob"))[0].text


async def test_resolving_stops_everything_that_rings(tocsin: Tocsin):
    """Also a direct page that nobody answered; its card says that it is over."""
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/page @carol INC-13", room="dm-bob")
    await tocsin.say("bob", "/incident resolve INC-13 restarted it", room="dm-bob")
    rings = await tocsin.rings()
    await tocsin.advance(30 * MINUTE)
    assert await tocsin.rings() == rings
    for person in ("bob", "carol"):
        (page,) = [one for one in await tocsin.dm(person) if one.author == "tocsin"][:1]
        assert "INC-13 is resolved. Nothing to do." in page.text
