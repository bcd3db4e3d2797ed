"""Speaking: posted once per key whatever Slack answers, edits, direct messages and rooms."""

from datetime import timedelta

import pytest

from domain.errors import Permanent, Retry
from domain.message import Message, Text, mention, sentence, spans
from domain.place import MessageRef, Place
from domain.ports import RoomSpec
from integrations.chat.slack.api import Refused
from tests.fakes.slack_api import Fault

ROOM = Place(platform="slack", room="C0ROOM123")
HELLO = sentence("hello")
POST, HISTORY = "chat.postMessage", "conversations.history"
SPEC = RoomSpec(
    key="room:INC-1", name="inc-1-it-fails", topic="SEV1 INC-1", members=("bob", "carol")
)


async def test_a_message_is_posted_with_its_key_and_without_previews(office):
    """The first block carries the key; nothing is unfurled or made a mention."""
    ref = await office.chat.post(ROOM, HELLO, "card:INC-1")
    (asked,) = office.stub.calls(POST)
    assert office.stub.posted[0].key == "card:INC-1"
    assert (asked["unfurl_links"], asked["unfurl_media"], asked["link_names"]) == (False,) * 3
    assert asked["parse"] == "none"
    assert ref == MessageRef(platform="slack", room="C0ROOM123", message=office.stub.posted[0].ts)


async def test_a_message_goes_into_a_thread(office):
    """And is looked for there."""
    thread = ROOM.model_copy(update={"thread": "1795262400.000001"})
    for again in (False, True):
        await office.chat.post(thread, HELLO, "k", again=again)
    assert [one.thread for one in office.stub.posted] == ["1795262400.000001"]


async def test_people_are_mentioned_by_their_accounts(office):
    """Those who have one."""
    said = Message(nodes=(Text(spans=spans(mention("bob", "Bob"), mention("carol", "Carol"))),))
    await office.chat.post(ROOM, said, "k")
    assert office.stub.posted[0].blocks[0]["text"]["text"] == "<@U0BOB>Carol"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(ending="cut", done=True),
        Fault(ending="hang", done=True),
        Fault(ending="slow", done=True),
        Fault(status=500, done=True),
        Fault(status=502, ending="page", done=True),
        Fault(error="internal_error"),
        Fault(ending="cut"),
        Fault(status=503),
    ],
)
async def test_after_an_unknown_answer_the_channel_is_asked(office, fault):
    """Whether it had arrived or not, it stands there once."""
    office.stub.script[POST] = [fault]
    with pytest.raises(Retry):
        await office.chat.post(ROOM, HELLO, "ring:1:0")
    await office.chat.post(ROOM, HELLO, "ring:1:0", again=True)
    assert [one.key for one in office.stub.posted] == ["ring:1:0"]


async def test_a_busy_slack_says_how_long_to_wait(office):
    """The jobs alone try again, and not before."""
    office.stub.script[POST] = [Fault(status=429, error="ratelimited", retry_after="37")]
    with pytest.raises(Retry) as busy:
        await office.chat.post(ROOM, HELLO, "k")
    assert busy.value.after == timedelta(seconds=37)
    assert len(office.stub.calls(POST)) == 1


@pytest.mark.parametrize("said", [None, "soon", "-1"])
async def test_a_busy_slack_may_say_nothing_of_use(office, said):
    """Then the job's own patience counts."""
    office.stub.script[POST] = [Fault(status=429, retry_after=said)]
    with pytest.raises(Retry) as busy:
        await office.chat.post(ROOM, HELLO, "k")
    assert busy.value.after is None


@pytest.mark.parametrize(
    "code",
    [
        "channel_not_found",
        "token_revoked",
        "invalid_auth",
        "account_inactive",
        "is_archived",
        "missing_scope",
        "user_not_found",
        "cannot_dm_bot",
        "msg_too_long",
        "invalid_blocks",
    ],
)
async def test_what_slack_refuses_for_good_is_not_tried_again(office, code):
    """The reason is Slack's own word."""
    office.stub.script[POST] = [Fault(error=code)]
    with pytest.raises(Permanent, match=code):
        await office.chat.post(ROOM, HELLO, "k")
    assert len(office.stub.calls(POST)) == 1


