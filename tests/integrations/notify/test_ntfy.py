"""ntfy through its documented API: what arrives, and what each answer of the server means."""

import pytest

from domain.contact import ntfy_topic
from domain.errors import Permanent, Retry
from domain.message import Header, Message, Text, link, sentence, spans
from integrations.notify.ntfy import Ntfy, NtfyServer
from tests.fakes.ntfy_server import FakeNtfy, ntfy_server
from tests.fakes.one_request import CUT

TOPIC = "pages-of-bob"
ANSWER = "https://tocsin.example.com/a/code"
READ = "https://tocsin.example.com/incidents/INC-42"


def page(title: str = "SEV2 Trino queries failing · INC-42") -> Message:
    """A page as a letter."""
    acting = spans(link("Answer this page", ANSWER), "  ·  ", link("read the incident", READ))
    return Message(nodes=(Header(text=title), Text(spans=acting)), urgency="page")


@pytest.fixture
async def server():
    async with ntfy_server() as made:
        yield made


async def test_a_page_is_loud_and_its_button_answers(server):
    """The title is the lock-screen line; a tap reads, the button posts."""
    await Ntfy(server.told).send(TOPIC, page(), "ring:p1:2:ntfy")
    (shown,) = server.published
    assert shown["title"] == "SEV2 Trino queries failing · INC-42"
    assert (shown["topic"], shown["priority"], shown["click"]) == (TOPIC, 5, READ)
    assert shown["actions"] == [
        {"action": "http", "label": "Ack", "url": ANSWER, "method": "POST", "clear": True}
    ]
    assert f"Answer this page ({ANSWER})" in shown["message"]
    assert server.asked == ["POST / HTTP/1.1"]


async def test_what_is_no_page_is_not_loud(server):
    """Nor has it a button."""
    await Ntfy(server.told).send(TOPIC, sentence("A code"), "k")
    (shown,) = server.published
    assert "priority" not in shown
    assert "click" not in shown
    assert (shown["message"], shown["actions"]) == ("A code", [])


async def test_a_repeat_replaces_and_a_long_text_is_cut(server):
    """The same key has the same sequence; a text stays below what would become a file."""
    for key in ("one", "one", "two"):
        await Ntfy(server.told).send(TOPIC, page("🔥" * 9000), key)
    first, again, other = [shown["sequence_id"] for shown in server.published]
    assert first == again != other
    long = Message(nodes=(Header(text="x"), Text(spans=spans("\n".join(["ü" * 500] * 20)))))
    await Ntfy(server.told).send(TOPIC, long, "long")
    assert len(server.published[-1]["message"].encode()) <= 4096


@pytest.mark.parametrize(
    ("status", "raised"),
    [(429, Retry), (503, Retry), (CUT, Retry), (400, Permanent), (302, Permanent)],
)
async def test_what_a_refusal_means(server: FakeNtfy, status, raised):
    """What is busy or down may work later, what is wrong never; the topic is not repeated."""
    server.answers = [(status, f"topic {TOPIC} is not well")]
    with pytest.raises(raised) as refused:
        await Ntfy(server.told).send(TOPIC, page(), "k")
    assert TOPIC not in str(refused.value)


async def test_a_locked_server_wants_its_token(server):
    """Sending and looking."""
    server.locked = True
    await Ntfy(server.told).send(TOPIC, page(), "k")
    await Ntfy(server.told).probe()
    with pytest.raises(Permanent, match="403 forbidden"):
        await Ntfy(NtfyServer(url=server.url)).probe()
    with pytest.raises(Permanent, match="403 forbidden"):
        await Ntfy(NtfyServer(url=server.url)).send(TOPIC, page(), "k")
    assert len(server.published) == 1


async def test_a_server_that_is_not_there():
    """It may come back."""
    async with ntfy_server() as gone:
        told = gone.told
    with pytest.raises(Retry, match="the ntfy server"):
        await Ntfy(told).send(TOPIC, page(), "k")


@pytest.mark.parametrize("topic", ["", "a/b", "a b", "x" * 65, "bob?x=1", "bob\nx"])
async def test_what_is_no_topic_is_refused(server, topic):
    """Before anything is sent."""
    with pytest.raises(Permanent, match="no ntfy topic"):
        await Ntfy(server.told).send(topic, page(), "k")
    with pytest.raises(ValueError, match="no ntfy topic"):
        ntfy_topic(topic)
    assert server.published == []
