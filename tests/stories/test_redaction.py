"""Pasted personal data can go, everywhere, and the audit trail stays whole (rule 15)."""

import pytest
from sqlalchemy import select

from domain.call import Call, Origin
from storage.tables import metadata
from tests.fakes.conditions import condition
from tests.fakes.tocsin import Tocsin

pytestmark = pytest.mark.both

WORDS = "call Anna Maier at +43 660 1234567"
TITLE = "Login fails for Anna Maier of Example GmbH"


async def everything(tocsin: Tocsin) -> str:
    """Every row of every table."""
    rows: list[str] = []
    async with tocsin.looking() as unit:
        for table in metadata.sorted_tables:
            found = await unit.scope.connection.execute(select(table))
            rows += [f"{table.name}: {tuple(row)}" for row in found]
    return "\n".join(rows)


async def where(tocsin: Tocsin, words: str) -> set[str]:
    """The tables that hold ``words``."""
    lines = (await everything(tocsin)).splitlines()
    return {line.split(":")[0] for line in lines if words in line}


async def entry(tocsin: Tocsin, kind: str) -> str:
    """The id of the first entry of a kind."""
    return next(one.id for one in await tocsin.timeline() if one.kind == kind)


async def test_words_go_wherever_they_were_repeated(tocsin: Tocsin):
    """Room, timeline, draft, kept answers: nowhere in the database is a trace of them."""
    await tocsin.say("alice", "/incident declare logins fail sev:2")
    room = await home(tocsin)
    await tocsin.say("bob", f"/incident update {WORDS}", room=room)
    await tocsin.say("bob", f"@tocsin note {WORDS}", room=room)
    unclear = await tocsin.say("bob", f"/incident update {WORDS}")
    assert unclear.refused == "confirm"
    await tocsin.say("bob", f"/incident action {WORDS}", room=room)
    await tocsin.say("bob", f"/incident resolve {WORDS}", room=room)
    await tocsin.say("bob", f"/postmortem edit summary {WORDS}", room=room)
    assert {"texts", "console_messages", "postmortems"} <= await where(tocsin, WORDS)

    update = await entry(tocsin, "update_posted")
    answer = await tocsin.say("alice", f'/incident redact INC-13 {update} why:"personal data"')
    assert answer.text.startswith("The words of that entry are gone from INC-13.")
    assert await where(tocsin, WORDS) == set()
    timeline = await tocsin.told()
    assert "Update by Bob (investigating): [redacted: personal data]" in timeline
    assert any("redacted by Alice: personal data" in one for one in timeline)


async def test_a_title_goes_from_cards_rooms_and_lists(tocsin: Tocsin):
    """It is the text of the declaration: card, page, topic and list show that it is gone."""
    await tocsin.say("dave", f"/incident declare {TITLE} sev:2")
    declared = await entry(tocsin, "incident_declared")
    await tocsin.say("alice", f'/incident redact INC-13 {declared} why:"a customer"')
    assert await where(tocsin, TITLE) == set()
    assert (await tocsin.incident()).title == "[redacted]"
    assert "[redacted]" in (await tocsin.say("dave", "/incident list")).text


async def test_a_kept_answer_does_not_bring_them_back(tocsin: Tocsin):
    """The same Idempotency-Key later gives the answer without the words."""
    call = Call(
        command="incident declare",
        args={"title": TITLE},
        actor=await tocsin.actor("dave"),
        origin=Origin(surface="api"),
        key="once",
    )
    await tocsin.parts.dispatch(call)
    await tocsin.settle()
    declared = await entry(tocsin, "incident_declared")
    await tocsin.say("alice", f'/incident redact INC-13 {declared} why:"a customer"')
    again = await tocsin.parts.dispatch(call)
    assert TITLE not in str(again)
    assert again.data == {"id": "INC-13"}


async def test_what_was_written_to_somebody_who_was_paged_goes_too(tocsin: Tocsin):
    """The reason of a page stands on their card and in the timeline, and can leave both."""
    await tocsin.say("alice", "/incident declare logins fail")
    await tocsin.say("bob", f'/page @carol "{WORDS}" INC-13', room="dm-bob")
    assert WORDS in (await tocsin.dm("carol"))[0].text
    await tocsin.say("bob", f'/page web "{WORDS}" INC-13', room="dm-bob")
    paged = next(one.id for one in await tocsin.timeline() if WORDS in one.text)
    await tocsin.say("alice", f'/incident redact INC-13 {paged} why:"personal data"')
    assert await where(tocsin, WORDS) == set()


async def test_an_alerts_own_words_go_with_the_title_they_became(tocsin: Tocsin):
    """What opened the incident no longer says it; only the raw delivery ages out by itself."""
    await tocsin.fire(condition("keycloak", "critical", "LoginFails", TITLE))
    declared = await entry(tocsin, "incident_declared")
    await tocsin.say("alice", f'/incident redact INC-13 {declared} why:"a customer"')
    assert await where(tocsin, TITLE) == {"deliveries"}
    assert (await tocsin.verify()).problems == ()


async def test_the_trail_is_whole_after_a_redaction(tocsin: Tocsin):
    """The chain covers hashes, never words: nothing is broken, and who redacted is in it."""
    await tocsin.say("alice", "/incident declare logins fail")
    await tocsin.say("bob", f"/incident note INC-13 {WORDS}", room="dm-bob")
    before = await tocsin.verify()
    note = await entry(tocsin, "note_added")
    await tocsin.say("alice", f'/incident redact INC-13 {note} why:"personal data"')
    after = await tocsin.verify()
    assert (before.problems, after.problems) == ((), ())
    assert after.rows > before.rows
    last = (await tocsin.audited())[-1]
    assert (last.by, last.action, last.outcome) == ("alice", "entry_redacted", "done")


async def test_only_a_commander_redacts_and_only_what_has_words(tocsin: Tocsin):
    """Others are refused; an entry without words is none that could be redacted."""
    await tocsin.say("alice", "/incident declare logins fail")
    await tocsin.say("bob", f"/incident note INC-13 {WORDS}", room="dm-bob")
    note = await entry(tocsin, "note_added")
    refused = await tocsin.say("bob", f"/incident redact INC-13 {note} why:because", room="dm-bob")
    assert refused.refused == "not_allowed"
    paged = await entry(tocsin, "page_sent")
    missing = await tocsin.say("alice", f"/incident redact INC-13 {paged} why:because")
    assert missing.refused == "not_found"
    assert any(WORDS in one for one in await tocsin.told())


async def home(tocsin: Tocsin) -> str:
    """The room of INC-13."""
    room = (await tocsin.incident()).home_room
    assert room
    return room
