"""An installation with an outside chat: accounts, pages, cards and rooms on both platforms."""

from dataclasses import replace

import pytest

from bot.chat_keep import StoredChatKeep
from domain.account import Account
from domain.chat import Kept, Pressed, Words
from domain.console import Spoken
from domain.message import buttons
from domain.pace import EDITS_APART
from domain.place import Place
from domain.plain import plain
from domain.ports import Choices
from tests.fakes.conditions import DAY, KAFKA, MINUTE, TRINO, condition
from tests.fakes.outside import OutsideChat, Standing
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

INCIDENTS = Place(platform="slack", room="C-incidents")


def account(name: str, **known: str | None) -> Account:
    """An account whose e-mail Slack has confirmed."""
    return Account.model_validate(
        {"platform": "slack", "workspace": "T1", "id": f"U-{name}", "name": name}
        | {"email": f"{name}@example.com"}
        | known
    )


@pytest.fixture
async def slack(tocsin: Tocsin) -> OutsideChat:
    """Slack is the home, and bob has an account there."""
    keep = StoredChatKeep(tocsin.parts.store)
    chat = OutsideChat(keep)
    worker = tocsin.parts.worker
    worker.ports = replace(worker.ports, chats=worker.ports.chats | {"slack": chat})
    tocsin.settled(platforms=("slack", "console"), link_by_email=True)
    await keep.actor(account("bob"))
    return chat


def press_on(standing: Standing, label: str, who: str) -> Pressed:
    """The press of a button of a message."""
    found = next(one for one in buttons(standing.message) if one.label.startswith(label))
    return Pressed(
        account=account(who),
        place=Place(platform="slack", room=standing.room, thread=standing.thread),
        key=f"press:{label}:{who}",
        button=found.id,
    )


async def test_a_page_rings_where_the_person_is_and_stands_in_the_built_in_chat(tocsin, slack):
    """Acknowledged in Slack, both cards say so and nobody else is paged."""
    await tocsin.fire(TRINO)
    (page,) = slack.room("D-U-bob")
    assert "INC-13" in page.text
    reply = await tocsin.parts.edge.press(press_on(page, "Ack", "bob"))
    await tocsin.settle()
    assert reply.refused == ""
    (console,) = [one for one in await tocsin.dm("bob") if "INC-13" in one.text]
    assert "Yours, Bob" in page.text
    assert "Yours, Bob" in console.text
    assert (await tocsin.incident()).responders == ("bob",)


async def test_who_has_no_account_there_is_paged_in_the_built_in_chat(tocsin, slack):
    """Carol never linked one."""
    await tocsin.fire(TRINO)
    await tocsin.advance(6 * MINUTE)
    assert slack.room("D-U-carol") == []
    assert any("INC-13" in one.text for one in await tocsin.dm("carol"))


async def test_a_page_that_slack_refuses_goes_by_the_built_in_chat_and_wakes_the_next(
    tocsin, slack
):
    """Nobody waits for a direct room that is closed."""
    tocsin.forgiven.add("ring_page")
    slack.closed.add("D-U-bob")
    await tocsin.fire(TRINO)
    assert slack.room("D-U-bob") == []
    assert any("INC-13" in one.text for one in await tocsin.dm("bob"))
    assert [page.user for page in await tocsin.pages()] == ["bob", "carol"]


@pytest.mark.both
async def test_the_same_card_lives_in_both_chats(tocsin, slack):
    """The room is opened at home; every change is in every card."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    assert [spec.name for spec in slack.opened] == ["inc-13-checkout-fails"]
    (outside,) = slack.room("incidents")
    assert len(slack.room("R-inc-13-checkout-fails")) >= 1
    await tocsin.say("alice", "/incident severity INC-13 1")
    await tocsin.advance(EDITS_APART)
    seen = await tocsin.room("incidents", reader="carol")
    (inside,) = [one for one in seen if "INC-13" in one.text and not one.thread]
    assert "SEV1" in outside.text
    assert "SEV1" in inside.text


async def test_a_card_is_drawn_again_at_most_every_two_seconds(tocsin, slack):
    """What changes meanwhile is drawn together; the built-in chat waits for nothing."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    (card,) = slack.room("incidents")
    edits = len(slack.edited)
    for change in ("severity INC-13 1", "impact INC-13 nobody can pay", "role INC-13 ic @bob"):
        await tocsin.say("alice", f"/incident {change}")
    assert slack.edited[edits:].count(card.key) == 0
    await tocsin.advance(EDITS_APART)
    assert slack.edited[edits:].count(card.key) == 1
    assert ["SEV1" in card.text, "nobody can pay" in card.text, "Lead: Bob" in card.text] == [
        True
    ] * 3


