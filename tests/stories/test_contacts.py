"""One's own contact methods: added, shown to be one's own, and let go again."""

import re
from email.message import EmailMessage

import httpx2
import pytest
from sqlalchemy import select

from domain.actor import Role
from storage.tables import metadata
from tests.fakes.codes import code_in
from tests.fakes.conditions import HOUR, MINUTE, SECOND, TRINO
from tests.fakes.mail_server import MailServer, mailing, words
from tests.fakes.outside import connected
from tests.fakes.tocsin import Tocsin
from tests.fakes.web_client import web_client

ADDRESS = "bob@night.example"


@pytest.fixture
async def mail(tocsin: Tocsin):
    async with mailing(tocsin) as server:
        yield server


def newest_code(mail: MailServer) -> str:
    """What stands in the newest letter."""
    return code_in(words(mail.letters[-1]))


async def everything(tocsin: Tocsin) -> str:
    """All that is stored, but for the addresses themselves and where codes go."""
    async with tocsin.looking() as unit:
        tables = [one for one in metadata.sorted_tables if one.name != "contact_methods"]
        return str([(await unit.scope.connection.execute(select(one))).all() for one in tables])


async def test_an_address_counts_once_its_code_has_come_back(tocsin, mail):
    """Then it is the first that a page goes to; the code works once."""
    added = await tocsin.say("bob", f"/me contact add email {ADDRESS}")
    assert "b…@night.example" in added.text
    assert mail.letters[-1]["To"] == ADDRESS
    assert "Bob wants to be paged at this address" in words(mail.letters[-1])
    code = newest_code(mail)
    shown = await tocsin.say("bob", "/me contact")
    assert "E-mail b…@night.example: not verified, so no page goes there" in shown.text
    verified = await tocsin.say("bob", f"/me contact verify {code.lower().replace('-', ' ')}")
    assert "E-mail b…@night.example is verified" in verified.text
    assert "used already" in (await tocsin.say("bob", f"/me contact verify {code}")).text
    (told,) = mail.to("bob")
    assert "Pages for Bob go to b…@night.example too from now on." in words(told)
    await tocsin.fire(TRINO)
    assert [one["To"] for one in mail.letters[2:]] == [ADDRESS]
    shown = await tocsin.say("bob", "/me contact")
    assert "Not wakeable: chat and e-mail only" in shown.text
    assert "E-mail b…@night.example: does not wake you" in shown.text


async def test_nobody_is_paged_at_an_address_that_is_not_verified(tocsin, mail):
    """Not by a page, and not when everything else refuses."""
    await tocsin.say("bob", "/me contact add email stranger@elsewhere.example")
    slack = await connected(tocsin, "bob")
    slack.closed.add("D-U-bob")
    mail.at_recipient = ["550 no such user"]
    await tocsin.fire(TRINO)
    paged = [one["To"] for one in mail.letters if "INC-13" in one["Subject"]]
    assert paged == ["carol@example.com"]


@pytest.mark.both
async def test_a_code_lasts_ten_minutes_and_five_tries(tocsin, mail):
    """A new one makes the old one useless; somebody else's is none."""
    await tocsin.say("bob", f"/me contact add email {ADDRESS}")
    first = newest_code(mail)
    shown = await tocsin.say("bob", "/me contact")
    await tocsin.press("bob", shown, "Send a new code")
    assert "has expired" in (await tocsin.say("bob", f"/me contact verify {first}")).text
    for _ in range(5):
        wrong = await tocsin.say("bob", "/me contact verify AAAA-2222")
        assert wrong.refused == "not_found"
    second = newest_code(mail)
    assert "has expired" in (await tocsin.say("bob", f"/me contact verify {second}")).text
    await tocsin.press("bob", shown, "Send a new code")
    third = newest_code(mail)
    assert (await tocsin.say("carol", f"/me contact verify {third}")).refused == "not_found"
    await tocsin.advance(10 * MINUTE)
    assert "has expired" in (await tocsin.say("bob", f"/me contact verify {third}")).text


async def test_nobody_fills_a_mailbox_with_codes(tocsin, mail):
    """Five letters in an hour."""
    for number in range(5):
        await tocsin.say("bob", f"/me contact add email bob{number}@night.example")
    sixth = await tocsin.say("bob", "/me contact add email bob6@night.example")
    assert "codes went out within an hour" in sixth.text
    assert len(mail.letters) == 5
    await tocsin.advance(HOUR)
    assert not (await tocsin.say("bob", "/me contact add email bob6@night.example")).refused


