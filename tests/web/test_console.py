"""The chat's own API: what the contract says, for the token's person and nobody else."""

import pytest

from domain.actor import Scope
from domain.message import sentence
from tests.fakes.company import CANARY, say
from tests.fakes.site import give_token
from tests.fakes.stores import SYSTEM
from tests.fakes.whole_site import whole_site

API = "/console/api"
MESSAGE_AFTER = sentence("edited")
MESSAGE = {"id", "room", "author", "at", "text", "nodes", "buttons"}


@pytest.fixture
async def site(store):
    return await whole_site(store)


@pytest.fixture
async def bob(site):
    async with site.client("bob") as client:
        yield client


@pytest.fixture
async def dave(site):
    async with site.client("dave") as client:
        yield client


async def test_rooms_are_those_one_may_enter(bob, dave):
    """A private incident's room and other people's direct rooms are not among them."""
    assert ids(await bob.get(f"{API}/rooms")) == ["incidents", "dm-bob", "inc-1", "inc-2"]
    assert ids(await dave.get(f"{API}/rooms")) == ["incidents", "dm-dave", "inc-1"]


async def test_a_message_has_the_contracts_shape(dave):
    """Oldest first, each with its plain twin and its HTML."""
    items = (await dave.get(f"{API}/rooms/inc-1/messages")).json()["items"]
    assert MESSAGE - items[0].keys() == set()
    assert (items[0]["text"], "public words" in items[0]["html"]) == (
        "public words in the room",
        True,
    )


async def test_what_follows_a_message_and_what_changed_since(dave, store):
    """``after`` gives new messages; ``since`` gives edits too, and goes on at its last change."""
    before = (await dave.get(f"{API}/rooms/inc-1/messages")).json()["items"]
    async with store.write(SYSTEM) as unit:
        new = await say(unit, "inc-1", "newer", key="newer")
        await unit.console.edit(before[0]["id"], MESSAGE_AFTER)
    after = f"{API}/rooms/inc-1/messages?after={before[-1]['id']}"
    since = f"{API}/rooms/inc-1/messages?since={before[-1]['change']}"
    assert ids(await dave.get(after)) == [new]
    changed = (await dave.get(since)).json()["items"]
    assert [one["text"] for one in changed] == ["edited", "newer"]
    newest = max(one["change"] for one in changed)
    assert ids(await dave.get(f"{API}/rooms/inc-1/messages?since={newest}")) == []


async def test_a_long_room_is_read_in_parts(dave, store):
    """Going on after the last message misses none."""
    async with store.write(SYSTEM) as unit:
        wanted = [await say(unit, "inc-1", f"n{k}", key=f"n{k}") for k in range(5)]
    first = (await dave.get(f"{API}/rooms/inc-1/messages?after=0&limit=4")).json()
    rest = await dave.get(f"{API}/rooms/inc-1/messages?after={first['next']}")
    assert [one["id"] for one in first["items"]][-3:] + ids(rest) == wanted


async def test_the_direct_room_is_ones_own(bob, dave, store):
    """And empty before anything was said in it."""
    async with store.write(SYSTEM) as unit:
        await say(unit, "dm-bob", "for Bob", key="dm")
    assert [one["text"] for one in (await bob.get(f"{API}/dms")).json()["items"]] == ["for Bob"]
    assert (await dave.get(f"{API}/dms")).json()["items"] == []
    assert (await dave.get(f"{API}/rooms/dm-bob/messages")).status_code == 404


async def test_a_command_is_said_and_answered(bob, dave):
    """The answer is in the reply and in the room, only for its person."""
    done = (await bob.post(f"{API}/say", json={"room": "inc-1", "text": "/incident ack"})).json()
    assert (done["refused"], done["reply"]["private_to"]) == (False, "bob")
    assert done["reply"] in (await bob.get(f"{API}/rooms/inc-1/messages")).json()["items"]
    assert len((await dave.get(f"{API}/rooms/inc-1/messages")).json()["items"]) == 1


async def test_words_are_said_once_per_key(dave):
    """A repeat after a lost answer is the same message."""
    body, key = {"room": "incidents", "text": "hello"}, {"Idempotency-Key": "k"}
    first = (await dave.post(f"{API}/say", json=body, headers=key)).json()
    again = (await dave.post(f"{API}/say", json=body, headers=key)).json()
    assert (first["reply"], first["messages"]) == (None, again["messages"])


