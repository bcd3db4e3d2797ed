"""Teams: what people write, press and fill in, and to whom the answer goes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.responses import Response

from bot.chat_keep import StoredChatKeep
from bot.demo.marked import DEMO
from domain.pace import EDITS_APART
from domain.plain import words
from integrations.chat.teams.answers import NO_DIRECT
from integrations.chat.teams.connector import CARD
from integrations.chat.teams.hello import say_hello
from integrations.chat.teams.invoke import BELOW, DIRECTLY, FOUND, NOTE
from integrations.chat.teams.people import DIRECT
from integrations.chat.teams.platform import Teams
from integrations.chat.teams.send import TeamsChat
from tests.fakes.bot_framework import (
    INCIDENTS,
    MENTION,
    PRIVATE,
    BotFramework,
    Said,
    actions,
    bot_framework,
    written,
)
from tests.fakes.cards import parts
from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.teams import Connected, connected
from tests.fakes.tocsin import Template

pytestmark = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)

MARK = words(DEMO.spans)
MEMBER_AGE = 11 * MINUTE
GUEST = "You are a guest here"


@pytest.fixture
async def teams() -> AsyncIterator[BotFramework]:
    """The Bot Framework."""
    async with bot_framework() as made:
        yield made


@pytest.fixture
async def hall(copied: Template, tmp_path: Path, teams: BotFramework) -> AsyncIterator[Connected]:
    """Tocsin behind it, in the team; when the story is told, every job has come to its end."""
    async with connected(copied, tmp_path, teams) as made:
        await made.in_team()
        yield made
        assert await made.tocsin.troubles() == []


async def declared(hall: Connected, text: str = "checkout fails sev:2") -> Said:
    """Bob declares an incident; returns the card among all incidents."""
    await hall.say("bob", f"declare {text}")
    return next(one for one in hall.teams.posts() if "triggered" in one.summary)


def last(hall: Connected, person: str) -> str:
    """The newest words that a person was told directly."""
    return hall.teams.room(f"a:{person}")[-1].summary.removeprefix(MARK).strip()


async def test_everything_the_demo_says_is_marked(hall, teams):
    """Answers, pages, cards and rooms."""
    await declared(hall)
    said = teams.said.values()
    assert len(said) >= 4
    assert all("DEMO" in one.summary for one in said)


async def test_a_number_answers_the_newest_page(hall, teams):
    """In the direct chat alone."""
    await hall.say("bob", "help")
    await hall.tocsin.fire(TRINO)
    await hall.say("bob", "1")
    assert (await hall.tocsin.incident()).responders == ("bob",)


async def test_an_answer_to_a_mention_is_for_the_person_alone(hall, teams):
    """The channel has read the question, and hears nothing more."""
    await hall.send(teams.in_channel("bob", "oncall"))
    assert "data-platform" in last(hall, "bob")
    assert teams.posts() == []


async def test_where_nobody_can_be_told_alone_nothing_is_told(hall, teams):
    """Not even how long the answer would have been."""
    teams.unreachable.add("bob")
    await hall.send(teams.in_channel("bob", "oncall"))
    (said,) = teams.said.values()
    assert said.conversation == f"{INCIDENTS};messageid=100"
    assert said.summary == f"{MARK}\n{NO_DIRECT}"


async def test_a_private_incident_is_not_declared_in_public(hall, teams):
    """The refusal repeats no word of it."""
    await hall.send(teams.in_channel("bob", "declare canary leaks sev:1 --private"))
    told, _welcome = last(hall, "bob").split("\n", 1)
    assert told == "Write this to me directly; please delete the message above."
    assert await hall.tocsin.open_incidents() == []


async def test_a_private_incident_lives_in_the_private_channel(hall, teams):
    """And in the direct chats of its members."""
    await hall.say("bob", "declare canary leaks sev:1 --private")
    outside = [one for one in teams.said.values() if "canary" in str(one.activity)]
    assert {one.conversation.partition(";")[0] for one in outside} <= {"a:bob", PRIVATE}
    assert teams.posts(INCIDENTS) == []
    (room,) = teams.posts(PRIVATE)
    assert "canary" not in room.summary


async def test_what_people_say_to_each_other_is_dropped(hall, teams):
    """It is not even looked at."""
    card = await declared(hall)
    before = await hall.tocsin.told()
    talk = teams.in_channel("carol", "", card.activity["id"])
    await hall.send(talk | {"text": "did you see the canary?", "entities": []})
    other = {"type": "mention", "text": "<at>Bob</at>", "mentioned": {"id": "29:bob"}}
    await hall.send(talk | {"id": "act-x", "text": "<at>Bob</at> canary", "entities": [other]})
    assert await hall.tocsin.told() == before
    assert not any("canary" in str(one.activity) for one in teams.said.values())


@pytest.mark.parametrize(
    "stranger",
    [
        {"from": {"id": "28:other-bot", "name": "Bot"}},
        {"from": {"id": "29:bob", "name": "Bob", "aadObjectId": "aad-bob", "role": "bot"}},
        {"from": {"id": "29:zoe", "name": "Zoe", "aadObjectId": "aad-zoe"}},
        {"from": {"id": "29:anonymous", "name": "Somebody"}},
        {"conversation": {"id": "a:bob", "conversationType": "personal", "tenantId": "tenant-2"}},
    ],
)
async def test_guests_foreigners_and_bots_get_one_sentence(hall, teams, stranger):
    """Whatever they ask for, and whoever they say they are."""
    teams.guests.add("zoe")
    for text in ("declare it fails sev:1", "oncall", "list"):
        await hall.send(teams.activity("bob", text=text) | stranger)
    told = {one.summary.removeprefix(MARK).strip() for one in teams.said.values()}
    assert len(told) == 1
    assert all(GUEST in one or "bot" in one.lower() for one in told)
    assert await hall.tocsin.open_incidents() == []


async def test_the_tenants_directory_tells_who_somebody_is(hall, teams):
    """Bob by his e-mail, where settings allow it; else a member of the tenant without a name."""
    await hall.say("bob", "oncall me")
    assert "shift" in last(hall, "bob")
    hall.tocsin.settled(link_by_email=False)
    await hall.say("carol", "oncall me")
    assert "needs the role viewer" in last(hall, "carol")


async def test_who_is_not_known_while_the_directory_is_silent_is_a_guest(hall, teams):
    """Who was known stays known for it."""
    await hall.say("bob", "help")
    await hall.tocsin.advance(MEMBER_AGE)
    for person, guest in (("bob", False), ("carol", True)):
        teams.answers.append(Response(status_code=503))
        await hall.say(person, "oncall")
        assert (GUEST in last(hall, person)) is guest


async def test_people_are_mentioned_as_teams_mentions_them(hall, teams):
    """By their account, not by what they are called there."""
    card = await declared(hall)
    await hall.say("carol", "help")
    carol = {"type": "mention", "text": "<at>C.</at>", "mentioned": {"id": "29:carol"}}
    typed = teams.in_channel("bob", "role scribe <at>C.</at>", card.activity["id"])
    await hall.send(typed | {"entities": [*typed["entities"], carol]})
    assert (await hall.tocsin.incident()).roles["scribe"] == "carol"


async def test_a_press_in_a_channel_refreshes_the_card_for_whoever_pressed(hall, teams):
    """With the answer above it; for everybody else the card is edited."""
    card = await declared(hall)
    shown = await hall.press("bob", card, "Ack")
    assert shown["type"] == CARD
    said = written(shown["value"])
    assert "INC-13 is yours, Bob" in said
    assert "acknowledged" in said
    await hall.tocsin.advance(EDITS_APART)
    after = teams.said[card.activity["id"]]
    assert "acknowledged" in after.summary
    assert "is yours" not in after.summary


async def test_a_form_is_asked_for_directly_and_filled_in_there(hall, teams):
    """What was wrong is said beneath its field; the answer takes the form's place."""
    card = await declared(hall)
    shown = await hall.press("bob", card, "Update…")
    assert DIRECTLY in written(shown["value"])
    form = teams.room("a:bob")[-1]
    again = await hall.press("bob", form, "Update", text="We know why", next="whenever")
    assert again["type"] == CARD
    assert "Next" in written(again["value"])
    assert "We know why" in str(again["value"])
    done = await hall.press("bob", form, "Update", text="We know why", next="30m")
    assert "We know why" not in str(done["value"].get("actions", ""))
    assert not [one for one in str(done["value"]).split("'") if one.startswith("Input.")]
    assert any("We know why" in line for line in await hall.tocsin.told())


