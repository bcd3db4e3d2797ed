"""The built-in chat posts once, edits in place, and opens each room once."""

import pytest

from domain.errors import Permanent
from domain.message import sentence
from domain.plain import plain
from domain.ports import MessageRef, Place, RoomSpec
from integrations.chat.console.limits import LimitBroken
from tests.fakes.company import settle_company
from tests.fakes.console import talk_over
from tests.fakes.stores import opened

INCIDENTS = Place(platform="console", room="incidents")


@pytest.fixture
async def talk(tmp_path):
    async with opened(f"sqlite:///{tmp_path}/test.db") as store:
        await settle_company(store)
        yield talk_over(store)


async def test_the_same_key_is_posted_once(talk):
    """A repeat after an unknown outcome finds the message that stands there."""
    before = len(await talk.seen("dave", "incidents"))
    first = await talk.chat.post(INCIDENTS, sentence("once"), "k")
    again = await talk.chat.post(INCIDENTS, sentence("once"), "k")
    assert first == again == MessageRef(platform="console", room="incidents", message=first.message)
    assert len(await talk.seen("dave", "incidents")) == before + 1


async def test_an_edit_replaces_the_words_and_counts_as_a_change(talk):
    """Readers that ask what changed since get the message again."""
    ref = await talk.chat.post(INCIDENTS, sentence("before"), "k")
    before = await talk.message("dave", ref.message)
    await talk.chat.edit(ref, sentence("after"))
    after = await talk.message("dave", ref.message)
    assert (plain(after.message), after.id) == ("after", before.id)
    assert after.change > before.change
    assert after.edited_at is not None


async def test_a_message_that_has_gone_cannot_be_edited(talk):
    """Trying again would not help."""
    ref = MessageRef(platform="console", room="incidents", message="nothing")
    with pytest.raises(Permanent):
        await talk.chat.edit(ref, sentence("after"))


async def test_a_direct_room_is_for_its_person_alone(talk):
    """Nobody else sees that it is there."""
    place = await talk.chat.direct("carol")
    await talk.chat.post(place, sentence("for Carol"), "k")
    assert [plain(one.message) for one in await talk.seen("carol", place.room)] == ["for Carol"]
    with pytest.raises(Exception, match="There is no room dm-carol"):
        await talk.seen("bob", place.room)


async def test_nobody_has_no_direct_room(talk):
    """A page to somebody unknown goes the next way at once."""
    with pytest.raises(Permanent, match="There is no person zoe"):
        await talk.chat.direct("zoe")


@pytest.mark.parametrize("private", [True, False])
async def test_a_room_is_opened_once_and_a_private_one_only_for_its_members(talk, private):
    """A crash between opening and remembering opens no second room."""
    spec = RoomSpec(key="room:INC-9", name="inc-9", topic="", members=("bob",), private=private)
    assert await talk.chat.open_room(spec) == await talk.chat.open_room(spec)
    async with talk.store.read() as unit:
        names = [room.name for room in await unit.console.rooms()]
    assert names.count("inc-9") == 1
    assert await talk.seen("bob", "inc-9") == ()
    if private:
        with pytest.raises(Exception, match="There is no room"):
            await talk.seen("dave", "inc-9")
    else:
        assert await talk.seen("dave", "inc-9") == ()


async def test_a_message_over_the_limits_is_shortened_or_refused(talk):
    """Production shortens; tests hear of it."""
    with pytest.raises(LimitBroken):
        await talk.chat.post(INCIDENTS, sentence("x" * 9000), "k")