async def test_a_team_without_a_room_there_shows_its_card_among_all_incidents(tocsin, slack):
    """A card is seen somewhere rather than nowhere."""
    tocsin.forgiven.add("show_card")
    async with tocsin.looking() as unit:
        slack.closed |= {str(team.alert_room) for team in await unit.catalog.teams.where()}
    await tocsin.fire(TRINO)
    assert any("INC-13" in one.text for one in slack.room("incidents"))


async def test_words_answer_as_in_any_chat(tocsin, slack):
    """Lines with and without slash, and a bare number in the direct room."""
    edge = tocsin.parts.edge
    said = Words(account=account("bob"), place=INCIDENTS, key="1", text="/inc declare it fails")
    reply = await edge.line(said)
    assert "INC-13" in plain(reply.message)
    reply = await edge.line(said.model_copy(update={"key": "2", "text": "1", "direct": True}))
    assert "No page waits" in plain(reply.message)


async def test_a_message_becomes_an_entry_of_its_rooms_incident(tocsin, slack):
    """Elsewhere the answer says where it would."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    home = Place(platform="slack", room="R-inc-13-checkout-fails")
    text = "GC pauses of 40 s"
    kept = Kept(account=account("bob"), place=home, key="3", text=text, author="Carol")
    await tocsin.parts.edge.add(kept)
    assert any(f"Carol: {text}" in line for line in await tocsin.told())
    elsewhere = kept.model_copy(update={"place": INCIDENTS, "key": "4"})
    reply = await tocsin.parts.edge.add(elsewhere)
    assert reply.refused == "not_found"


@pytest.mark.parametrize(
    ("known", "choices"),
    [({}, True), ({"standing": "guest"}, False), ({"standing": "bot"}, False)],
)
async def test_what_can_be_picked_is_for_members_only(tocsin, slack, known, choices):
    """Guests and bots get no list of anybody."""
    keep = StoredChatKeep(tocsin.parts.store)
    asked = Choices(account=account("bob", **known), kind="person", typed="ca")
    found = await keep.choices(asked)
    assert [one.value for one in found] == (["@carol"] if choices else [])


async def test_an_e_mail_links_nobody_unless_settings_say_so(tocsin, slack):
    """And never a guest."""
    keep = StoredChatKeep(tocsin.parts.store)
    assert (await keep.actor(account("carol", standing="guest"))).user is None
    tocsin.settled(link_by_email=False)
    assert (await keep.actor(account("carol"))).user is None
    assert (await keep.actor(account("bob"))).user == "bob", "what is linked stays linked"


async def test_a_request_is_heard_once(tocsin, slack):
    """A replay is known as one."""
    keep = StoredChatKeep(tocsin.parts.store)
    assert [await keep.first_time("v0=abc"), await keep.first_time("v0=abc")] == [True, False]


async def test_a_reference_is_found_again(tocsin, slack):
    """The newest one."""
    keep = StoredChatKeep(tocsin.parts.store)
    await keep.refer("teams", "bob", {"id": "a"})
    await keep.refer("teams", "bob", {"id": "b"})
    assert await keep.reference("teams", "bob") == {"id": "b"}
    async with tocsin.parts.store.write(SYSTEM) as unit:
        assert await unit.links.cut(account("bob"))
    assert await keep.account("bob", "slack") is None


async def test_a_room_has_its_people_and_its_card_at_its_head(tocsin, slack):
    """Whoever takes a role later comes in then; a week after the end the room is closed."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    room = "R-inc-13-checkout-fails"
    assert [one.key for one in slack.pinned] == [f"card:INC-13:{room}"]
    await tocsin.say("alice", "/incident role INC-13 scribe @bob")
    assert slack.invited[room][-1] == "bob"
    await tocsin.say("alice", "/incident resolve INC-13 fixed")
    await tocsin.advance(6 * DAY)
    assert slack.archived == []
    await tocsin.advance(2 * DAY)
    assert slack.archived == [room]


async def test_a_room_that_the_home_refuses_is_opened_in_the_built_in_chat(tocsin, slack):
    """People have a place to talk all the same."""
    tocsin.forgiven.add("open_room")
    slack.refuses_rooms = True
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    assert "inc-13-checkout-fails" in await tocsin.rooms("alice")
    assert (await tocsin.incident()).home_platform == "console"