async def test_people_are_picked_from_tocsins_own(hall, teams):
    """The first ones at once, more as one types; a guest finds nobody."""
    card = await declared(hall)
    await hall.send(teams.in_channel("bob", "role", card.activity["id"]))
    form = teams.room("a:bob")[-1]
    assert "@carol" in str(form.card)
    query = {"queryText": "ca", "dataset": "person", "queryOptions": {"skip": 0, "top": 15}}
    asked = teams.activity("bob", "invoke", name="application/search", value=query)
    answer = (await hall.send(asked)).json()
    assert answer["type"] == FOUND
    assert answer["value"]["results"] == [{"title": "Carol", "value": "@carol"}]
    teams.guests.add("zoe")
    foreign = teams.activity("zoe", "invoke", name="application/search", value=query)
    assert (await hall.send(foreign)).json()["value"]["results"] == []


async def test_a_press_on_a_page_that_answers_at_length_answers_below(hall, teams):
    """The page itself stays what it is."""
    await hall.say("bob", "help")
    await hall.tocsin.fire(TRINO)
    page = teams.room("a:bob")[-1]
    shown = await hall.press("bob", page, "Open")
    assert (shown["type"], shown["value"]) == (NOTE, BELOW)
    assert "INC-13" in last(hall, "bob")


