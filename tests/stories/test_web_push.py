"""Pages as notifications of a browser that asked for them on its own page."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from domain.call import Call, Origin, Reply
from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.outside import connected
from tests.fakes.push_service import FakePushService, pushing_browsers
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.fakes.twilio_api import texting
from tests.fakes.web_client import web_client

NUMBER = "+491511234567"


@pytest.fixture
async def service(tocsin: Tocsin) -> AsyncIterator[FakePushService]:
    """A push service; bob has a chat."""
    await connected(tocsin, "bob")
    async with pushing_browsers(tocsin) as made:
        yield made


async def asks(tocsin: Tocsin, address: str, command: str = "me contact-add") -> Reply:
    """What bob's browser posts from its page."""
    args = {"kind": "push", "address": address} if command.endswith("add") else {"which": address}
    origin = Origin(surface="web")
    call = Call(command=command, args=args, actor=await tocsin.actor("bob"), origin=origin)
    reply = await tocsin.parts.dispatch(call)
    await tocsin.settle()
    return reply


@pytest.mark.both
async def test_a_browser_that_asked_shows_the_page_at_once(tocsin, service):
    """With the chat; its link answers. It wakes nobody, and says so."""
    address = service.browser()
    assert (await asks(tocsin, address)).refused == ""
    shown = (await tocsin.say("bob", "/me contact")).text
    assert "Web push 127.0.0.1/…" in shown
    assert "silent in Do Not Disturb" in shown
    assert address not in str([shown, await tocsin.audited()])
    await tocsin.fire(TRINO)
    (page,) = service.shown
    assert page["title"] == "SEV2 38 % of queries fail on trino prod · INC-13"
    async with web_client(tocsin) as web:
        path = urlsplit(page["answer"]["url"]).path
        assert (await web.get(path)).status_code == 200
        assert (await web.post(path)).status_code == 303
    await tocsin.settle()
    assert (await tocsin.incident()).responders == ("bob",)
    assert (await asks(tocsin, address, "me contact-remove")).refused == ""
    assert "Web push" not in (await tocsin.say("bob", "/me contact")).text


async def test_a_browser_that_is_gone_forgets_itself_and_gives_way(tocsin, service):
    """At once, to what wakes; nothing is sent there again, and a test tells it too."""
    async with texting(tocsin) as twilio:
        await asks(tocsin, service.browser())
        await asks(tocsin, service.browser())
        async with tocsin.parts.store.write(SYSTEM) as unit:
            mine = await unit.contacts.give("bob", "sms", NUMBER)
            await unit.contacts.verify(mine.id)
        service.gone = {0}
        answer = await tocsin.say("bob", "/me test push")
        assert "SMS" not in answer.text
        assert "Web push" in answer.text
        assert len(service.shown) == 1
        assert (await tocsin.say("bob", "/me contact")).text.count("Web push") == 1
        service.gone = {0, 1}
        await tocsin.fire(TRINO)
        assert len(twilio.to(NUMBER)) == 1
        assert "Web push" not in (await tocsin.say("bob", "/me contact")).text
        told = [ring for _, ring in await tocsin.rings() if ring.method == "push"]
        assert ["wants none any more" in one.ref["error"] for one in told] == [True]
        await tocsin.advance(5 * MINUTE)
        assert len([one for _, one in await tocsin.rings() if one.method == "push"]) == 1
        await tocsin.say("bob", "/page ack 13")


async def test_who_has_a_browser_alone_is_waited_for(tocsin):
    """It rings at the same moment as the built-in chat, so nobody else is paged before time."""
    async with pushing_browsers(tocsin) as service:
        await asks(tocsin, service.browser())
        await tocsin.fire(TRINO)
        assert len(service.shown) == 1
        await tocsin.advance(4 * MINUTE)
        assert [page.user for page in await tocsin.pages()] == ["bob"]
        await tocsin.advance(MINUTE)
        assert [page.user for page in await tocsin.pages()] == ["bob", "carol"]


async def test_only_a_browser_asks(tocsin, service):
    """In a chat it is told where; what is no subscription is refused, and kept nowhere."""
    told = await tocsin.say("bob", f"/me contact add push {service.browser()}")
    assert "Open http://127.0.0.1:8000/me/push in the browser" in told.text
    assert (await asks(tocsin, "https://push.example.com/x")).refused == "invalid"
    assert "no verified way" in (await tocsin.say("bob", "/me test push")).text.casefold()
    assert service.bodies == []