async def test_an_update_is_read_in_every_chat(tocsin, slack):
    """In the home room, and in the thread of the card elsewhere."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    await tocsin.say("alice", "/incident update INC-13 rolling back")
    home = slack.room("R-inc-13-checkout-fails")
    assert [one.thread for one in home if "rolling back" in one.text] == [None]
    inside = [one for one in await tocsin.room("incidents", "dave") if "rolling back" in one.text]
    assert len(inside) == 1
    assert inside[0].thread is not None


async def test_a_card_says_where_people_talk_and_lets_others_in(tocsin, slack):
    """What is said from the built-in chat stands in Slack with the name of who said it."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    seen = await tocsin.room("incidents", "dave")
    (card,) = [one for one in seen if "INC-13" in one.text and not one.thread]
    assert "discussion is in #inc-13-checkout-fails (Slack)" in card.text
    asked = await tocsin.press("dave", card, "Say something")
    await tocsin.submit("dave", asked.message, {"text": "the cache is cold"})
    home = slack.room("R-inc-13-checkout-fails")
    assert home[-1].text == "Dave, from console: the cache is cold"


async def test_people_meet_in_the_call(tocsin, slack):
    """It stands on the cards; an address that runs something is refused."""
    tocsin.settled(call_template=None)
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    assert (await tocsin.say("bob", "/incident call INC-13")).refused == "invalid"
    bad = await tocsin.say("bob", "/incident call INC-13 javascript:alert(1)")
    assert bad.refused == "invalid"
    await tocsin.say("bob", "/incident call INC-13 https://meet.example.com/13")
    await tocsin.advance(EDITS_APART)
    (card,) = slack.room("incidents")
    assert "call (https://meet.example.com/13)" in card.text


async def test_a_private_incident_has_no_call(tocsin, slack):
    """Who has the address would hear what they may not know."""
    await tocsin.say("bob", "/incident declare payroll leaked sev:2 private")
    reply = await tocsin.say("bob", "/incident call INC-13 https://meet.example.com/13")
    assert reply.refused == "stale"


async def test_an_incident_has_one_call_however_it_began(tocsin):
    """Declared, or of an alert once somebody leads it: the card, the page and the command agree."""
    tocsin.settled(call_template="https://meet.example.com/{id}")
    await tocsin.say("alice", "/incident declare checkout fails sev:2 service:trino")
    await tocsin.fire(KAFKA)
    for name in ("INC-13", "INC-14"):
        await tocsin.say("alice", f"/incident lead {name} me")
        shown = await tocsin.say("alice", f"/incident call {name}")
        address = f"https://meet.example.com/{name.lower()}"
        assert (shown.data["url"], (await tocsin.incident(name)).call_url) == (address, address)
        await tocsin.say("alice", f"/page @carol {name} join us")
        page = (await tocsin.dm("carol"))[-1]
        assert f"join the call ({address})" in page.text
        await tocsin.press("carol", page, "Ack")
    await tocsin.say("alice", "/incident declare payroll leaked private")
    await tocsin.say("alice", "/page @carol INC-15 join us")
    assert "meet.example.com" not in (await tocsin.dm("carol"))[-1].text


async def test_a_bridge_relays_what_is_said_and_nothing_twice(tocsin, slack):
    """Both ways; without it each room is by itself."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    home = Place(platform="slack", room="R-inc-13-checkout-fails")
    words = Words(account=account("bob"), place=home, key="5", text="who has the pager?")
    thread = await card_of(tocsin, "INC-13")
    await tocsin.parts.edge.overhear(words)
    await tocsin.settle()
    await speak(tocsin, "nobody hears this", thread)
    await tocsin.say("alice", "/incident bridge INC-13")
    await tocsin.parts.edge.overhear(words.model_copy(update={"key": "6"}))
    await tocsin.settle()
    await speak(tocsin, "carol has it", thread)
    seen = [one for one in await tocsin.room("incidents", "carol") if one.thread == thread]
    inside = [one.text for one in seen if "Nobody has answered" not in one.text]
    outside = [one.text for one in slack.room(home.room) if "from" in one.text]
    assert inside == ["nobody hears this", "Bob, from slack: who has the pager?", "carol has it"]
    assert outside == ["Dave, from console: carol has it"]


async def test_what_concerns_people_elsewhere_is_read_there(tocsin, slack):
    """Roles, severity and direct questions, both ways; never where they were said or done."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    home = Place(platform="slack", room="R-inc-13-checkout-fails")
    thread = await card_of(tocsin, "INC-13")
    await tocsin.say("alice", "/incident role INC-13 scribe @bob")
    await tocsin.say("alice", "/incident role INC-13 scribe @bob")
    await tocsin.say("alice", "/incident severity INC-13 3")
    await speak(tocsin, "@bob which region is it", thread)
    await speak(tocsin, "thanks @erin", thread)
    bob = Words(account=account("bob"), place=home, key="1", text="@erin, can you fail over?")
    await tocsin.parts.edge.overhear(bob)
    await tocsin.settle()
    line = bob.model_copy(update={"key": "2", "text": "incident lead @carol"})
    await tocsin.parts.edge.line(line)
    await tocsin.settle()
    outside = [one.text for one in slack.room(home.room) if one.key.startswith("announce:")]
    assert [one for one in outside if "Nobody has answered" not in one] == [
        "INC-13\nBob is scribe, set by Alice",
        "🟡 INC-13 · Severity changed\nSeverity SEV2 → SEV3, set by Alice",
        "Dave, from console: @bob which region is it",
    ]
    seen = [one for one in await tocsin.room("incidents", "carol") if one.thread == thread]
    assert [one.text for one in seen if "Nobody has answered" not in one.text] == [
        "@bob which region is it",
        "thanks @erin",
        "Bob, from slack: @erin, can you fail over?",
        "INC-13\nCarol is commander, set by Bob",
    ]
    asked = next(one for one in slack.room(home.room) if "which region" in one.text)
    (text,) = [node for node in asked.message.nodes if node.kind == "text"]
    assert [one.person for one in text.spans if one.kind == "mention"] == ["bob"]