async def test_a_form_is_asked_filled_in_and_answered(bob):
    """Flags come as JSON, empty fields are left out."""
    said = {"room": "incidents", "text": "/incident declare"}
    asked = (await bob.post(f"{API}/say", json=said)).json()
    form = next(node for node in asked["reply"]["nodes"] if node["kind"] == "form")
    values = {"title": "Checkout is slow", "service": "", "drill": True, "private": False}
    body = {"form": form["id"], "values": values, "message": asked["reply"]["id"]}
    done = (await bob.post(f"{API}/submit", json=body)).json()
    assert done["refused"] is False, done["reply"]["text"]
    shown = (await bob.get(f"/api/v1/incidents/{done['data']['id']}")).json()
    assert (shown["title"], shown["drill"], shown["private"]) == ("Checkout is slow", True, False)


async def test_a_button_is_pressed(bob):
    """The menu's buttons are calls like any other."""
    menu = (await bob.post(f"{API}/say", json={"room": "inc-1", "text": "/incident"})).json()
    show = next(one for one in menu["reply"]["buttons"] if one["label"] == "Show")
    body = {"message": menu["reply"]["id"], "button": show["id"]}
    done = (await bob.post(f"{API}/press", json=body)).json()
    assert "Trino queries failing" in done["reply"]["text"]


async def test_a_button_that_is_not_there_is_a_conflict(bob):
    """The card has changed meanwhile."""
    items = (await bob.get(f"{API}/rooms/inc-1/messages")).json()["items"]
    body = {"message": items[0]["id"], "button": "v1:incident.resolve:INC-1"}
    assert (await bob.post(f"{API}/press", json=body)).status_code == 409


async def test_nobody_reads_speaks_or_presses_in_a_room_they_cannot_enter(site, bob):
    """It is as if it were not there."""
    hidden = (await bob.get(f"{API}/rooms/inc-2/messages")).json()["items"][0]["id"]
    async with site.client("alice") as alice:
        answers = [
            await alice.get(f"{API}/rooms/inc-2/messages"),
            await alice.post(f"{API}/say", json={"room": "inc-2", "text": "hello"}),
            await alice.post(f"{API}/press", json={"message": hidden, "button": "x"}),
        ]
    assert [one.status_code for one in answers] == [404] * 3
    assert CANARY not in "".join(one.text for one in answers)


async def test_a_reading_token_reads_and_says_nothing(site, store):
    """The scopes of the token hold here as everywhere."""
    await give_token(store, "bob", "reader", Scope.READ)
    async with site.client("reader") as client:
        read = await client.get(f"{API}/rooms")
        said = await client.post(f"{API}/say", json={"room": "incidents", "text": "hello"})
    assert (read.status_code, said.status_code) == (200, 403)


async def test_the_page_is_told_who_is_looking(dave):
    """Outside the demo nobody else may be acted as."""
    me = (await dave.get(f"{API}/me")).json()
    assert (me["id"], me["direct"], me["roles"]) == ("dave", "dm-dave", ["viewer"])
    assert (me["demo"], me["people"]) == (False, [])
    assert (await dave.get(f"{API}/dms?as=bob")).status_code == 403
    assert (await dave.post(f"{API}/clock", json={"advance": "PT5M"})).status_code == 404


@pytest.mark.parametrize("body", [{}, {"room": "incidents"}, {"room": "incidents", "text": 5}])
async def test_a_body_of_the_wrong_shape_is_refused(dave, body):
    """The field is named."""
    answer = await dave.post(f"{API}/say", json=body)
    assert (answer.status_code, "field" in answer.json()) == (422, True)


async def test_in_the_demo_the_phone_acts_for_its_owner(store):
    """And everybody one may be is listed."""
    site = await whole_site(store, demo=True)
    async with site.client("dave") as dave:
        me = (await dave.get(f"{API}/me")).json()
        body = {"room": "dm-bob", "text": "1"}
        done = (await dave.post(f"{API}/say?as=bob", json=body)).json()
        nobody = await dave.get(f"{API}/dms?as=zoe")
    assert [one["id"] for one in me["people"]] == ["alice", "bob", "carol", "dave", "erin"]
    assert (done["refused"], nobody.status_code) == (False, 404)


async def test_in_the_demo_the_clock_can_be_moved(store):
    """Forward only, and by a week at most."""
    site = await whole_site(store, demo=True)
    async with site.client("dave") as dave:
        moved = (await dave.post(f"{API}/clock", json={"advance": "PT5M"})).json()
        wrong = [
            (await dave.post(f"{API}/clock", json={"advance": by})).status_code
            for by in ("-PT5M", "P30D", "soon")
        ]
    assert (moved, wrong) == ({"now": "2026-11-21T12:05:00Z", "settled": True}, [422] * 3)


def ids(answer) -> list[str]:
    return [one["id"] for one in answer.json()["items"]]
