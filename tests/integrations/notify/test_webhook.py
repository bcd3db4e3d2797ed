"""Signed webhooks: what arrives, and where nothing is ever posted to."""

import asyncio
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from domain.errors import Permanent, Retry
from domain.message import Header, Message, Text, link, sentence, spans
from integrations.notify.webhook import Webhook, WebhookTerms
from tests.fakes.one_request import CUT
from tests.fakes.stores import StillClock
from tests.fakes.webhook_receiver import KEY, webhook_receiver

CLOCK = StillClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
PAGE = Message(
    nodes=(
        Header(text="SEV2 Trino queries failing · INC-42"),
        Text(spans=spans(link("Answer this page", "https://tocsin.example.com/a/code"))),
    ),
    urgency="page",
)


@pytest.fixture
async def receiver():
    async with webhook_receiver() as made:
        yield made


async def test_a_repeat_has_the_same_id_and_every_post_is_signed(receiver):
    """With a secret of that address alone, which comes with the code."""
    webhook = Webhook(receiver.terms, CLOCK)
    await webhook.send(receiver.address, sentence("The code is ABCD-2345"), "contact-code:1")
    assert receiver.secret.startswith("whsec_")
    for key in ("ring:p1:2", "ring:p1:2", "ring:p1:9"):
        await webhook.send(receiver.address, PAGE, key)
    assert receiver.posts == 4
    assert [one["type"] for one in receiver.heard] == ["message", "page", "page"]
    terms = receiver.terms
    assert terms.secret(receiver.address) != terms.secret(f"{receiver.address}x")


@pytest.mark.parametrize(("status", "raised"), [(429, Retry), (CUT, Retry), (302, Permanent)])
async def test_what_a_refusal_means(receiver, status, raised):
    """Its words are kept nowhere: the address may stand in them."""
    webhook = Webhook(receiver.terms, CLOCK)
    await webhook.send(receiver.address, PAGE, "contact-code:1")
    receiver.answers = [status]
    with pytest.raises(raised) as refused:
        await webhook.send(receiver.address, PAGE, "k")
    assert "127.0.0.1" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://169.254.169.254/latest/meta-data",
        "http://93.184.215.14/x",
        "file:///etc/passwd",
    ],
)
async def test_nothing_is_posted_inside_or_without_tls(address):
    """However it is written."""
    with pytest.raises((Permanent, Retry)):
        await Webhook(WebhookTerms(key=SecretStr(KEY)), CLOCK).send(address, PAGE, "k")


async def test_the_answer_is_never_read_and_none_is_asked_to_be_packed():
    """However long or often packed it is: an address of somebody's own may answer anything."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9999999999\r\n\r\n"
        writer.write(head + b"no gzip at all")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        terms = WebhookTerms(key=SecretStr(KEY), hosts=frozenset({"127.0.0.1"}), outside=False)
        await Webhook(terms, CLOCK).send(f"http://127.0.0.1:{port}/x", PAGE, "k")
    assert b"accept-encoding: identity\r\n" in heard[0].lower()
