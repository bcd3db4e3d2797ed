"""E-mail through a real mail server: what arrives, and what each answer of the server means."""

from pathlib import Path

import pytest

from domain.contact import email_address
from domain.errors import Permanent, Retry
from domain.message import Header, Message, Text, link, spans
from integrations.notify.email import Email, mail_server
from tests.fakes import mail_server as fakes
from tests.fakes.mail_server import CUT, PASSWORD, USER, MailServer
from tests.fakes.stores import NOON, StillClock

BOB = "bob@example.com"


def page(
    title: str = "SEV2 Trino queries failing · INC-42", said: str = "You are on call."
) -> Message:
    """A page as a letter."""
    acting = spans(link("Answer this page", "https://tocsin.example.com/a/code"))
    nodes = (Header(text=title, tone="danger"), Text(spans=spans(said)), Text(spans=acting))
    return Message(nodes=nodes, urgency="page")


@pytest.fixture
async def server():
    async with fakes.mail_server() as made:
        yield made


def email(server: MailServer) -> Email:
    return Email(mail_server(server.url), StillClock())


async def test_a_page_arrives_as_text_and_html(server):
    """The subject is the lock-screen line; both parts hold the words and the link."""
    await email(server).send(BOB, page(), "ring:p1:0:email")
    (letter,) = server.letters
    text, html = [part.get_content() for part in letter.iter_parts()]
    assert letter["Subject"] == "SEV2 Trino queries failing · INC-42"
    assert (letter["To"], letter["From"]) == (BOB, "Tocsin <tocsin@127.0.0.1>")
    assert letter["Date"].datetime == NOON
    assert (letter["Importance"], letter["Auto-Submitted"]) == ("high", "auto-generated")
    assert "Answer this page (https://tocsin.example.com/a/code)" in text
    assert (
        '<a href="https://tocsin.example.com/a/code" rel="noreferrer">Answer this page</a>' in html
    )
    assert server.envelopes[0].rcpt_tos == [BOB]


async def test_a_repeat_has_the_same_message_id(server):
    """And another key another one."""
    for key in ("ring:p1:0:email", "ring:p1:0:email", "ring:p1:9:email"):
        await email(server).send(BOB, page(), key)
    first, again, other = [letter["Message-ID"] for letter in server.letters]
    assert first == again != other
    assert first.endswith("@127.0.0.1>")


@pytest.mark.parametrize(
    "title",
    [
        "down\r\nBcc: eve@example.com",
        "down\nContent-Type: text/html\n\n<script>",
        "down\x00\u2028Bcc: eve@example.com",
        "=?utf-8?q?down=0ABcc:_eve@example.com?=",
        "ünïcödé 🔥 " * 60,
    ],
)
async def test_no_title_becomes_a_header(server, title):
    """Whatever alerts say, the letter has the headers that Tocsin gave it."""
    await email(server).send(BOB, page(title), "k")
    (letter,) = server.letters
    assert sorted(set(letter.keys())) == [
        "Auto-Submitted", "Content-Type", "Date", "From", "Importance", "MIME-Version",
        "Message-ID", "Subject", "To",
    ]  # fmt: skip
    assert server.envelopes[0].rcpt_tos == [BOB]
    assert "\n" not in letter["Subject"]


async def test_html_of_an_alert_stays_text(server):
    """Markup and addresses that run are shown as words."""
    await email(server).send(BOB, page("<img src=x onerror=alert(1)>", "<script>1</script>"), "k")
    html = list(server.letters[0].iter_parts())[1].get_content()
    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.parametrize("address", ["bob", "", "bob@example.com, eve@example.com", "a@b\r\nX: y"])
async def test_what_is_no_address_is_refused(server, address):
    """Before anything is sent."""
    with pytest.raises(Permanent, match="no e-mail address"):
        await email(server).send(address, page(), "k")
    with pytest.raises(ValueError, match="no e-mail address"):
        email_address(address)
    assert server.letters == []


