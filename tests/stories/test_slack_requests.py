"""Requests that say they are Slack's: forged, stale, replayed, huge and malformed ones."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from storage.tables.chats import heard
from storage.tables.ledger import audit
from tests.fakes.local_slack import SECRET
from tests.fakes.slack_door import Sent, now, payload, sign, two
from tests.fakes.tocsin import Template, Tocsin, copy_file, opened
from tests.fakes.web_client import web_client

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NEXT = "the-next-signing-secret"
COMMAND = urlencode(
    {
        "command": "/incident",
        "text": "declare it fails",
        "user_id": "U0BOB",
        "channel_id": "C01GENERAL",
        "team_id": "T01TEST",
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1:9/x",
    }
).encode()
EVENT = json.dumps(
    {
        "type": "event_callback",
        "team_id": "T01TEST",
        "event_id": "Ev1",
        "event": {
            "type": "message",
            "channel_type": "im",
            "channel": "D1",
            "user": "U0BOB",
            "text": "declare it fails",
            "ts": "1.2",
        },
    }
).encode()
PRESSED: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0BOB"},
    "team": {"id": "T01TEST"},
    "trigger_id": "1.2.3",
    "channel": {"id": "C01GENERAL"},
    "actions": [{"type": "button", "action_id": "v1:incident.ack:INC-1", "block_id": "b"}],
}
PRESS = payload(**PRESSED)
SUBMIT = payload(
    type="view_submission",
    user={"id": "U0BOB"},
    team={"id": "T01TEST"},
    trigger_id="1.2.3",
    view={
        "id": "V1",
        "type": "modal",
        "callback_id": "v1:incident.declare:",
        "state": {"values": {}},
    },
)
BODIES = {"command": (COMMAND, FORM), "event": (EVENT, JSON)} | {
    "press": (PRESS, FORM),
    "form": (SUBMIT, FORM),
}


def stamped(made: Callable[[], str]) -> Callable[[bytes], Sent]:
    """Rightly signed, with a stamp that is made when it is sent."""

    def sent(body: bytes) -> Sent:
        stamp = made()
        return two(sign(body, stamp), stamp)

    return sent


FORGED: dict[str, Callable[[bytes], Sent]] = {
    "nothing": lambda body: [],
    "no signature": lambda body: two(None, now()),
    "no stamp": lambda body: two(sign(body, now()), None),
    "empty signature": lambda body: two("", now()),
    "empty stamp": lambda body: two(sign(body, ""), ""),
    "another secret": lambda body: two(sign(body, now(), "guess"), now()),
    "an empty secret": lambda body: two(sign(body, now(), ""), now()),
    "only the version": lambda body: two("v0=", now()),
    "no version": lambda body: two(sign(body, now())[3:], now()),
    "another version": lambda body: two("v1" + sign(body, now())[2:], now()),
    "truncated": lambda body: two(sign(body, now())[:-1], now()),
    "one more digit": lambda body: two(sign(body, now()) + "0", now()),
    "capitals": lambda body: two("v0=" + sign(body, now())[3:].upper(), now()),
    "not ascii": lambda body: two("v0=é".encode() * 20, now()),
    "zeros": lambda body: two("v0=" + "0" * 64, now()),
    "two signatures": lambda body: two("v0=" + "0" * 64, now()) + two(sign(body, now()), None),
    "the same one twice": lambda body: two(sign(body, now()), now()) + two(sign(body, now()), None),
    "two stamps": lambda body: two(sign(body, now()), now()) + two(None, now()),
    "two stamps, one old": lambda body: two(sign(body, now()), now()) + two(None, now(-9000)),
    "too old": stamped(lambda: now(-400)),
    "a day old": stamped(lambda: now(-86_400)),
    "from the future": stamped(lambda: now(400)),
    "from next year": stamped(lambda: now(31_536_000)),
    "zero": stamped(lambda: "0"),
    "negative": stamped(lambda: "-1"),
    "a sign before it": stamped(lambda: f"+{now()}"),
    "a fraction": stamped(lambda: f"{now()}.5"),
    "with an exponent": stamped(lambda: "1e9"),
    "no number": stamped(lambda: "nan"),
    "infinite": stamped(lambda: "inf"),
    "hexadecimal": stamped(lambda: hex(int(now()))),
    "with an underscore": stamped(lambda: "1_795_262_400"),
    "5,000 digits": stamped(lambda: "9" * 5_000),
    "words": stamped(lambda: "yesterday"),
    "not a digit of ours": lambda body: two(sign(body, now()), "١٢٣٤".encode()),
    "stamp of another request": lambda body: two(sign(body, now(-10)), now()),
    "another body": lambda body: two(sign(body + b" ", now()), now()),
    "no body signed": lambda body: two(sign(b"", now()), now()),
}


@pytest.fixture
async def tocsin(sqlite_template: Template, tmp_path: Path) -> AsyncIterator[Tocsin]:
    """A Tocsin that Slack can reach, and that cannot reach Slack."""
    url = copy_file(sqlite_template.url, tmp_path / "tocsin.db")
    told = {
        "slack.bot_token": "xoxb-1",
        "slack.signing_secret": f"{NEXT},{SECRET}",
        "slack.api_url": "http://127.0.0.1:9/api",
    }
    async with opened(url, tmp_path, sqlite_template.seeded, **told) as made:
        yield made
        await made.parts.platforms[0].close()


@pytest.fixture
async def door(tocsin: Tocsin) -> AsyncIterator[httpx2.AsyncClient]:
    """What Slack speaks to; an error inside would come out here."""
    async with web_client(tocsin) as client:
        yield client


async def post(
    door: httpx2.AsyncClient, body: bytes, kind: str, headers: Sent | None = None
) -> httpx2.Response:
    """Send ``body``, rightly signed where nothing else is said."""
    proof = two(sign(body, now()), now()) if headers is None else headers
    return await door.post(
        "/slack/events", content=body, headers=[(b"content-type", kind.encode()), *proof]
    )


async def stored(tocsin: Tocsin) -> tuple[int, int]:
    """How many rows a request could have left: in the replay table, and in the audit trail."""
    async with tocsin.looking() as unit:
        counts = [
            (await unit.scope.connection.execute(select(func.count()).select_from(table))).scalar()
            for table in (heard, audit)
        ]
    return int(counts[0] or 0), int(counts[1] or 0)


@pytest.mark.parametrize("kind", BODIES)
async def test_no_forged_or_stale_request_is_heard(tocsin, door, kind):
    """401, and nothing is stored: 38 ways for each of four kinds of request."""
    body, content_type = BODIES[kind]
    before = await stored(tocsin)
    assert len(FORGED) * len(BODIES) >= 128
    for name, forged in FORGED.items():
        answer = await post(door, body, content_type, forged(body))
        assert (answer.status_code, answer.content) == (401, b""), name
    assert await stored(tocsin) == before


async def test_each_of_two_secrets_counts_while_one_replaces_the_other(door):
    """And a request counts once, however fresh it is."""
    for body, content_type in BODIES.values():
        for secret in (SECRET, NEXT):
            proof = two(sign(body, now(), secret), now())
            assert (await post(door, body, content_type, proof)).status_code == 200
            assert (await post(door, body, content_type, proof)).status_code == 401


async def test_who_cannot_be_known_is_told_so(door):
    """Slack does not answer: the person learns that nothing was done."""
    answer = await post(door, COMMAND, FORM)
    assert "does not say who you are" in answer.json()["text"]
    assert answer.json()["response_type"] == "ephemeral"


async def test_the_address_is_confirmed(door):
    """As Slack asks when it is entered."""
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    assert (await post(door, body, JSON)).json() == {"challenge": "abc"}


MALFORMED = {
    "nothing": (b"", FORM),
    "no JSON": (b"{", JSON),
    "a list": (b"[]", JSON),
    "a number": (b"5", JSON),
    "null": (b"null", JSON),
    "nothing known": (b"{}", JSON),
    "another type": (b'{"type": "nonsense"}', JSON),
    "no event": (b'{"type": "event_callback"}', JSON),
    "an event that is none": (b'{"type": "event_callback", "event": 5}', JSON),
    "an event without fields": (
        b'{"type": "event_callback", "event": {"type": "message", "channel_type": "im"}}',
        JSON,
    ),
    "a mention of nobody": (
        b'{"type": "event_callback", "event": {"type": "app_mention", "ts": 5}}',
        JSON,
    ),
    "a reaction to nothing": (
        b'{"type": "event_callback", "event": {"type": "reaction_added"}}',
        JSON,
    ),
    "deeply nested": (b"[" * 100_000, JSON),
    "not UTF-8": (b"command=\xff\xfe", FORM),
    "not UTF-8 in JSON": (b'{"type": "\xff"}', JSON),
    "a NUL": (b'{"type": "\\u0000"}', JSON),
    "payload is no JSON": (b"payload={", FORM),
    "payload is a list": (b"payload=[]", FORM),
    "payload is a number": (b"payload=5", FORM),
    "a press of nothing": (payload(type="block_actions"), FORM),
    "a press by a number": (payload(type="block_actions", user=5, actions=[]), FORM),
    "a press without a button": (
        payload(type="block_actions", user={"id": "U1"}, trigger_id="1", actions=[]),
        FORM,
    ),
    "a form that is none": (payload(type="view_submission", view=[]), FORM),
    "a form without a person": (payload(type="view_submission", view={"callback_id": "x"}), FORM),
    "fields that are none": (
        payload(
            type="view_submission",
            user={"id": "U1"},
            trigger_id="1",
            view={"callback_id": "x", "state": {"values": {"a": 5}}},
        ),
        FORM,
    ),
    "a search for nothing": (payload(type="block_suggestion", action_id=5), FORM),
    "a shortcut to nowhere": (payload(type="message_action", callback_id="declare"), FORM),
    "a command by nobody": (b"command=/incident", FORM),
}


async def test_what_is_signed_and_malformed_is_refused(door):
    """400: never an error of ours."""
    for name, (body, content_type) in MALFORMED.items():
        assert (await post(door, body, content_type)).status_code == 400, name


async def test_a_huge_body_is_refused_before_it_is_looked_at(tocsin, door):
    """413, whether its size is declared or not."""
    huge = b"x" * (1024 * 1024 + 1)
    assert (await post(door, huge, FORM)).status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 65_536

    headers = two(sign(huge, now()), now())
    answer = await door.post("/slack/events", content=chunks(), headers=headers)
    assert answer.status_code == 413
    assert (await stored(tocsin))[0] == 0


async def test_another_method_is_none(door):
    """There is nothing to read there."""
    assert (await door.get("/slack/events")).status_code == 405


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(
    field=st.sampled_from(["user", "actions", "view", "channel", "message", "team"]), what=ANYTHING
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_payload_with_anything_in_a_field_is_no_error_of_ours(door, field, what):
    """Heard or refused."""
    body = payload(**(PRESSED | {field: what}))
    assert (await post(door, body, FORM)).status_code in (200, 400, 401)