async def speak(tocsin: Tocsin, text: str, thread: str) -> None:
    """Dave writes words for whoever is there into a thread of the built-in chat."""
    dave = await tocsin.actor("dave")
    await tocsin.parts.chat.say(Spoken(actor=dave, room="incidents", thread=thread, text=text))
    await tocsin.settle()


async def card_of(tocsin: Tocsin, incident: str) -> str:
    """The id of the incident's card in the built-in chat."""
    seen = await tocsin.room("incidents", "dave")
    return next(one.id for one in seen if incident in one.text and not one.thread)


async def heard(tocsin, text, key, who="dora", **known):
    """The answer to a line of an account that is linked to nobody."""
    told = account(who, email=None, **known)
    return await tocsin.parts.edge.line(Words(account=told, place=INCIDENTS, key=key, text=text))


async def test_whoever_is_new_is_told_where_to_begin_once(tocsin, slack):
    """Beneath the first answer that they alone read; a guest is not led on."""
    assert "New here?" not in plain((await heard(tocsin, "/help", "0", standing="guest")).message)
    first = plain((await heard(tocsin, "/incident list", "1")).message)
    assert "New here? /tocsin help tour shows" in first
    assert "/tocsin me link makes this account yours" in first
    assert "New here?" not in plain((await heard(tocsin, "/incident list", "2")).message)
    async with tocsin.restarted() as again:
        assert "New here?" not in plain((await heard(again, "/incident list", "3")).message)


async def test_a_refusal_says_what_slack_knows(tocsin, slack):
    """There ``/me`` belongs to Slack, and ours is /tocsin me."""
    reply = await heard(tocsin, "/me timezone Berlin", "1")
    assert "type /tocsin me link" in plain(reply.message)


async def test_what_no_team_has_a_room_for_stands_among_all_incidents(tocsin, slack):
    """An alert of a service that nobody owns is seen, and what becomes of it is told."""
    await tocsin.fire(condition("nobodys", "critical"))
    (card,) = slack.room("incidents")
    assert "INC-13" in card.text
    await tocsin.say("alice", "/incident say INC-13 whose is it?")
    assert any("whose is it?" in one.text and one.thread for one in slack.standing)


async def test_a_decision_is_read_in_the_other_rooms(tocsin, slack):
    """What is asked for and what was decided; its card stands at home."""
    await tocsin.say("alice", "/incident declare checkout fails sev:2")
    await tocsin.say("alice", '/approval guard "incident mitigate" by:role:commander')
    thread = await card_of(tocsin, "INC-13")
    await tocsin.say("bob", "/incident mitigate INC-13")
    await tocsin.say("alice", "/approval deny APR-1 look at the errors first")
    await tocsin.say("bob", "/incident mitigate INC-13")
    home = Place(platform="slack", room="R-inc-13-checkout-fails")
    await tocsin.say("alice", "/approval grant APR-2")
    seen = [one.text for one in await tocsin.room("incidents", "carol") if one.thread == thread]
    outside = [one.text for one in slack.room(home.room) if one.key.startswith("announce:")]
    told = [line.splitlines()[1].split(",")[0] for line in seen if "APR" in line]
    assert told == [
        "Bob asks for APR-1",
        "APR-1 denied by Alice: look at the errors first",
        "Bob asks for APR-2",
        "APR-2 carried out for Bob",
    ]
    assert [one for one in outside if "APR" in one] == []
