"""Web push as the standards have it: only the browser reads it, and the sender is proven."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from domain.errors import Gone, Permanent, Retry
from domain.message import Header, Message, Text, link, spans
from domain.web_push import subscription, unpacked
from integrations.notify.outside import Outside
from integrations.notify.sealed import Vapid, private_key, public_bytes, sealed
from integrations.notify.web_push import NAME, WebPush
from tests.fakes.one_request import CUT
from tests.fakes.push_service import FakePushService, push_service
from tests.fakes.stores import StillClock

CLOCK = StillClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
HERE = "https://tocsin.example.com"


def page(title: str = "SEV2 Trino queries failing · INC-42", pages: int = 1) -> Message:
    """A page as a letter."""
    acting = [
        spans("You are on call.  ", link("Answer this page", f"{HERE}/a/{n}")) for n in range(pages)
    ]
    read = spans(link("read the incident", f"{HERE}/incidents/INC-42"))
    lines = [Text(spans=one) for one in (*acting, read)]
    return Message(nodes=(Header(text=title), *lines), urgency="page")


@pytest.fixture
async def service():
    async with push_service(CLOCK) as made:
        yield made


def push(service: FakePushService) -> WebPush:
    """The real client."""
    return WebPush(service.vapid, service.outside, CLOCK)


def test_the_example_of_the_standard_comes_out_byte_for_byte():
    """RFC 8291, section 5 and appendix A: keys, salt and body as they stand there."""
    own = private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    to = subscription(
        "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV"
        "#BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ".BTBZMqHH6r4Tts7J_aSIgg"
    )
    body = sealed(
        b"When I grow up, I want to be a watermelon", to, own, unpacked("DGv6ra1nlYgDCS1FRnbzlw")
    )
    assert body == unpacked(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
        "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
        "gSxsj_Qulcy4a-fN"
    )
    assert public_bytes(own.public_key()) == body[21:86]


async def test_a_page_is_read_by_its_browser_alone(service):
    """The push service sees who sends, for how long and how urgent it is; a repeat is the same."""
    address = service.browser()
    receipt = await push(service).send(address, page(), "ring:p1:1:push:c1")
    assert receipt.id == "1"
    (shown,) = service.shown
    assert shown["title"] == "SEV2 Trino queries failing · INC-42"
    assert shown["body"] == "You are on call."
    assert shown["answer"] == {"label": "Ack", "url": f"{HERE}/a/0"}
    assert (shown["open"], shown["page"]) == (f"{HERE}/a/0", True)
    assert b"Trino" not in service.bodies[0]
    assert (service.headers[0]["urgency"], service.headers[0]["ttl"]) == ("high", "300")
    await push(service).send(address, page(), "ring:p1:1:push:c1")
    assert service.shown == [shown]
    await push(service).send(address, page(), "ring:p1:8:push:c1")
    (anew,) = service.shown
    assert (anew["tag"], anew["key"] != shown["key"]) == (shown["tag"], True)
    await push(service).send(address, page(pages=3), "bundle:b1:0:push:c1")
    listed = service.shown[-1]
    assert (listed["open"], "answer" in listed) == (f"{HERE}/incidents/INC-42", False)


async def test_the_longest_words_fit(service):
    """Whatever they are written in: a push service takes 4096 bytes."""
    address = service.browser()
    long = page("SEV2 " + "🔥" * 500, pages=40)
    await push(service).send(address, long, "ring:p1:1:push:c1")
    assert len(service.bodies[0]) <= 4096
    assert len(json.dumps(service.shown[0], ensure_ascii=False).encode()) <= 3993


@pytest.mark.parametrize(
    ("status", "raised"),
    [(429, Retry), (503, Retry), (CUT, Retry), (413, Permanent), (404, Gone), (410, Gone)],
)
async def test_what_a_refusal_means(service, status, raised):
    """A browser that is gone is told apart from one that is not let in now."""
    service.answers = [status]
    with pytest.raises(raised):
        await push(service).send(service.browser(), page(), "ring:p1:1:push:c1")


async def test_another_sender_is_not_let_in(service):
    """Nor one whose proof is for another service: the browser knows whom it asked."""
    other = Vapid(key=SecretStr("A" * 42 + "E"), subject="mailto:x@example.com")
    with pytest.raises(Permanent, match="said 403"):
        await WebPush(other, service.outside, CLOCK).send(service.browser(), page(), "k:1")
    address = service.browser().replace("127.0.0.1", "localhost")
    outside = Outside(NAME, frozenset({"localhost"}))
    with pytest.raises(Permanent, match="said 403"):
        await WebPush(service.vapid, outside, CLOCK).send(address, page(), "k:1")
    await push(service).probe()


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/push/0",
        "https://[::ffff:10.0.0.1]/push/0",
        "https://169.254.169.254/push/0",
        "http://93.184.215.14/push/0",
    ],
)
async def test_nothing_is_posted_inside_or_without_tls(service, address):
    """However it is written, and whoever says that it is a push service."""
    keys = service.browser().partition("#")[2]
    with pytest.raises((Permanent, Retry)):
        await WebPush(service.vapid, Outside(NAME), CLOCK).send(f"{address}#{keys}", page(), "k:1")


async def test_what_is_no_subscription_is_refused(service):
    """Also where its key is no point of the curve."""
    for wrong in ("https://push.example.com/x", f"{service.browser()}x"):
        with pytest.raises(Permanent, match="no subscription"):
            await push(service).send(wrong, page(), "k:1")
    off = "BA" + "A" * 85
    with pytest.raises(Permanent, match="key is none"):
        await push(service).send(
            f"https://push.example.com/x#{off}.AAAAAAAAAAAAAAAAAAAAAA", page(), "k:1"
        )
