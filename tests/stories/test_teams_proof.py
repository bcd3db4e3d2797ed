"""Whatever comes to the address of Teams without its proof is refused, and leaves nothing."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import func, select

from storage.tables.chats import conversations, heard
from storage.tables.ledger import audit, jobs
from tests.fakes.bot_framework import APP, BotFramework, bot_framework, key
from tests.fakes.teams import Connected, connected
from tests.fakes.tocsin import Template

pytestmark = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)

NOW = int(time.time())
TOO_LARGE = 1024 * 1024 + 1
NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "", True)
BAD_IDS = ("../../secrets", "a b", "x?y", "a#b", "x" * 600)
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000


@pytest.fixture
async def teams() -> AsyncIterator[BotFramework]:
    """The Bot Framework."""
    async with bot_framework() as made:
        yield made


@pytest.fixture
async def hall(copied: Template, tmp_path: Path, teams: BotFramework) -> AsyncIterator[Connected]:
    """Tocsin behind it."""
    async with connected(copied, tmp_path, teams) as made:
        yield made


async def kept(hall: Connected) -> list[int]:
    """How much is stored of what came in, and of what was done about it."""
    async with hall.tocsin.looking() as unit:
        queries = [
            select(func.count()).select_from(one) for one in (conversations, heard, audit, jobs)
        ]
        return [(await unit.scope.connection.execute(one)).scalar() or 0 for one in queries]


def forged(teams: BotFramework) -> dict[str, str]:
    """Authorization headers that prove nothing, by what is wrong with them."""
    good = teams.token()
    head, body, signature = good.split(".")
    unsigned = jwt.encode({"aud": APP}, "", algorithm="none", headers={"kid": "k1"})
    public = key("k1").public_key().public_numbers()
    shared = jwt.encode({"aud": APP}, str(public.n), algorithm="HS256", headers={"kid": "k1"})
    return {
        "nothing": "",
        "no token": "Bearer",
        "another scheme": f"Basic {good}",
        "no JWT": "Bearer abc",
        "half a JWT": f"Bearer {head}.{body}",
        "no signature": f"Bearer {head}.{body}.",
        "another signature": f"Bearer {head}.{body}.{signature[::-1]}",
        "not signed": f"Bearer {unsigned}",
        "signed with what is public": f"Bearer {shared}",
        "a forged key": f"Bearer {teams.token('k2')}",
        "an unknown key": f"Bearer {teams.token('k2', kid='k2')}",
        "for another app": f"Bearer {teams.token(aud='another-app')}",
        "for nobody": f"Bearer {teams.token(aud=None)}",
        "by another issuer": f"Bearer {teams.token(iss='https://sts.windows.net/tenant-1/')}",
        "by nobody": f"Bearer {teams.token(iss=None)}",
        "for another address": f"Bearer {teams.token(serviceurl='https://evil.example')}",
        "for no address": f"Bearer {teams.token(serviceurl=None)}",
        "an address that is none": f"Bearer {teams.token(serviceurl=7)}",
        "expired": f"Bearer {teams.token(exp=NOW - 3600)}",
        "without an end": f"Bearer {teams.token(exp=None)}",
        "not valid yet": f"Bearer {teams.token(nbf=NOW + 3600)}",
        "issued tomorrow": f"Bearer {teams.token(iat=NOW + 86_400)}",
        "endless": f"Bearer {good}{'x' * 20_000}",
        "nested": f"Bearer {'e' * 100}.{'W1tbW1s' * 1000}.{signature}",
    }


def activities(teams: BotFramework) -> list[dict[str, Any]]:
    """What somebody would want to have carried out."""
    return [
        teams.activity("alice", text="declare forged sev:1"),
        teams.in_channel("alice", "declare forged sev:1"),
        teams.activity("alice", "installationUpdate", action="add"),
        teams.activity("alice", "conversationUpdate"),
        teams.activity(
            "alice", "invoke", name="adaptiveCard/action",
            value={"action": {"data": {"button": "v1:incident.ack:INC-1"}}},
        ),
        teams.activity("alice", value={"button": "v1:incident.ack:INC-1"}),
    ]  # fmt: skip


def malformed(teams: BotFramework) -> Iterator[bytes]:
    """Bodies that are no activity, each with a good proof."""
    yield from (b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"{}", DEEP)
    good = teams.activity("alice", text="declare forged sev:1")
    for changed in (*wrong(good), *({"conversation": {"id": one}} for one in BAD_IDS)):
        kept = {name: value for name, value in (good | changed).items() if value is not None}
        yield json.dumps(kept).encode()
    for changed in unknown_invokes():
        yield json.dumps(good | {"type": "invoke"} | changed).encode()


def wrong(good: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What can be wrong with a field: it is not there (None), or something else."""
    for name in ("type", "id", "from", "conversation", "serviceUrl"):
        for value in NONSENSE:
            yield {name: value}
    yield from ({"text": {}}, {"entities": 7}, {"entities": [7]}, {"channelData": "x"})
    yield {"channelId": "webchat"}
    yield {"from": good["from"] | {"id": "../a"}}