async def test_a_letter_that_is_refused_is_shown_where_one_looks(tocsin, mail):
    """Without the address, which servers like to repeat."""
    mail.at_recipient = [f"550 5.1.1 <{ADDRESS}> unknown"]
    await tocsin.say("bob", f"/me contact add email {ADDRESS}")
    shown = await tocsin.say("bob", "/me contact")
    assert "the code was refused: the mail server said 550 5.1.1" in shown.text
    told = [one.text for one in await tocsin.dm("bob") if "did not get through" in one.text]
    assert ["b…@night.example" in one for one in told] == [True]
    assert ADDRESS not in await everything(tocsin)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/me contact add email not an address", "is no e-mail address"),
        ("/me contact add email bob@example.com", "An admin gave you that address"),
        ("/me contact add phone 030 1234", "is no phone number; type it like +49"),
        (
            "/me contact add pigeon coo",
            "Kind: type email, phone, ntfy, pagerduty, push, pushover, sms, voice or webhook",
        ),
        ("/me contact remove phone", "You gave no such address"),
    ],
)
async def test_what_does_not_fit_is_said(tocsin, mail, line, told):
    """And nothing is sent."""
    answer = await tocsin.say("bob", line)
    assert answer.refused
    assert told in answer.text
    assert mail.letters == []


async def test_without_a_mail_server_no_address_can_be_added(tocsin):
    """Nobody could be asked whether it is theirs."""
    answer = await tocsin.say("bob", f"/me contact add email {ADDRESS}")
    assert "E-mail is not set up here" in answer.text


async def test_a_phone_number_rings_nobody(tocsin):
    """It is kept for people; it makes nobody wakeable and is no way to them."""
    added = await tocsin.say("bob", "/me contact add phone +49 30 1234567")
    assert "Phone +49…67 is kept. Nothing rings it" in added.text
    shown = await tocsin.say("bob", "/me contact")
    assert "Phone +49…67: for people only" in shown.text
    assert "Not wakeable: chat only" in shown.text
    await tocsin.fire(TRINO)
    assert {ring.method for _, ring in await tocsin.rings()} == {"chat"}
    await tocsin.press("bob", shown, "Remove")
    assert "+49…67" not in (await tocsin.say("bob", "/me contact")).text


@pytest.mark.both
async def test_addresses_stand_nowhere_but_where_they_are_kept(tocsin, mail):
    """Not in rooms, facts, jobs, answers or the audit trail; typed in public they are refused."""
    public = await tocsin.say("bob", f"@tocsin me contact add email {ADDRESS}")
    assert "delete the message above" in public.text
    async with tocsin.looking() as unit:
        assert await unit.contacts.of("bob") == ()
    told = [f"me contact add email {ADDRESS}", "me contact add phone +49 30 1234567"]
    for line in told:
        await tocsin.say("carol", line, room="dm-carol")
    await tocsin.say("carol", f"/me contact verify {newest_code(mail)}")
    await tocsin.say("carol", "/me contact")
    stored = (await everything(tocsin)).replace(public_words(), "")
    assert ADDRESS not in stored
    assert "1234567" not in stored
    assert {"contact_added", "contact_verified"} <= {row.action for row in await tocsin.audited()}
    await tocsin.say("carol", f"/me contact remove {ADDRESS}")
    await tocsin.say("carol", "/me contact remove +49 (30) 123-4567")
    async with tocsin.looking() as unit:
        assert await unit.contacts.of("carol") == ()


def public_words() -> str:
    """What bob himself wrote where everybody reads, which he was told to delete."""
    return f"me contact add email {ADDRESS}"


async def test_one_never_sees_the_methods_of_another(tocsin, mail):
    """Neither in /me contact nor by a remove that guesses."""
    await tocsin.say("bob", f"/me contact add email {ADDRESS}")
    assert "night.example" not in (await tocsin.say("dave", "/me contact")).text
    assert (await tocsin.say("dave", f"/me contact remove {ADDRESS}")).refused == "not_found"
    async with tocsin.looking() as unit:
        assert len(await unit.contacts.of("bob")) == 1


@pytest.mark.both
async def test_a_test_rings_every_verified_way_and_says_what_came_of_it(tocsin, mail):
    """At once in the answer, then in the direct room, and at last in what was confirmed."""
    slack = await connected(tocsin, "bob")
    discord = await connected(tocsin, "bob", platform="discord")
    discord.closed.add("D-U-bob")
    await tocsin.say("bob", f"/me contact add email {ADDRESS}")
    begun = await tocsin.say("bob", "/me test")
    assert begun.text.count("… is being tried") == 4
    rung = [one for one in slack.room("D-U-bob") if one.text.startswith("TEST for Bob")]
    (shown,) = [one for one in slack.room("D-U-bob") if one not in rung]
    assert len(rung) == 1
    assert "Slack ✔ accepted it" in shown.text
    assert "Discord ✖ refused it: channel_not_found" in shown.text
    assert "E-mail b…@example.com ✔ accepted it" in shown.text
    assert "night.example" not in shown.text
    await tocsin.press("bob", "TEST for Bob", "I got it")
    assert "The built-in chat ✔ you got it after 0 s" in shown.text
    await tocsin.advance(30 * SECOND)
    letter = mail.to("bob")[-1]
    assert letter["Subject"] == "TEST for Bob: is this heard?"
    assert (await confirmed(tocsin, letter)).status_code == 303
    assert "E-mail b…@example.com ✔ you got it after 30 s" in shown.text
    after = await tocsin.say("bob", "/me contact")
    assert "Discord: does not wake you · refused a test" in after.text
    assert "E-mail b…@example.com: does not wake you · last confirmed" in after.text
    assert "Slack: does not wake you · never confirmed" in after.text
    assert "reach_confirmed" in {row.action for row in await tocsin.audited()}


