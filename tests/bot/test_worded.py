"""What goes out to a chat is worded for it; in the demo it says that it is one."""

from bot.worded import Worded, WordedChat
from domain.message import code, sentence
from domain.place import Place
from domain.plain import plain
from domain.ports import RoomSpec
from domain.spellings import Registered
from domain.worded import Wording
from tests.fakes.outside import OutsideChat
from tests.fakes.sample_commands import SAMPLE

ROOM = Place(platform="slack", room="C1")
SPEC = RoomSpec(key="k", name="inc-1", topic="it fails", members=())


class NoKeep:
    """A chat that is asked about nobody."""


def chat(*, demo: bool) -> tuple[WordedChat, OutsideChat]:
    """A worded Slack, and the one behind it."""
    behind = OutsideChat(NoKeep())  # type: ignore[arg-type] # no account is asked for
    wording = Wording(SAMPLE, Registered(prefix="acme-"))
    return WordedChat(behind, Worded(wording, demo)), behind


async def test_a_message_says_what_can_be_typed_there():
    """Posted and edited alike."""
    worded, behind = chat(demo=False)
    ref = await worded.post(ROOM, sentence("Type ", code("/alert list")), "key")
    assert behind.room("C1")[0].text == "Type /acme-tocsin alert list"
    await worded.edit(ref, sentence("Type ", code("/incident list")))
    assert behind.room("C1")[0].text == "Type /acme-incident list"


async def test_the_demo_says_so_in_every_message_and_topic():
    """Nobody takes it for the real thing (rule 10)."""
    worded, behind = chat(demo=True)
    ref = await worded.post(ROOM, sentence("Trino is down"), "key")
    await worded.edit(ref, sentence("Trino is up"))
    await worded.open_room(SPEC)
    assert plain(behind.standing[0].message) == "DEMO: nothing of this is real.\nTrino is up"
    assert behind.opened[0].topic == "DEMO it fails"
