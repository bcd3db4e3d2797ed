"""Awake: further pages by direct message only. Quiet: what can wait waits a little longer."""

from dataclasses import dataclass, field, replace

import pytest

from domain.contact import ContactKind
from domain.escalation import Target
from domain.message import Message
from domain.plain import plain
from domain.receipt import NO_RECEIPT, Receipt
from tests.fakes.conditions import HOUR, KAFKA, KAFKA_WARNS, MINUTE, TRINO, TRINO_DOWN
from tests.fakes.mail_server import mailing
from tests.fakes.outside import connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


@dataclass
class Telephone:
    """A way that wakes: it keeps what it rang with."""

    kind: ContactKind = "sms"
    rang: list[str] = field(default_factory=list)

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Ring."""
        self.rang.append(plain(message).partition("\n")[0])
        return NO_RECEIPT

    async def probe(self) -> None:
        """It is always there."""


@pytest.fixture
async def telephone(tocsin: Tocsin) -> Telephone:
    """Bob's, verified; he has a chat too."""
    await connected(tocsin, "bob")
    made, worker = Telephone(), tocsin.parts.worker
    worker.ports = replace(worker.ports, notifiers={"sms": made})
    tocsin.settled(notifies=frozenset({"sms"}))
    async with tocsin.parts.store.write(SYSTEM) as unit:
        mine = await unit.contacts.give("bob", "sms", "+49301234567")
        await unit.contacts.verify(mine.id)
    return made


async def test_where_the_chat_keeps_silent_the_telephone_rings_at_once(tocsin, telephone):
    """The message is there all the same, and it rings no more often. A chat that does not say
    holds nothing up: then the telephone rings at its time."""
    chat = tocsin.parts.worker.ports.chats["slack"].chat.chat
    chat.silent.add("bob")
    await tocsin.fire(TRINO)
    assert len(telephone.rang) == 1
    first, *_, last = [ring for _, ring in await tocsin.rings()]
    assert (first.method, last.method, last.at) == ("chat", "sms", first.at)
    await tocsin.advance(MINUTE)
    assert len(telephone.rang) == 1
    await tocsin.press("bob", "INC-13", "Ack")
    chat.mute = True
    await tocsin.fire(KAFKA)
    assert len(telephone.rang) == 1
    await tocsin.advance(MINUTE)
    assert len(telephone.rang) == 2


async def test_awake_stops_the_telephone_for_further_pages(tocsin, telephone):
    """Not for the one that rings already; after the time it rings again."""
    await tocsin.fire(TRINO)
    pressed = await tocsin.press("bob", "INC-13", "I'm awake 60 min")
    assert "direct message only until" in pressed.text
    await tocsin.advance(MINUTE)
    assert len(telephone.rang) == 1
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.fire(KAFKA)
    await tocsin.advance(4 * MINUTE)
    assert len(telephone.rang) == 1
    assert [ring.method for _, ring in await tocsin.rings("INC-14")].count("chat") >= 2
    assert "Awake until" in (await tocsin.say("bob", "/me")).text


@pytest.mark.both
async def test_a_sev1_of_a_new_service_rings_all_the_same(tocsin, telephone):
    """One of a service that bob is at already does not."""
    await tocsin.say("bob", "/me awake 60m")
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    assert telephone.rang == []
    await tocsin.say("alice", "/incident declare trino answers nobody sev:1 service:trino")
    await tocsin.say("alice", "/page @bob INC-14 look")
    await tocsin.advance(MINUTE)
    assert telephone.rang == []
    await tocsin.say("alice", "/incident declare kafka has lost data sev:1 service:kafka")
    await tocsin.say("alice", "/page @bob INC-15 look")
    await tocsin.advance(MINUTE)
    assert ["INC-15" in one for one in telephone.rang] == [True]