async def confirmed(tocsin: Tocsin, letter: EmailMessage) -> httpx2.Response:
    """Follow the link of a test letter, twice, and press its button."""
    (path,) = set(re.findall(r"/a/test/[\w=-]+", words(letter)))
    async with web_client(tocsin) as web:
        assert "Did this reach you?" in (await web.get(path)).text
        assert "I got it" in (await web.get(path)).text
        answer = await web.post(path)
        assert "it reaches you" in (await web.get(path)).text
        assert (await web.get("/a/test/none-such")).status_code == 404
    await tocsin.settle()
    return answer


async def test_a_test_belongs_to_who_asked_for_it(tocsin):
    """Nobody confirms for another, and rounds have a minute between them."""
    await tocsin.say("bob", "/me test")
    async with tocsin.looking() as unit:
        (test,) = await unit.reach_tests.of("bob")
    assert (await tocsin.say("carol", f"/me got {test.id}")).refused == "not_found"
    assert "less than a minute ago" in (await tocsin.say("bob", "/page test me")).text
    await tocsin.advance(MINUTE)
    assert not (await tocsin.say("bob", "/me test")).refused


async def test_a_test_goes_by_another_chat_where_one_refuses_its_results(tocsin):
    """The card stands where it can be read."""
    slack = await connected(tocsin, "bob")
    slack.closed.add("D-U-bob")
    tocsin.forgiven.add("show_tests")
    await tocsin.say("bob", "/me test")
    assert "Slack ✖ refused it" in (await tocsin.dm("bob"))[-1].text


async def test_a_number_is_no_longer_shown_once_somebody_has_it(tocsin):
    """Nor is that of who has said that they cannot, or was paged for something else."""
    await tocsin.hire("erin", Role.RESPONDER)
    for who, number in (("bob", "1234567"), ("carol", "2345678"), ("erin", "3456789")):
        await tocsin.say(who, f"/me contact add phone +49 30 {number}")
    await tocsin.fire(TRINO)
    await tocsin.say("alice", "/page @erin INC-13 look")
    await tocsin.advance(10 * MINUTE)
    await tocsin.say("bob", "/page pass 13", room="dm-bob")
    shown = await tocsin.say("alice", "/incident phones INC-13")
    assert [one in shown.text for one in ("1234567", "2345678", "3456789")] == [False, True, False]
    await tocsin.say("alice", "/incident ack INC-13")
    assert (await tocsin.say("alice", "/incident phones INC-13")).refused == "invalid"
    await tocsin.say("alice", "/page back 13", room="dm-alice")
    assert (await tocsin.incident()).status == "triggered"
    assert (await tocsin.say("alice", "/incident phones INC-13")).refused == "invalid"


async def test_numbers_are_shown_to_responders_where_nobody_has_answered(tocsin):
    """To them alone, each time on record; afterwards they can be taken back everywhere."""
    await tocsin.say("bob", "/me contact add phone +49 30 1234567")
    await tocsin.fire(TRINO)
    early = await tocsin.say("carol", "/incident phones INC-13")
    assert "only where nobody has answered" in early.text
    await tocsin.advance(10 * MINUTE)
    (announced,) = [
        one
        for one in await tocsin.room("alerts-data-platform")
        if "Show phone numbers (only you)" in one.labels
    ]
    assert "1234567" not in announced.text
    await tocsin.hire("erin", Role.RESPONDER)
    stranger = await tocsin.press("erin", announced, "Show phone numbers")
    assert "press “I've got it” first" in stranger.text
    assert (await tocsin.press("dave", announced, "Show phone numbers")).refused == "not_allowed"
    shown = await tocsin.press("carol", announced, "Show phone numbers")
    assert "Bob: +49301234567" in shown.text
    assert "Alice: no number given" in shown.text
    assert shown.private
    audited = [(row.by, row.subject) for row in await tocsin.audited() if "phones" in row.action]
    assert [one for one in audited if one == ("carol", "incident:INC-13")] == audited[-1:]
    assert "1234567" not in str([one.text for one in await tocsin.room("alerts-data-platform")])
    await tocsin.say("bob", "/me contact remove phone")
    assert "1234567" not in await everything(tocsin)
