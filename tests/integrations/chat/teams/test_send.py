"""Speaking in Teams: where messages go, and what becomes of what goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
from starlette.responses import JSONResponse, Response

from domain.errors import Permanent, Retry
from domain.message import Message, Text, mention, sentence, spans
from domain.place import Place
from domain.ports import ChatKeep, RoomSpec
from integrations.chat.teams.channels import Channels
from integrations.chat.teams.connector import Connector, client, is_safe
from integrations.chat.teams.people import People
from integrations.chat.teams.render import render_strictly
from integrations.chat.teams.send import TeamsChat
from tests.fakes.bot_framework import INCIDENTS, PRIVATE, TEAM, BotFramework, bot_framework, written
from tests.fakes.proxy import Blackhole, Mode, ResetAfterUp, ResetBeforeUp, proxied
from tests.fakes.stores import StillClock

HELLO = sentence("Disk full")
SPEC = RoomSpec(key="room:INC-1", name="inc-1-disk", topic="SEV1 INC-1 Disk full", members=())


@dataclass
class Kept:
    """What an adapter remembers, and who has an account."""

    people: dict[str, str] = field(default_factory=lambda: {"bob": "aad-bob"})
    references: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"teams": {"ids": [TEAM]}}
    )

    async def account(self, user: str, platform: str) -> str | None:
        assert platform == "teams"
        return self.people.get(user)

    async def accounts(self, platform: str) -> dict[str, str]:
        assert platform == "teams"
        return self.people

    async def reference(self, platform: str, key: str) -> dict[str, Any] | None:
        assert platform == "teams"
        return self.references.get(key)

    async def refer(self, platform: str, key: str, reference: dict[str, Any]) -> None:
        assert platform == "teams"
        self.references[key] = reference


@pytest.fixture
async def teams() -> AsyncIterator[BotFramework]:
    """The Bot Framework."""
    async with bot_framework() as made:
        yield made


@pytest.fixture
async def kept() -> Kept:
    """What is remembered."""
    return Kept()


@pytest.fixture
async def chat(teams: BotFramework, kept: Kept) -> AsyncIterator[TeamsChat]:
    """Speaks to it."""
    async with speaking(teams.url, kept) as made:
        yield made


@asynccontextmanager
async def speaking(
    address: str, kept: Kept, private_room: str | None = "war-room", patience_s: float = 10
) -> AsyncIterator[TeamsChat]:
    """A chat whose Bot Framework is at ``address``."""
    keep = cast(ChatKeep, kept)
    connector = Connector(keep, client("the-token-of-the-app", patience_s), address)
    channels = Channels(connector, keep)
    people = People(connector, keep, StillClock(), "tenant-1")
    yield TeamsChat(connector, channels, people, keep, "incidents", private_room, render_strictly)
    await connector.close()


def place(room: str, thread: str | None = None) -> Place:
    """A place in Teams."""
    return Place(platform="teams", room=room, thread=thread)


async def test_a_channel_gets_a_post_and_a_thread_its_replies(chat, teams):
    """By name in any case, or by id; each post is a room of its own."""
    first = await chat.post(place("Incidents"), HELLO, "1")
    assert first.room == f"{INCIDENTS};messageid={first.message}"
    reply = await chat.post(place(first.room), HELLO, "2")
    beneath = await chat.post(place(INCIDENTS, first.message), HELLO, "3")
    assert reply.room == beneath.room == first.room
    assert [one.conversation for one in teams.said.values()] == [first.room] * 3
    assert teams.asked.count(f"GET /v3/teams/{TEAM}/conversations") == 1
    assert set(teams.seen) == {"Bearer the-token-of-the-app"}


async def test_a_card_is_replaced_in_place(chat, teams):
    """The message stays the same one."""
    ref = await chat.post(place("incidents"), HELLO, "1")
    await chat.edit(ref, sentence("Disk full: fixed"))
    (said,) = teams.room(ref.room)
    assert (said.summary, said.edits) == ("Disk full: fixed", 1)
    with pytest.raises(Permanent, match="404 ActivityNotFoundInConversation"):
        await chat.edit(ref.model_copy(update={"message": "gone"}), HELLO)


async def test_a_person_is_written_to_alone_and_found_again(chat, teams, kept):
    """The chat is opened once."""
    for _ in range(2):
        alone = await chat.direct("bob")
        await chat.post(alone, HELLO, "1")
    assert alone == place("a:bob")
    assert teams.asked.count("POST /v3/conversations") == 1
    assert kept.references["direct:aad-bob"] == {"conversation": "a:bob"}
    assert len(teams.room("a:bob")) == 2


async def test_who_cannot_be_written_to_is_said_at_once(chat, teams):
    """No account, or the app was never added."""
    with pytest.raises(Permanent, match="carol has no account"):
        await chat.direct("carol")
    teams.unreachable.add("bob")
    with pytest.raises(Permanent, match="403 BotNotInConversationRoster"):
        await chat.direct("bob")


async def test_a_room_is_a_post_and_opened_once(chat, teams, kept):
    """Its first message says what it is about."""
    opened = await chat.open_room(SPEC)
    assert await chat.open_room(SPEC) == opened
    (post,) = teams.posts()
    assert "SEV1 INC-1 Disk full" in written(post.card)
    await chat.post(opened, HELLO, "1")
    assert len(teams.room(opened.room)) == 2


async def test_a_private_incident_is_posted_in_a_private_channel_or_nowhere(teams, kept):
    """Never in a channel that others of the team can read."""
    private = SPEC.model_copy(update={"private": True, "topic": "SEV1 INC-1"})
    async with speaking(teams.url, kept) as chat:
        assert (await chat.open_room(private)).room.startswith(PRIVATE)
    for named in (None, "incidents", "nowhere"):
        async with speaking(teams.url, Kept(), named) as chat:
            with pytest.raises(Permanent, match=r"no (private )?channel"):
                await chat.open_room(private)
    assert teams.posts() == []


async def test_an_unknown_channel_is_no_room(chat, teams):
    """It is looked for among the channels as they are now."""
    with pytest.raises(Permanent, match="no channel elsewhere"):
        await chat.post(place("elsewhere"), HELLO, "1")
    assert teams.said == {}


async def test_a_channel_shared_with_others_gets_no_cards(chat, teams):
    """People of other companies may read it; settings can say that this is meant (rules.md 1)."""
    for named in ("partners", "19:partners@thread.tacv2"):
        with pytest.raises(Permanent, match="shared with others"):
            await chat.post(place(named), HELLO, "1")
    chat.channels.external = frozenset({"PartnerS"})
    ref = await chat.post(place("partners"), HELLO, "2")
    assert len(teams.room(ref.room)) == 1


async def test_whoever_is_mentioned_and_has_an_account_is_notified(chat, teams):
    """Names come from Tocsin, accounts from Teams."""
    line = Text(spans=spans("look: ", mention("bob", "Bob"), mention("carol", "Carol")))
    ref = await chat.post(place("incidents"), Message(nodes=(line,)), "1")
    (said,) = teams.room(ref.room)
    (entity,) = said.card["msteams"]["entities"]
    assert entity["mentioned"] == {"id": "aad-bob", "name": "Bob"}


async def test_what_a_bot_cannot_do_is_left_alone(chat, teams):
    """People pin, and are let in by the team; a post has no end."""
    ref = await chat.post(place("incidents"), HELLO, "1")
    await chat.invite(place(ref.room), ("bob",))
    await chat.pin(ref)
    await chat.archive(place(ref.room))
    assert len(teams.asked) == 2


async def test_a_probe_asks_for_what_a_message_needs(chat, teams):
    """It fails as a message would."""
    await chat.probe()
    teams.answers.append(Response(status_code=503))
    with pytest.raises(Retry):
        await chat.probe()


@pytest.mark.parametrize("status", [408, 412, 429, 500, 502, 503, 504])
async def test_a_busy_or_broken_platform_is_asked_again(chat, teams, status):
    """As late as it says."""
    teams.answers.append(Response(status_code=status, headers={"Retry-After": "7"}))
    with pytest.raises(Retry, match=str(status)) as told:
        await chat.post(place("x;messageid=1"), HELLO, "1")
    assert told.value.after == timedelta(seconds=7)
    assert teams.said == {}


@pytest.mark.parametrize("said", ["", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_wait_that_is_no_number_is_ours_to_choose(chat, teams, said):
    """The job's own pace holds."""
    teams.answers.append(Response(status_code=429, headers={"Retry-After": said}))
    with pytest.raises(Retry) as told:
        await chat.post(place("x;messageid=1"), HELLO, "1")
    assert told.value.after is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"error": {"code": "<at>x</at>"}}'])
