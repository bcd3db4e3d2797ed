"""The channel after chat: who is written to, when, and what the letter says and does."""

import re

import httpx2
import pytest

from tests.fakes.conditions import HOUR, KAFKA_WARNS, MINUTE, SECOND, TRINO
from tests.fakes.mail_server import CUT, MailServer, mailing, words
from tests.fakes.outside import connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.fakes.web_client import web_client

CANARY = "zanzibar"


@pytest.fixture
async def mail(tocsin: Tocsin):
    async with mailing(tocsin) as server:
        yield server


async def paged(tocsin: Tocsin) -> list[str]:
    """Who has been paged for the first incident of a story, in order."""
    return [page.user for page in await tocsin.pages()]


async def answered(tocsin: Tocsin, mail: MailServer, person: str) -> httpx2.Response:
    """Follow the link in the person's newest letter and press its button."""
    (path,) = re.findall(r"/a/[\w=-]+", words(mail.to(person)[-1]))
    async with web_client(tocsin) as web:
        assert (await web.get(path)).status_code == 200
        answer = await web.post(path)
    await tocsin.settle()
    return answer


async def test_who_has_no_outside_chat_is_written_to_at_once(tocsin, mail):
    """And finds the page in the built-in chat too; one letter in five minutes is enough."""
    await tocsin.fire(TRINO)
    (letter,) = mail.to("bob")
    assert letter["Subject"] == "SEV2 38 % of queries fail on trino prod · INC-13"
    assert "You are on call for data-platform until" in words(letter)
    assert "Carol is paged at 12:05 unless you ack." in words(letter)
    assert any("INC-13" in one.text for one in await tocsin.dm("bob"))
    await tocsin.advance(4 * MINUTE + 59 * SECOND)
    assert len(mail.to("bob")) == 1
    assert mail.to("carol") == []


async def test_the_link_in_a_letter_answers_the_page(tocsin, mail):
    """Looking does nothing; pressing takes the incident, and nobody else is paged."""
    await tocsin.fire(TRINO)
    assert (await tocsin.incident()).responders == ()
    assert (await answered(tocsin, mail, "bob")).status_code == 303
    assert (await tocsin.incident()).responders == ("bob",)
    await tocsin.advance(20 * MINUTE)
    assert "carol" not in await paged(tocsin)


async def test_a_private_incident_leaves_nothing_but_its_number(tocsin, mail):
    """No title, no reason, no names, no call: only that there is one, and how to answer."""
    tocsin.settled(call_template="https://meet.example.com/{id}")
    line = f"/incident declare {CANARY} leaked sev:1 private:yes"
    await tocsin.say("alice", line)
    await tocsin.say("alice", f"/page @bob INC-13 {CANARY} again")
    (letter,) = mail.to("bob")
    assert letter["Subject"] == "Private SEV1 incident INC-13, open to read"
    assert CANARY not in letter.as_string()
    assert "meet.example.com" not in letter.as_string()
    assert words(letter).splitlines()[0] == letter["Subject"]
    assert words(letter).splitlines()[1].startswith("Answer this page (http://")


async def test_what_can_wait_is_written_after_a_quarter_of_an_hour(tocsin, mail):
    """In working hours: the chat first, a letter if nobody has looked, and nothing more."""
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(46 * HOUR)
    assert [len(mail.to("bob")), len(await tocsin.dm("bob"))] == [1, 1]
    (page,) = await tocsin.pages()
    assert [(ring.method, ring.at - page.created_at) for _, ring in await tocsin.rings()] == [
        ("chat", 0 * MINUTE),
        ("email", 15 * MINUTE),
    ]


async def test_what_was_answered_is_not_written(tocsin, mail):
    """The low page was seen in chat within ten minutes."""
    await tocsin.fire(KAFKA_WARNS)
    await tocsin.advance(45 * HOUR - 59 * MINUTE)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(HOUR)
    assert mail.letters == []


