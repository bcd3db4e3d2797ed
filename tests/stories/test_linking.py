"""One person, many accounts: a code shown in the chat, typed in the browser (rule 9)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.chat_keep import StoredChatKeep
from domain.account import Account
from domain.actor import Role
from domain.authorize import roles_of
from domain.call import Call, Origin, Reply
from domain.chat import Words
from domain.message import buttons
from domain.one_time_code import TRIES
from domain.place import Place
from domain.plain import plain
from domain.ports import Line
from domain.press import pressed_call
from storage.tables.ledger import calls
from storage.tables.people import link_codes
from tests.fakes.outside import OutsideChat
from tests.fakes.tocsin import Tocsin

HERE = Place(platform="slack", room="D-al", thread=None)
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
MINUTE = timedelta(minutes=1)


def account(name: str = "al", **known: str) -> Account:
    """A full member's account."""
    told = {"platform": "slack", "workspace": "T1", "id": f"U-{name}", "name": name}
    return Account.model_validate(told | known)


@pytest.fixture
async def slack(tocsin: Tocsin) -> OutsideChat:
    """Slack is connected, and nobody has an account there yet."""
    chat = OutsideChat(StoredChatKeep(tocsin.parts.store))
    worker = tocsin.parts.worker
    worker.ports = replace(worker.ports, chats=worker.ports.chats | {"slack": chat})
    tocsin.settled(platforms=("slack", "console"), link_by_email=False)
    return chat


async def type_in_chat(tocsin: Tocsin, who: Account, line: str, key: str = "") -> Reply:
    """Words of an account to Tocsin."""
    words = Words(account=who, place=HERE, key=key or tocsin.ids.new(), text=line, direct=True)
    return await tocsin.parts.edge.line(words)


async def ask(tocsin: Tocsin, who: Account) -> str:
    """A fresh code."""
    reply = await type_in_chat(tocsin, who, "/me link")
    found = CODE.search(plain(reply.message))
    assert found, plain(reply.message)
    return found[0]


async def type_in_browser(tocsin: Tocsin, user: str, surface: str = "web", **args: str) -> Reply:
    """A code in the browser of somebody who has signed in; elsewhere they came by a token."""
    origin = Origin.model_validate({"surface": surface})
    since = tocsin.clock.now() if surface == "web" else None
    actor = (await tocsin.actor(user)).model_copy(update={"logged_in_at": since})
    reply = await tocsin.parts.dispatch(
        Call(command="me link", args=args, actor=actor, origin=origin, key=tocsin.ids.new())
    )
    await tocsin.settle()
    return reply


async def confirm(tocsin: Tocsin, user: str, asked: Reply) -> Reply:
    """The button that says so."""
    (yes,) = buttons(asked.message)
    return await type_in_browser(
        tocsin, user, **pressed_call(yes.id, {}, tocsin.parts.registry).args
    )


@pytest.mark.both
async def test_a_code_makes_the_account_the_persons(tocsin, slack):
    """The account is named first; then it has everything the person has, and is told so."""
    code = await ask(tocsin, account())
    asked = await type_in_browser(tocsin, "alice", code=code.lower().replace("-", " "))
    assert asked.refused == "confirm"
    told = plain(asked.message)
    assert "Slack account al (U-al in workspace T1)" in told
    assert "will act as Alice (admin, commander)" in told
    assert (await tocsin.parts.edge.keep.actor(account())).user is None, "nothing is done yet"
    done = await confirm(tocsin, "alice", asked)
    assert done.refused == ""
    linked = await tocsin.parts.edge.keep.actor(account())
    assert linked.user == "alice"
    assert roles_of(linked, None) == {Role.ADMIN, Role.COMMANDER}
    (notice,) = slack.room("D-U-al")
    assert "acts as Alice from now on" in notice.text
    assert "/me unlink slack" in notice.text


async def test_whoever_is_linked_to_nobody_is_told_how(tocsin, slack):
    """Every command that needs a person says what to type."""
    for line in ("/me", "/me timezone Berlin", "/me unlink slack"):
        reply = await type_in_chat(tocsin, account(), line)
        assert reply.refused == "not_allowed"
        assert "type /tocsin me link" in plain(reply.message)


@pytest.mark.parametrize("standing", ["guest", "bot"])
async def test_guests_and_bots_get_no_code(tocsin, slack, standing):
    """They are outsiders, whoever they say they are."""
    reply = await type_in_chat(tocsin, account(standing=standing), "/me link")
    assert reply.refused == "not_allowed"
    assert not CODE.search(plain(reply.message))


async def test_a_code_works_once(tocsin, slack):
    """For nobody else afterwards, nor again for the same person."""
    asked = await type_in_browser(tocsin, "bob", code=await ask(tocsin, account()))
    await confirm(tocsin, "bob", asked)
    for user in ("carol", "bob"):
        reply = await confirm(tocsin, user, asked)
        assert reply.refused == "stale"
        assert "was used already" in plain(reply.message)
        assert "/me link" in plain(reply.message)
    assert (await tocsin.parts.edge.keep.actor(account())).user == "bob"


async def test_a_code_lasts_ten_minutes(tocsin, slack):
    """And only the newest of an account works at all."""
    old = await ask(tocsin, account())
    code = await ask(tocsin, account())
    replaced = await type_in_browser(tocsin, "bob", code=old)
    assert (replaced.refused, "no code of ours" in plain(replaced.message)) == ("not_found", True)
    await tocsin.advance(10 * MINUTE)
    reply = await type_in_browser(tocsin, "bob", code=code, sure="yes")
    assert reply.refused == "stale"
    assert "has expired" in plain(reply.message)


