"""What people type, press and fill in is carried out as theirs, where they are."""

import pytest

from domain.actor import Scope
from domain.buttons import button
from domain.console import Spoken
from domain.errors import Invalid, NotAllowed, NotFound, Stale
from domain.message import Actions, Message, buttons, form_of
from domain.plain import plain
from domain.ports import Place
from storage.store import Act
from storage.views import incidents
from tests.fakes.company import settle_company
from tests.fakes.console import talk_over
from tests.fakes.stores import opened


@pytest.fixture
async def talk(tmp_path):
    async with opened(f"sqlite:///{tmp_path}/test.db") as store:
        await settle_company(store)
        yield talk_over(store)


async def shown(talk, incident):
    async with talk.store.read() as unit:
        return await incidents.shown(unit.scope, "bob", incident)


async def test_words_without_a_slash_are_for_the_room(talk):
    """They stand there as the person's own, once per key."""
    heard = await talk.say("dave", "incidents", "I have seen this before", key="k")
    again = await talk.say("dave", "incidents", "I have seen this before", key="k")
    message = await talk.message("erin", heard.messages[0])
    assert (message.author_name, plain(message.message)) == ("Dave", "I have seen this before")
    assert (heard.reply, again) == (None, heard)


async def test_a_command_is_answered_privately_where_it_was_typed(talk):
    """Nobody else in the room sees the answer, nor the line."""
    before = await talk.seen("dave", "incidents")
    heard = await talk.say("bob", "incidents", "/incident show INC-1")
    answer = await talk.message("bob", heard.messages[-1])
    assert (answer.private_to, answer.room) == ("bob", "incidents")
    assert await talk.seen("dave", "incidents") == before


async def test_a_command_is_about_the_incident_of_its_room(talk):
    """No id is needed in the incident's own room, nor in its thread elsewhere."""
    heard = await talk.say("bob", "inc-1", "/incident ack")
    assert (heard.reply.refused, (await shown(talk, "INC-1")).status) == ("", "acknowledged")


async def test_a_mention_is_a_command_that_the_room_has_read(talk):
    """So it may not ask for something private (rule 2)."""
    heard = await talk.say("bob", "incidents", "@tocsin incident declare payroll leak private")
    assert heard.reply.refused
    assert "directly" in plain(heard.reply.message)
    assert len(heard.messages) == 2


async def test_what_is_no_command_is_answered_with_what_to_type(talk):
    """A typo changes nothing."""
    heard = await talk.say("bob", "inc-1", "/incident resovle")
    assert heard.reply.refused == "invalid"
    assert "resolve" in plain(heard.reply.message)
    assert (await shown(talk, "INC-1")).open


async def test_help_is_no_refusal(talk):
    """It was asked for and given."""
    heard = await talk.say("dave", "incidents", "/help")
    assert (heard.reply.refused, heard.reply.private) == ("", True)


@pytest.mark.parametrize("answer", ["1", "ack", "ack 2", "/page ack INC-2"])
async def test_a_page_is_answered_in_the_direct_room(talk, answer):
    """``1`` takes the newest page; the number of the incident names any."""
    heard = await talk.say("bob", "dm-bob", answer)
    assert heard.reply.refused == "", plain(heard.reply.message)
    async with talk.store.read() as unit:
        assert [page.incident for page in await unit.pages.to("bob")] == ["INC-1"]


async def test_two_passes_the_newest_page_on(talk):
    """The other page still rings."""
    await talk.say("bob", "dm-bob", "2")
    async with talk.store.read() as unit:
        (passed,) = [page for page in await unit.pages.of("INC-2")]
        assert passed.state == "passed"


async def test_one_without_a_page_says_so(talk):
    """And does nothing."""
    heard = await talk.say("dave", "dm-dave", "1")
    assert (heard.reply.refused, plain(heard.reply.message)) == (
        "not_found",
        "No page waits for your answer: /me shows what does.",
    )


async def test_a_button_makes_its_call_and_answers_its_presser(talk):
    """On a card in a shared room the answer is still only theirs."""
    card = Message(nodes=(Actions(buttons=(button("incident ack", "INC-1", "Ack"),)),))
    place = Place(platform="console", room="incidents")
    ref = await talk.chat.post(place, card, "card")
    (ack,) = buttons(card)
    heard = await talk.press("bob", ref.message, ack.id)
    assert heard.reply.refused == ""
    assert (await shown(talk, "INC-1")).status == "acknowledged"
    assert (await talk.message("bob", heard.messages[0])).private_to == "bob"