async def test_a_question_gives_way_to_its_answer(hall, teams):
    """Which incident was meant is asked once."""
    await declared(hall)
    await declared(hall, "search is slow sev:3")
    await hall.say("bob", "note found it")
    question = teams.room("a:bob")[-1]
    shown = await hall.press("bob", question, "Note INC-13")
    assert shown["type"] == CARD
    assert "Note INC-13" not in written(shown["value"])
    assert any("found it" in line for line in await hall.tocsin.told())


async def test_an_older_client_submits_inputs_as_a_message(hall, teams):
    """It is the same press."""
    await declared(hall)
    value = {"button": "v1:incident.ack:INC-13"}
    await hall.send(teams.activity("bob", value=value))
    assert "INC-13 is yours" in last(hall, "bob")


async def test_a_message_is_added_to_the_timeline(hall, teams):
    """By the action on the message, in its author's name; elsewhere it is said where."""
    await declared(hall)
    incident = await hall.tocsin.incident()
    assert incident.home
    pointed = {
        "commandId": "addToTimeline",
        "commandContext": "message",
        "messagePayload": {
            "id": "1",
            "body": {"contentType": "html", "content": "<p>GC &amp; pauses</p><p><b>40</b> s</p>"},
            "from": {"user": {"displayName": "Carol <at>"}},
        },
    }
    asked = teams.in_channel("bob", "", incident.home.room.partition("=")[2]) | {
        "type": "invoke",
        "name": "composeExtension/fetchTask",
        "value": pointed,
    }
    answer = (await hall.send(asked)).json()
    assert answer["task"]["type"] == "message"
    told = await hall.tocsin.told()
    assert any("Carol <at>: GC & pauses\n40 s" in line for line in told), told[-1]
    elsewhere = teams.in_channel("bob", "", "999") | {"type": "invoke"}
    answer = (
        await hall.send(asked | {"conversation": elsewhere["conversation"], "id": "y"})
    ).json()
    assert "no incident" in answer["task"]["value"]


@pytest.mark.parametrize(
    ("action", "field", "done"),
    [("declareFrom", "title", "INC-14"), ("createAction", "text", "ACT-1")],
)
async def test_a_message_becomes_a_form_that_is_asked_for_directly(
    hall, teams, action, field, done
):
    """Its words stand in it; nothing is done before it is sent."""
    await declared(hall)
    incident = await hall.tocsin.incident()
    assert incident.home
    pointed = {
        "commandId": action,
        "messagePayload": {"body": {"content": "<p>search is <b>slow</b></p>"}},
    }
    post = incident.home.room.partition("=")[2]
    asked = teams.in_channel("bob", "", post) | {"type": "invoke", "value": pointed}
    answer = await hall.send(asked | {"name": "composeExtension/fetchTask"})
    assert answer.json()["task"] == {"type": "message", "value": DIRECTLY}
    form = teams.room("a:bob")[-1]
    (said,) = [one for one in parts(form.card) if str(one.get("id", "")).endswith(f".{field}")]
    assert said["value"] == "search is slow"
    assert await hall.tocsin.open_incidents() == ["INC-13"]
    submit = next(one["title"] for one in actions(form.card) if one["data"].get("part"))
    await hall.press("bob", form, submit, **{field: said["value"]})
    assert done in str([*await hall.tocsin.open_incidents(), *await hall.tocsin.told()])