async def test_a_refusal_is_for_good_and_repeats_no_words_of_theirs(chat, teams, status, body):
    """The next way is tried at once."""
    teams.answers.append(Response(status_code=status, content=body))
    with pytest.raises(Permanent) as told:
        await chat.post(place("x;messageid=1"), HELLO, "1")
    assert str(told.value) == f"Teams answered {status}"


@pytest.mark.parametrize("answer", [b"", b"{", b"{}", b"[1]", b'{"id": 7}'])
async def test_an_answer_that_cannot_be_read_leaves_it_open(chat, teams, answer):
    """Whether the room stands is not known: the job runs again."""
    teams.answers.extend(
        [
            JSONResponse({"conversations": [{"id": INCIDENTS, "name": "incidents"}]}),
            Response(status_code=201, content=answer),
        ]
    )
    with pytest.raises(Retry):
        await chat.post(place("incidents"), HELLO, "1")


async def test_an_edit_that_is_only_confirmed_is_done(chat, teams):
    """Teams need not repeat the id."""
    ref = await chat.post(place("incidents"), HELLO, "1")
    teams.answers.append(Response(status_code=200))
    await chat.edit(ref, HELLO)


@pytest.mark.parametrize(
    ("mode", "standing"),
    [(ResetBeforeUp(b"/activities"), 0), (ResetAfterUp(b"/activities"), 1), (Blackhole(), 0)],
)
async def test_a_message_whose_fate_is_unknown_is_posted_again(teams, kept, mode, standing):
    """Whether it arrived cannot be asked: a second page is better than none."""
    async with proxied(int(teams.url.rpartition(":")[2])) as between:
        address = f"http://127.0.0.1:{between.listening}"
        async with speaking(address, kept, patience_s=0.5) as chat:
            between.mode = mode
            with pytest.raises(Retry, match="no answer"):
                await chat.post(place("a:b;messageid=1"), HELLO, "page:1")
            assert len(teams.said) == standing
            between.mode = Mode()
            await chat.post(place("a:b;messageid=1"), HELLO, "page:1", again=True)
    assert len(teams.said) == standing + 1


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("http://127.0.0.1:3978/x", True),
        ("http://localhost:3978", True),
        ("http://[::1]:3978", True),
        ("http://169.254.169.254/latest", False),
        ("http://10.0.0.1/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("file:///etc/passwd", False),
        ("", False),
        ("http://[", False),
    ],
)
async def test_only_a_safe_address_is_answered_at(address, safe, kept):
    """Over TLS, or on this machine; what settings fix, no request changes."""
    assert is_safe(address) is safe
    connector = Connector(cast(ChatKeep, kept), client(None))
    await connector.heard_at(address)
    assert ("service" in kept.references) is safe
    fixed = Connector(cast(ChatKeep, Kept()), client(None), "https://teams.example")
    await fixed.heard_at(address)
    await asyncio.gather(connector.close(), fixed.close())