async def test_a_chat_that_refuses_gives_way_to_mail_at_once(tocsin, mail):
    """Bob's direct room is closed; he is reached, so carol has her five minutes."""
    slack = await connected(tocsin, "bob")
    slack.closed.add("D-U-bob")
    await tocsin.fire(TRINO)
    assert slack.room("D-U-bob") == []
    assert len(mail.to("bob")) == 1
    assert await paged(tocsin) == ["bob"]


@pytest.mark.parametrize("trouble", ["down", "busy"])
async def test_a_chat_that_does_not_answer_gives_way_within_half_a_minute(tocsin, mail, trouble):
    """Whether it says nothing or asks for ten minutes."""
    tocsin.forgiven |= {"ring_page", "show_card"}
    slack = await connected(tocsin, "bob")
    setattr(slack, trouble, {"down": True, "busy": 10 * MINUTE}[trouble])
    await tocsin.fire(TRINO)
    await tocsin.advance(30 * SECOND)
    assert len(mail.to("bob")) == 1
    assert await paged(tocsin) == ["bob"]


async def test_a_second_chat_comes_before_mail(tocsin, mail):
    """Bob is in Discord too."""
    slack = await connected(tocsin, "bob")
    discord = await connected(tocsin, "bob", platform="discord")
    slack.closed.add("D-U-bob")
    await tocsin.fire(TRINO)
    assert len(discord.room("D-U-bob")) == 1
    assert mail.to("bob") == []


async def test_where_mail_is_refused_too_the_next_one_is_paged_at_once(tocsin, mail):
    """The built-in chat shows the page, but nobody takes that for reaching bob."""
    slack = await connected(tocsin, "bob", "carol")
    slack.closed.add("D-U-bob")
    mail.at_recipient = ["550 no such user"]
    await tocsin.fire(TRINO)
    assert any("INC-13" in one.text for one in await tocsin.dm("bob"))
    assert len(slack.room("D-U-carol")) == 1
    assert await paged(tocsin) == ["bob", "carol"]


async def test_an_address_of_ones_own_comes_first(tocsin, mail):
    """Once it is verified; where it refuses, the next one is written to."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        mine = await unit.contacts.give("bob", "email", "bob@night.example")
        await unit.contacts.give("bob", "email", "bob@unverified.example")
        await unit.contacts.verify(mine.id)
    mail.at_recipient = ["550 mailbox full"]
    await tocsin.fire(TRINO)
    assert [one["To"] for one in mail.letters] == ["bob@example.com"]
    failed = [ring for _, ring in await tocsin.rings() if ring.result == "failed"]
    assert ["550 mailbox full" in str(ring.ref) for ring in failed] == [True]
    assert "night.example" not in str(failed)


async def test_a_lost_answer_of_the_mail_server_loses_nothing(tocsin, mail):
    """The letter may come twice, under one id."""
    tocsin.forgiven.add("ring_page")
    mail.after_data = [CUT]
    await tocsin.fire(TRINO)
    await tocsin.advance(10 * SECOND)
    assert len({one["Message-ID"] for one in mail.to("bob")}) == 1
    assert len(mail.to("bob")) == 2
    sent = [ring.method for _, ring in await tocsin.rings() if ring.result == "sent"]
    assert sent == ["email", "console"]


async def test_who_leaves_takes_their_addresses_along(tocsin, mail):
    """Contact data is kept until deactivation (rules.md 15)."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.contacts.give("bob", "email", "bob@night.example")
        await unit.people.deactivate("bob")
        assert await unit.contacts.of("bob") == ()


async def test_no_alert_writes_a_header(tocsin, mail):
    """Line breaks in a summary stay words."""
    evil = TRINO.model_copy(update={"summary": "down\r\nBcc: eve@example.com\r\n\r\nhello"})
    await tocsin.fire(evil)
    (letter,) = mail.to("bob")
    assert letter["Bcc"] is None
    assert mail.envelopes[0].rcpt_tos == ["bob@example.com"]
