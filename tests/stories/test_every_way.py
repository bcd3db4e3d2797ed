"""What holds for every way to a person beside chat and e-mail: a lost answer loses no page and
doubles it only where nothing tells a repeat; an answer ends it; a private incident stays one."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import pytest

from domain.contact import ContactKind
from integrations.notify.voice import Voice
from tests.fakes.conditions import MINUTE, SECOND, TRINO
from tests.fakes.notifiers import reach_by
from tests.fakes.ntfy_server import notifying
from tests.fakes.one_request import CUT
from tests.fakes.outside import connected
from tests.fakes.pagerduty_events import KEY, paging_there
from tests.fakes.push_service import pushing_browsers
from tests.fakes.pushover_api import BOB, pushing
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.fakes.twilio_api import texting, twilio_api
from tests.fakes.webhook_receiver import receiving

NUMBER = "+491511234567"
CANARY = "zanzibar"


@asynccontextmanager
async def calling(tocsin: Tocsin):
    """An account by which a Tocsin calls."""
    async with twilio_api() as api:
        reach_by(tocsin, Voice(api.account))
        yield api


class Way(NamedTuple):
    """How its other end is set up, where bob is there, when it rings, what it takes for a lost
    answer, what it shows, and whether it knows a repeat."""

    kind: ContactKind
    opens: Callable[[Tocsin], AbstractAsyncContextManager[Any]]
    address: Callable[[Any], str]
    minute: int
    cut: Any
    shown: Callable[[Any], list[Any]]
    knows_repeats: bool


WAYS = (
    Way("sms", texting, lambda _: NUMBER, 1, (CUT, {}), lambda end: end.sent, False),
    Way("voice", calling, lambda _: NUMBER, 2, (CUT, {}), lambda end: end.called, False),
    Way("pushover", pushing, lambda _: BOB, 1, (CUT, {}), lambda end: end.sent, False),
    Way("ntfy", notifying, lambda _: "bobs", 1, (CUT, ""), lambda end: end.at("bobs"), True),
    Way("pagerduty", paging_there, lambda _: KEY, 1, (CUT, {}), lambda end: end.open_ones, True),
    Way("push", pushing_browsers, lambda end: end.browser(), 0, CUT, lambda end: end.shown, True),
    Way("webhook", receiving, lambda end: end.address, 1, CUT, lambda end: end.heard, True),
)


@asynccontextmanager
async def ringing(tocsin: Tocsin, way: Way):
    """Bob has a chat and this way, verified."""
    await connected(tocsin, "bob")
    async with way.opens(tocsin) as end:
        async with tocsin.parts.store.write(SYSTEM) as unit:
            mine = await unit.contacts.give("bob", way.kind, way.address(end))
            await unit.contacts.verify(mine.id)
        if way.kind == "webhook":
            end.secret = end.terms.told(end.address)
        yield end


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.kind)
async def test_a_lost_answer_loses_nothing_and_an_answer_ends_it(tocsin, way):
    """It took the page and hung up: nobody knows, so it is sent again under the same key."""
    tocsin.forgiven.add("ring_page")
    async with ringing(tocsin, way) as end:
        end.answers = [way.cut]
        await tocsin.fire(TRINO)
        await tocsin.advance(way.minute * MINUTE + 30 * SECOND)
        assert len(way.shown(end)) == (1 if way.knows_repeats else 2)
        sent = [ring for _, ring in await tocsin.rings() if ring.method == way.kind]
        assert [(one.result, bool(one.receipt)) for one in sent] == [("sent", True)]
        before = len(way.shown(end))
        await tocsin.press("bob", "INC-13", "Ack")
        await tocsin.advance(20 * MINUTE)
        assert len(way.shown(end)) == before


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.kind)
async def test_a_private_incident_stays_one(tocsin, way):
    """Whatever can be read there says that there is one (rules.md 2)."""
    async with ringing(tocsin, way) as end:
        await tocsin.say("alice", f"/incident declare {CANARY} leaked sev:1 private:yes")
        await tocsin.say("alice", f"/page @bob INC-13 {CANARY} again")
        await tocsin.advance(way.minute * MINUTE)
        (shown,) = way.shown(end)
        assert "Private SEV1 incident INC-13" in str(shown)
        assert CANARY not in str(shown)