async def test_an_action_of_another_version_is_no_answer(hall, teams):
    """It is refused as what it is."""
    pointed = {"commandId": "other", "messagePayload": {"body": {"content": "x"}}}
    asked = teams.activity("bob", "invoke", name="composeExtension/fetchTask", value=pointed)
    assert (await hall.send(asked)).status_code == 400


async def test_whoever_adds_tocsin_is_welcomed(hall, teams):
    """Directly; a team learns in a line what to type, once."""
    await hall.send(teams.activity("dave", "installationUpdate", action="add"))
    assert "help" in last(hall, "dave")
    await hall.send(teams.activity("dave", "installationUpdate", action="remove"))
    team = teams.in_channel("dave", "") | {"type": "installationUpdate", "action": "add"}
    await hall.send(team)
    assert len(teams.said) == 2
    assert "@Tocsin incident declare" in str(list(teams.said.values())[-1])
    await hall.send(team | {"id": "again"})
    assert len(teams.said) == 2


@pytest.mark.parametrize("kind", ["typing", "messageReaction", "event", "endOfConversation"])
async def test_what_tocsin_does_not_need_is_answered_and_dropped(hall, teams, kind):
    """Teams may send more than it did."""
    answer = await hall.send(teams.activity("bob", kind))
    assert answer.status_code == 200
    assert teams.said == {}


async def test_an_answer_that_cannot_be_delivered_is_not_repeated_elsewhere(hall, teams):
    """The command is carried out; who looks, finds it."""
    await hall.say("bob", "help")
    teams.answers.append(Response(status_code=500))
    standing = len(teams.said)
    await hall.say("bob", "oncall")
    assert len(teams.said) == standing


async def test_a_mention_alone_shows_what_can_be_done(hall, teams):
    """And a space of markup is a space."""
    await hall.send(teams.in_channel("bob", "&nbsp;"))
    assert "What do you want to do?" in last(hall, "bob")
    assert MENTION not in last(hall, "bob")


def greeting(hall: Connected) -> tuple[TeamsChat, StoredChatKeep]:
    """What the command line says hello with."""
    platform = hall.tocsin.parts.platforms[0]
    assert isinstance(platform, Teams)
    return platform.chat, StoredChatKeep(hall.tocsin.parts.store)


def hellos(hall: Connected, room: str) -> int:
    """How often hello was said there."""
    return sum("Tocsin is connected" in one.summary for one in hall.teams.room(room))


async def test_the_hello_comes_at_once_where_tocsin_is_known(hall):
    """After `tocsin connect teams`: in the channel of incidents, and never twice."""
    assert await say_hello(*greeting(hall), None) == "#incidents"
    assert await say_hello(*greeting(hall), None) == "Teams already"
    assert sum("Tocsin is connected" in one.summary for one in hall.teams.posts()) == 1
    await hall.say("bob", "help")
    assert hellos(hall, "a:bob") == 0


@pytest.mark.parametrize("known", [True, False])
async def test_the_hello_waits_for_the_first_contact(copied, tmp_path, teams, known):
    """Whom Tocsin has never met it may not write to; who wrote before is written to directly."""
    async with connected(copied, tmp_path, teams) as hall:
        if known:
            await hall.say("bob", "help")
        async with hall.tocsin.looking() as unit:
            met = await unit.conversations.newest("teams", DIRECT)
        said = await say_hello(*greeting(hall), (met or {}).get("conversation"))
        assert (bool(said), hellos(hall, "a:bob")) == (known, int(known))
        for _ in range(2):
            await hall.say("carol", "help")
            assert hellos(hall, "a:carol") == int(not known)