async def test_who_goes_to_bed_is_rung_again(tocsin, telephone):
    """By every way, also for the page that came meanwhile; off works at once."""
    await tocsin.say("bob", "/me awake 2m")
    await tocsin.say("alice", "/incident declare kafka is slow sev:3")
    await tocsin.say("alice", "/page @bob INC-13 look")
    await tocsin.advance(2 * MINUTE)
    assert telephone.rang == []
    await tocsin.advance(4 * MINUTE)
    assert len(telephone.rang) == 1
    off = await tocsin.say("bob", "/me awake off")
    assert "by every way again" in off.text
    assert (await tocsin.say("bob", "/me awake 9h")).refused == "invalid"


async def test_who_is_awake_is_written_no_letter(tocsin):
    """The built-in chat reaches who has no other; one that refuses still gives way to mail."""
    async with mailing(tocsin) as mail:
        await tocsin.say("bob", "/me awake")
        await tocsin.fire(TRINO)
        assert mail.to("bob") == []
        assert [page.user for page in await tocsin.pages()] == ["bob"]
        await tocsin.press("bob", "INC-13", "Ack")
        await tocsin.advance(MINUTE)
        slack = await connected(tocsin, "bob")
        slack.closed.add("D-U-bob")
        await tocsin.fire(KAFKA)
        assert len(mail.to("bob")) == 1


async def test_what_can_wait_is_told_after_the_quiet_hours(tocsin):
    """Bob's clock says when; an urgent page does not ask."""
    await tocsin.say("bob", "/me timezone Berlin")
    kept = await tocsin.say("bob", "/me quiet 17-11")
    assert "Quiet hours 17:00-11:00 (Europe/Berlin)" in kept.text
    assert "Quiet hours 17:00-11:00" in (await tocsin.say("bob", "/me")).text
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(45 * HOUR + 59 * MINUTE)
    assert await tocsin.pages() == ()
    await tocsin.advance(2 * MINUTE)
    (page,) = await tocsin.pages()
    assert (page.user, f"{page.created_at:%a %H:%M}") == ("bob", "Mon 10:00")
    await tocsin.fire(TRINO_DOWN)
    assert [one.user for one in await tocsin.pages("INC-14")] == ["bob"]
    assert "no quiet hours" in (await tocsin.say("bob", "/me quiet off")).text
    assert "leaves nothing" in (await tocsin.say("bob", "/me quiet 8-20")).text


async def test_each_of_two_on_call_is_told_in_their_own_hours(tocsin):
    """Bob still sleeps when Carol's morning begins; his own is not forgotten over hers."""
    await rung_together(tocsin, "bob", "carol")
    await tocsin.say("bob", "/me timezone New York")
    await tocsin.say("carol", "/me timezone Berlin")
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(44 * HOUR)
    assert [page.user for page in await tocsin.pages()] == ["carol"]
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(6 * HOUR)
    assert [page.user for page in await tocsin.pages()] == ["carol", "bob"]


async def test_two_policies_page_the_same_people_in_one_order(tocsin):
    """However a policy names them: who decides about both never waits for who waits for them."""
    await rung_together(tocsin, "carol", "bob")
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["bob", "carol"]


async def rung_together(tocsin: Tocsin, *people: str) -> None:
    """The first step of data-platform names these, in this order."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        policy = await unit.catalog.policies.need("data-platform")
        targets = tuple(Target(kind="user", id=one) for one in people)
        first = policy.steps[0].model_copy(update={"targets": targets})
        steps = {"steps": (first, *policy.steps[1:])}
        await unit.catalog.policies.put(policy.model_copy(update=steps))


async def test_who_has_but_a_telephone_is_called_before_the_next_one(tocsin):
    """The built-in chat alone reaches nobody, but the telephone has its turn after a minute."""
    made, worker = Telephone(), tocsin.parts.worker
    worker.ports = replace(worker.ports, notifiers={"sms": made})
    tocsin.settled(notifies=frozenset({"sms"}))
    async with tocsin.parts.store.write(SYSTEM) as unit:
        mine = await unit.contacts.give("bob", "sms", "+49301234567")
        await unit.contacts.verify(mine.id)
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    assert len(made.rang) == 1
    assert [page.user for page in await tocsin.pages()] == ["bob"]
    await tocsin.advance(4 * MINUTE)
    assert [page.user for page in await tocsin.pages()] == ["bob", "carol"]