async def test_a_button_may_carry_more_than_its_target(talk):
    """What follows the comma is what would have been typed."""
    raised = button("incident severity", "INC-1,SEV1", "Set SEV1")
    place = Place(platform="console", room="incidents")
    ref = await talk.chat.post(place, Message(nodes=(Actions(buttons=(raised,)),)), "card")
    await talk.press("bob", ref.message, raised.id)
    assert (await shown(talk, "INC-1")).severity == "SEV1"


async def test_a_stored_call_is_made_with_what_was_picked(talk):
    """Buttons with more arguments than fit keep them in the database."""
    async with talk.store.write(Act("bob", "console")) as unit:
        made = await unit.calls.store("incident note", {"incident": "INC-1"})
    card = button("incident note", "", "Note").model_copy(update={"id": made})
    place = Place(platform="console", room="incidents")
    ref = await talk.chat.post(place, Message(nodes=(Actions(buttons=(card,)),)), "card")
    heard = await talk.press("bob", ref.message, made, text="from a button")
    assert heard.reply.refused == "", plain(heard.reply.message)


async def test_a_button_that_is_not_on_the_message_is_refused(talk):
    """A card that has changed offers other things now."""
    (first, *_) = await talk.seen("bob", "inc-1")
    with pytest.raises(Stale):
        await talk.press("bob", first.id, "v1:incident.resolve:INC-1")


async def test_a_button_of_a_message_one_cannot_see_is_not_there(talk):
    """Neither in a private incident's room nor in somebody's direct room."""
    (hidden, *_) = await talk.seen("bob", "inc-2")
    with pytest.raises(NotFound):
        await talk.press("alice", hidden.id, "v1:incident.ack:INC-2")


async def test_a_form_asks_for_what_is_missing_and_makes_the_same_call(talk):
    """The form gives way to the answer; the message need not be named."""
    asked = await talk.say("bob", "inc-1", "/incident note")
    form = form_of(asked.reply.message)
    assert form
    heard = await talk.submit("bob", form.id, {"text": "written in a form", "incident": ""})
    assert heard.reply.refused == "", plain(heard.reply.message)
    async with talk.store.read() as unit:
        told = await incidents.timeline(unit.scope, "bob", "INC-1")
    assert told.items[-1].text == "Note by Bob: written in a form"
    assert form_of((await talk.message("bob", asked.messages[0])).message) is None
    assert (await talk.message("bob", heard.messages[0])).room == "inc-1"


async def test_somebody_elses_form_is_not_mine(talk):
    """A private form belongs to whom it asks."""
    asked = await talk.say("bob", "incidents", "/incident declare")
    form = form_of(asked.reply.message)
    assert form
    with pytest.raises(NotFound):
        await talk.submit("carol", form.id, {"title": "x"}, message=asked.messages[0])


@pytest.mark.parametrize("room", ["inc-2", "dm-bob", "nowhere"])
async def test_nobody_speaks_where_they_cannot_be(talk, room):
    """A private room is as if it were not there."""
    with pytest.raises(NotFound):
        await talk.say("alice", room, "hello")


async def test_nobody_replies_in_a_thread_they_cannot_see(talk):
    """A private incident's thread in a shared room is not there either."""
    thread = next(one.thread for one in await talk.seen("bob", "incidents") if one.thread)
    hidden = [one.thread for one in await talk.seen("bob", "incidents") if one.thread][-1]
    assert (await talk.say("alice", "incidents", "hello", thread=thread)).messages
    with pytest.raises(NotFound):
        await talk.say("alice", "incidents", "hello", thread=hidden)
    with pytest.raises(NotFound):
        await talk.say("alice", "inc-1", "hello", thread=thread)


async def test_words_need_a_token_that_may_write(talk):
    """A reading token speaks to nobody."""
    actor = (await talk.actor("bob")).model_copy(update={"scopes": frozenset({Scope.READ})})
    with pytest.raises(NotAllowed):
        await talk.listener.say(Spoken(actor=actor, room="incidents", text="hello"))


@pytest.mark.parametrize("text", ["", "   ", "x" * 9000])
async def test_words_are_some_and_not_too_many(talk, text):
    """The field is named."""
    with pytest.raises(Invalid) as refused:
        await talk.say("bob", "incidents", text)
    assert refused.value.field == "text"