async def test_without_leave_to_look_a_second_one_is_better_than_none(office):
    """A page may come twice, never not at all."""
    office.stub.script |= {
        POST: [Fault(ending="cut", done=True)],
        HISTORY: [Fault(error="missing_scope")],
    }
    with pytest.raises(Retry):
        await office.chat.post(ROOM, HELLO, "k")
    await office.chat.post(ROOM, HELLO, "k", again=True)
    assert len(office.stub.posted) == 2


async def test_a_public_channel_is_entered_where_only_members_may_post(office):
    """Once."""
    office.stub.script[POST] = [Fault(error="not_in_channel")]
    await office.chat.post(ROOM, HELLO, "k")
    assert office.stub.joined == {"C0ROOM123"}
    assert len(office.stub.posted) == 1


async def test_a_message_is_replaced_in_place(office):
    """One that has gone cannot be."""
    ref = await office.chat.post(ROOM, HELLO, "k")
    await office.chat.edit(ref, sentence("bye"))
    assert office.stub.posted[0].text == "bye"
    with pytest.raises(Permanent, match="message_not_found"):
        await office.chat.edit(ref.model_copy(update={"message": "1.1"}), HELLO)


async def test_a_direct_message_is_opened_once(office):
    """Who has no account is not found."""
    places = [await office.chat.direct("bob") for _ in range(2)]
    assert places == [Place(platform="slack", room="DU0BOB")] * 2
    assert len(office.stub.calls("conversations.open")) == 1
    with pytest.raises(Permanent, match="carol has no account"):
        await office.chat.direct("carol")


async def test_a_room_is_found_by_its_name_once(office):
    """On whichever page of the list it is."""
    office.stub.channels |= {"C0OTHER12": "other", "C0INCIDENTS": "incidents"}
    for name in ("incidents", "#incidents"):
        await office.chat.post(Place(platform="slack", room=name), HELLO, "k")
    assert {one.channel for one in office.stub.posted} == {"C0INCIDENTS"}
    assert len(office.stub.calls("conversations.list")) == 2


async def test_the_room_of_all_incidents_is_made_where_it_is_missing(office):
    """No other one is."""
    await office.chat.post(Place(platform="slack", room="incidents"), HELLO, "k")
    assert list(office.stub.channels.values()) == ["incidents"]
    with pytest.raises(Permanent, match="channel_not_found"):
        await office.chat.post(Place(platform="slack", room="alerts-web"), HELLO, "k")


async def test_without_leave_to_list_slack_finds_the_name_itself(office):
    """And its answer says where the message stands."""
    office.stub.script["conversations.list"] = [Fault(error="missing_scope")] * 2
    await office.chat.post(Place(platform="slack", room="incidents"), HELLO, "k")
    assert office.stub.posted[0].channel == "#incidents"


async def test_a_channel_shared_with_others_gets_no_cards(office):
    """A name alone does not lead out of the company (rules.md 1)."""
    office.stub.channels["C0SHARED12"] = "incidents"
    office.stub.shared.add("C0SHARED12")
    with pytest.raises(Permanent, match="shared"):
        await office.chat.post(Place(platform="slack", room="incidents"), HELLO, "k")
    for name in ("incidents", "C0SHARED12"):
        office.chat.rooms.external = frozenset({name})
        office.chat.rooms.forget("incidents")
        office.clock.move(minutes=10)
        await office.chat.post(Place(platform="slack", room="incidents"), HELLO, f"k-{name}")
    assert len(office.stub.posted) == 2