def unknown_invokes() -> Iterator[dict[str, Any]]:
    """Presses of nothing, and names that nobody answers to."""
    pressed: tuple[Any, ...] = (
        None, 7, [], {}, {"action": 7}, {"action": {"data": {}}},
        {"action": {"data": {"button": "x" * 101}}},
    )  # fmt: skip
    for value in pressed:
        yield {"name": "adaptiveCard/action", "value": value}
    names = ("", "task/fetch", "application/search", "composeExtension/fetchTask")
    yield from ({"name": name, "value": {}} for name in names)


async def test_a_good_proof_is_heard(hall, teams):
    """The same request with its proof is carried out: what is refused below is not refused
    because something else is wrong."""
    for activity in activities(teams):
        answer = await hall.send(activity)
        assert answer.status_code == 200, activity
    assert "forged" in teams.room("a:alice")[0].summary


async def test_nothing_is_done_without_a_proof(hall, teams):
    """More than 128 forged, stale and foreign requests: none accepted, none breaks anything."""
    before = await kept(hall)
    sent = 0
    for name, header in forged(teams).items():
        for activity in activities(teams):
            answer = await hall.send(activity, {"Authorization": header})
            assert answer.status_code == 401, name
            assert "forged" not in answer.text
            sent += 1
    assert sent >= 128
    assert await kept(hall) == before
    assert teams.said == {}


async def test_what_is_no_activity_is_refused_and_not_kept(hall, teams):
    """Broken, huge and foreign bodies, although they are signed."""
    await hall.say("alice", "help")
    before = await kept(hall)
    bodies = list(malformed(teams))
    for body in bodies:
        answer = await hall.send(body)
        assert answer.status_code in (400, 401), body[:200]
    huge = teams.activity("alice", text="x" * TOO_LARGE)
    assert (await hall.send(huge)).status_code == 413
    assert len(bodies) > 50
    assert await kept(hall) == before
    assert await hall.tocsin.open_incidents() == []


async def test_a_replay_is_answered_once(hall, teams):
    """Teams sends again what was not answered in time; so may others."""
    await hall.in_team()
    activity = teams.activity("alice", text="declare checkout fails sev:3")
    await hall.send(activity)
    standing = teams.room("a:alice")
    for _ in range(5):
        assert (await hall.send(activity)).status_code == 200
    assert len(await hall.tocsin.open_incidents()) == 1
    assert teams.room("a:alice") == standing
    answer = standing[0]
    pressed = teams.pressed("alice", answer, "Ack")
    shown = [(await hall.send(pressed)).json() for _ in range(5)]
    assert shown == [shown[0]] * 5
    told = await hall.tocsin.told()
    assert len([line for line in told if "acknowledged" in line]) <= 1


async def test_keys_are_asked_for_seldom_however_many_forgeries_come(hall, teams):
    """A stranger cannot make Tocsin ask the directory again and again."""
    await hall.say("alice", "help")
    for _ in range(20):
        token = teams.token("k2", kid="k2")
        assert (await hall.send(teams.activity("alice"), teams.headers(token))).status_code == 401
    assert teams.asked.count("GET /keys") == 1


async def test_a_key_of_another_channel_proves_nothing_here(hall, teams):
    """A key is published for the channels that it may sign for."""
    teams.endorsed = ("webchat",)
    answer = await hall.send(teams.activity("alice", text="help"))
    assert answer.status_code == 401


async def test_without_the_published_keys_nobody_is_believed(hall, teams):
    """Neither a broken answer nor none opens the door."""
    teams.published = ()
    assert (await hall.send(teams.activity("alice", text="help"))).status_code == 401