@pytest.mark.both
async def test_after_five_wrong_codes_one_waits(tocsin, slack):
    """Guessing is bounded by person; the right code works again when the ten minutes are over."""
    for _ in range(TRIES):
        assert (await type_in_browser(tocsin, "dave", code="AAAABBBB")).refused == "not_found"
    right = await ask(tocsin, account())
    reply = await type_in_browser(tocsin, "dave", code=right)
    assert reply.refused == "invalid"
    assert "wait 10 minutes" in plain(reply.message)
    assert (await type_in_browser(tocsin, "bob", code=right)).refused == "confirm"
    await tocsin.advance(10 * MINUTE)
    right = await ask(tocsin, account())
    assert (await type_in_browser(tocsin, "dave", code=right)).refused == "confirm"
    tries = [one for one in await tocsin.audited() if one.action == "me link"]
    assert [one.outcome for one in tries].count("not_found") == TRIES


async def test_nobody_guesses_without_being_counted(tocsin, slack):
    """A rehearsal is undone, the count of wrong codes with it: there is none."""
    actor = (await tocsin.actor("dave")).model_copy(update={"logged_in_at": tocsin.clock.now()})
    for text in ("/me link AAAABBBB --dry-run", "/me link --dry-run"):
        line = Line(text=text, actor=actor, origin=Origin(surface="web"))
        reply = await tocsin.parts.typed(line)
        assert (reply.refused, "leave --dry-run out" in plain(reply.message)) == ("invalid", True)


@pytest.mark.parametrize("surface", ["console", "api", "cli"])
async def test_only_a_browser_takes_a_code(tocsin, slack, surface):
    """What a token can do, a stolen one could."""
    code = await ask(tocsin, account())
    reply = await type_in_browser(tocsin, "bob", surface, code=code, sure="yes")
    assert reply.refused == "not_allowed"
    assert "/link" in plain(reply.message)


async def test_a_code_typed_in_a_chat_is_refused(tocsin, slack):
    """There it would be read by others."""
    code = await ask(tocsin, account())
    reply = await type_in_chat(tocsin, account("other"), f"/me link {code} yes")
    assert reply.refused == "not_allowed"
    assert "in your browser" in plain(reply.message)


async def test_a_code_is_kept_nowhere(tocsin, slack):
    """Neither with the codes nor with the answers that are kept for a repeat."""
    code = (await ask(tocsin, account())).replace("-", "")
    await type_in_browser(tocsin, "bob", code=code)
    async with tocsin.looking() as unit:
        run = unit.scope.connection.execute
        kept = [*(await run(select(link_codes))).all(), *(await run(select(calls))).all()]
    assert kept
    assert code not in repr(kept)


async def test_an_account_changes_hands_only_when_its_owner_asked(tocsin, slack):
    """The page says whose it is; both sides stand in the audit trail."""
    asked = await type_in_browser(tocsin, "bob", code=await ask(tocsin, account()))
    await confirm(tocsin, "bob", asked)
    again = await type_in_chat(tocsin, account(), "/me link")
    assert "acts as Bob already" in plain(again.message)
    unlinked = await type_in_chat(tocsin, account(), "/me unlink slack")
    assert "Unlinked." in plain(unlinked.message)
    assert (await tocsin.parts.edge.keep.actor(account())).user is None
    rows = [one for one in await tocsin.audited() if one.action.startswith("account_")]
    assert [(one.action, one.by, one.subject) for one in rows] == [
        ("account_linked", "bob", "person:bob"),
        ("account_unlinked", "bob", "person:bob"),
    ]
    nothing = await type_in_browser(tocsin, "bob")
    assert (nothing.refused, nothing.field) == ("invalid", "code")


async def test_a_link_by_e_mail_becomes_one_by_code(tocsin, slack):
    """By e-mail alice is a responder at most; by code she is everything she is."""
    tocsin.settled(platforms=("slack", "console"), link_by_email=True)
    hers = account("alice", email="alice@example.com")
    assert Role.ADMIN not in roles_of(await tocsin.parts.edge.keep.actor(hers), None)
    asked = await type_in_browser(tocsin, "alice", code=await ask(tocsin, hers))
    await confirm(tocsin, "alice", asked)
    assert Role.ADMIN in roles_of(await tocsin.parts.edge.keep.actor(hers), None)
    unlinked = await type_in_chat(tocsin, hers, "/me unlink slack")
    assert "links it again at its next word" in plain(unlinked.message)


async def test_a_link_that_was_cut_meanwhile_is_not_announced(tocsin, slack):
    """And a direct room that is closed is nobody's trouble."""
    slack.closed.add("D-U-al")
    asked = await type_in_browser(tocsin, "bob", code=await ask(tocsin, account()))
    await confirm(tocsin, "bob", asked)
    assert slack.room("D-U-al") == []


async def test_who_could_not_read_it_does_not_declare_in_private(tocsin, slack):
    """An account that is nobody's yet is told how to be somebody; nothing was begun."""
    line = "/inc declare payroll leaked private"
    refused = await type_in_chat(tocsin, account(), line)
    assert refused.refused == "invalid"
    assert "me link first" in plain(refused.message)
    assert await tocsin.open_incidents() == []
    assert (await type_in_chat(tocsin, account(), "/inc declare it is slow")).refused == ""