async def test_nor_does_an_id_that_somebody_asked_from(office):
    """A channel may be shared after we have posted there; it is asked again after ten minutes.
    Not even the room of all incidents is meant, unless settings list it."""
    place = Place(platform="slack", room="C0ASKED123")
    await office.chat.post(place, HELLO, "before")
    office.stub.shared.add("C0ASKED123")
    office.clock.move(minutes=10)
    with pytest.raises(Permanent, match="shared"):
        await office.chat.post(place, HELLO, "after")
    office.chat.rooms.incidents = "C0ASKED123"
    with pytest.raises(Permanent, match="shared"):
        await office.chat.post(place, HELLO, "after")
    office.chat.rooms.external = frozenset({"C0ASKED123"})
    await office.chat.post(place, HELLO, "meant")
    assert len(office.stub.posted) == 2


async def test_where_it_cannot_be_found_out_nothing_is_posted(office):
    """Whoever was to see it there is written to directly instead."""
    office.stub.script["conversations.info"] = [Fault(error="missing_scope")]
    with pytest.raises(Permanent, match="shared"):
        await office.chat.post(Place(platform="slack", room="C0ASKED123"), HELLO, "k")


async def test_a_room_is_opened_once_for_its_key(office):
    """With its topic and its people, as far as they are here."""
    places = [await office.chat.open_room(SPEC) for _ in range(2)]
    assert places[0] == places[1]
    assert list(office.stub.channels.values()) == ["inc-1-it-fails"]
    assert office.stub.calls("conversations.setTopic")[0]["topic"] == "SEV1 INC-1"
    assert office.stub.calls("conversations.invite")[0]["users"] == "U0BOB"


async def test_a_room_opened_before_a_crash_is_found_again(office):
    """Its name is taken, and by us."""
    first = await office.chat.open_room(SPEC)
    office.keep.references.clear()
    assert await office.chat.open_room(SPEC) == first
    assert len(office.stub.channels) == 1


async def test_a_name_that_others_took_gets_a_number(office):
    """Nobody is put into somebody else's room."""
    office.stub.channels["C0THEIRS1"] = "inc-1-it-fails"
    office.stub.creators["C0THEIRS1"] = "U0MALLORY"
    await office.chat.open_room(SPEC)
    assert list(office.stub.channels.values()) == ["inc-1-it-fails", "inc-1-it-fails-2"]


@pytest.mark.parametrize("code", ["missing_scope", "unknown_method"])
async def test_what_is_good_to_have_around_a_room_may_be_missing(office, code):
    """The room is there all the same."""
    for method in ("conversations.setTopic", "conversations.invite", "pins.add"):
        office.stub.script[method] = [Fault(error=code)]
    office.stub.script["conversations.archive"] = [Fault(error=code)]
    place = await office.chat.open_room(SPEC)
    await office.chat.pin(MessageRef(platform="slack", room=place.room, message="1.1"))
    await office.chat.archive(place)


@pytest.mark.parametrize(
    ("method", "code"),
    [("pins.add", "already_pinned"), ("conversations.archive", "already_archived")],
)
async def test_twice_is_once(office, method, code):
    """A repeat of what was done is no fault."""
    office.stub.script[method] = [Fault(error=code)]
    await office.chat.pin(MessageRef(platform="slack", room="C0ROOM123", message="1.1"))
    await office.chat.archive(ROOM)


async def test_what_is_refused_around_a_room_is_no_secret(office):
    """Another reason comes out."""
    office.stub.script["conversations.archive"] = [Fault(error="cant_archive_general")]
    with pytest.raises(Refused, match="cant_archive_general"):
        await office.chat.archive(ROOM)


async def test_a_probe_asks_whether_the_token_counts(office):
    """A revoked one does not."""
    await office.chat.probe()
    office.stub.script["auth.test"] = [Fault(error="token_revoked")]
    with pytest.raises(Permanent, match="token_revoked"):
        await office.chat.probe()


async def test_a_user_group_is_set_as_a_whole_and_never_emptied(office):
    """Slack takes no empty group: whoever was in it last stays."""
    await office.chat.hold_group("S0ONCALL", ("bob", "stranger"), ("carol",))
    await office.chat.hold_group("S0ONCALL", ("stranger",), ("bob",))
    (asked,) = office.stub.calls("usergroups.users.update")
    assert (asked["usergroup"], asked["users"]) == ("S0ONCALL", "U0BOB")