@pytest.mark.parametrize(
    ("answer", "raised"),
    [("450 greylisted", Retry), ("550 no such user", Permanent), ("421 too busy", Retry)],
)
async def test_a_refused_recipient(server, answer, raised):
    """4xx may work later, 5xx never."""
    server.at_recipient = [answer]
    with pytest.raises(raised, match=answer[:3]):
        await email(server).send(BOB, page(), "k")
    assert server.letters == []


@pytest.mark.parametrize(
    ("answer", "raised"), [("451 try again", Retry), ("554 looks like spam", Permanent)]
)
async def test_a_refused_letter(server, answer, raised):
    """4xx may work later, 5xx never."""
    server.after_data = [answer]
    with pytest.raises(raised, match=answer[:3]):
        await email(server).send(BOB, page(), "k")


async def test_a_cut_after_the_letter_is_tried_again_with_the_same_id(server):
    """Nobody knows whether it was taken: a mailbox that got both shows one."""
    server.after_data = [CUT]
    with pytest.raises(Retry):
        await email(server).send(BOB, page(), "k")
    await email(server).send(BOB, page(), "k")
    first, again = server.letters
    assert first["Message-ID"] == again["Message-ID"]


async def test_nobody_listens(server):
    """It may come back."""
    gone = mail_server("smtp://127.0.0.1:1?starttls=never")
    with pytest.raises(Retry):
        await Email(gone, StillClock()).send(BOB, page(), "k")


async def test_with_starttls_and_a_password(tmp_path: Path, monkeypatch):
    """The connection is encrypted before the password is said."""
    context, trusted = fakes.certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with fakes.mail_server(context) as server:
        server.who, server.options = "tocsin%40example.com:p%40ss%2Fword@", ""
        await email(server).send(BOB, page(), "k")
        assert server.logins == [USER]
        assert server.letters[0]["From"] == f"Tocsin <{USER}>"
        server.who = "tocsin%40example.com:wrong@"
        with pytest.raises(Permanent, match="535"):
            await email(server).send(BOB, page(), "k")


async def test_a_server_nobody_vouches_for_gets_nothing(tmp_path: Path):
    """Its certificate is not trusted: no password, no letter."""
    context, _ = fakes.certified(tmp_path)
    async with fakes.mail_server(context) as server:
        server.who, server.options = "tocsin%40example.com:p%40ss%2Fword@", ""
        with pytest.raises(Retry, match="certificate"):
            await email(server).send(BOB, page(), "k")
        assert server.logins == []


async def test_without_starttls_nothing_is_said(server):
    """A server that cannot encrypt is refused, unless settings say otherwise."""
    server.options = ""
    with pytest.raises(Permanent, match="STARTTLS"):
        await email(server).send(BOB, page(), "k")
    assert server.letters == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://mail.example.com", "must be like"),
        ("smtp://", "must be like"),
        ("smtp://mail.example.com?form=a@b", "only from and starttls"),
        ("smtp://mail.example.com?starttls=off", "whose only value is never"),
        ("smtp://mail.example.com?from=nobody", "no e-mail address"),
    ],
)
def test_a_wrong_address_of_the_server_is_told(url, told):
    """In a sentence."""
    with pytest.raises(ValueError, match=told):
        mail_server(url)


def test_an_address_is_taken_apart():
    """Port, encryption and sender have defaults."""
    plain = mail_server("smtp://mail.example.com")
    assert (plain.port, plain.tls, plain.sender) == (587, "starttls", "tocsin@mail.example.com")
    told = mail_server("smtps://u%40x.org:s%3Ae@mail.example.com?from=page@example.com")
    assert (told.port, told.tls, told.sender, told.user) == (
        465, "at once", "page@example.com", "u@x.org",
    )  # fmt: skip
    assert told.password
    assert told.password.get_secret_value() == "s:e"
    assert PASSWORD not in repr(told)
