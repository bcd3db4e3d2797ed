"""The loopback Messages API speaks as the real one does."""

import json
from pathlib import Path

import anthropic
import pytest

from tests.fakes.messages_api import good, messages_api, refusal, status

WIRE = Path("../shared/data/anthropic_wire")
recorded = pytest.mark.skipif(not WIRE.exists(), reason="no recorded Anthropic answers here")


def recorded_bodies(code):
    """Recorded JSON bodies of ``code``."""
    for path in WIRE.rglob("*.json"):
        for exchange in json.loads(path.read_text()):
            body = exchange["response"]["body"]
            if exchange["response"]["status_code"] == code and isinstance(body, dict):
                yield body


@recorded
def test_a_good_answer_has_the_recorded_shape():
    """Every field of ours is one that real answers have, with a value of the same type."""
    ours = json.loads(good("{}").body)
    real = [body for body in recorded_bodies(200) if body["content"][0]["type"] == "text"]
    assert real
    for body in real:
        assert ours.keys() == body.keys() - {"container", "context_management"}
        assert ours["content"][0].keys() <= body["content"][0].keys()
        both = ours["usage"].keys() & body["usage"].keys()
        assert {"input_tokens", "output_tokens"} <= both
        assert all(type(ours["usage"][key]) is type(body["usage"][key]) for key in both)


@recorded
@pytest.mark.parametrize("code", [400, 429])
def test_an_error_has_the_recorded_shape(code):
    """Our errors have the fields and the kind of recorded ones."""
    ours = json.loads(status(code).body)
    for body in recorded_bodies(code):
        assert ours.keys() == body.keys()
        assert ours["error"].keys() == body["error"].keys()
        assert ours["error"]["type"] == body["error"]["type"]


async def test_the_real_client_reads_it():
    """The official client parses good answers and refusals, and names errors."""
    async with (
        messages_api(good("hello"), refusal(), status(529)) as api,
        anthropic.AsyncAnthropic(api_key="k", base_url=api.url, max_retries=0) as client,
    ):

        async def ask():
            return await client.messages.create(
                model="claude-haiku-5-5", max_tokens=5, messages=[{"role": "user", "content": "?"}]
            )

        assert (await ask()).content[0].text == "hello"
        assert (await ask()).stop_reason == "refusal"
        with pytest.raises(anthropic.APIStatusError, match="529"):
            await ask()
    assert [request["max_tokens"] for request in api.requests] == [5, 5, 5]


async def test_it_refuses_what_the_api_refuses():
    """No key and no messages are errors, and are not recorded as sent."""
    async with messages_api(good("hello")) as api:
        client = anthropic.AsyncAnthropic(api_key="k", base_url=api.url, max_retries=0)
        async with client:
            with pytest.raises(anthropic.BadRequestError):
                await client.post("/v1/messages", body={"model": "m"}, cast_to=object)
            with pytest.raises(anthropic.NotFoundError):
                await client.post("/v1/other", body={}, cast_to=object)
    assert api.requests == []
