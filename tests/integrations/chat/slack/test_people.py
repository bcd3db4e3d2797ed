"""Who is behind an account: members, guests and bots, and whose e-mail counts."""

import pytest

from domain.errors import Permanent, Retry
from integrations.chat.slack.people import SlackPeople
from tests.fakes.slack_api import TEAM, Fault

INFO = "users.info"


def user(key: str = "U0BOB", /, **more):
    """A full member whose e-mail is confirmed, as Slack describes one."""
    profile = {"real_name": "Bob Meyer", "email": "bob@example.com"}
    usual = {"id": key, "name": "bob", "team_id": TEAM, "is_email_confirmed": True}
    return usual | {"profile": profile} | more


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({}, "full"),
        ({"is_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_stranger": True}, "guest"),
        ({"team_id": "T0OTHER"}, "guest"),
        ({"team_id": "T0OTHER", "enterprise_user": {"teams": [TEAM]}}, "full"),
        ({"deleted": True}, "guest"),
        ({"is_bot": True}, "bot"),
    ],
)
async def test_only_members_of_the_workspace_are_members(office, more, standing):
    """Guests of any kind, people of other companies and bots are not."""
    office.stub.users["U0BOB"] = user(**more)
    assert (await office.people.account("U0BOB")).standing == standing


async def test_an_account_is_described_as_slack_does(office):
    """By the name that people read."""
    office.stub.users["U0BOB"] = user()
    account = await office.people.account("U0BOB")
    assert account.key == "slack:T01TEST:U0BOB"
    assert (account.name, account.email) == ("Bob Meyer", "bob@example.com")


@pytest.mark.parametrize(
    ("confirmed", "loopback", "counts"),
    [(True, False, True), (False, True, False), (None, False, False), (None, True, True)],
)
async def test_an_e_mail_counts_where_slack_says_that_it_is_confirmed(
    office, confirmed, loopback, counts
):
    """A stand-in on this machine never says so (rules.md 9)."""
    said = user()
    if confirmed is None:
        del said["is_email_confirmed"]
    office.stub.users["U0BOB"] = said | (
        {} if confirmed is None else {"is_email_confirmed": confirmed}
    )
    people = SlackPeople(office.chat.api, office.keep, office.clock, loopback=loopback)
    assert ((await people.account("U0BOB")).email is not None) is counts


async def test_slack_is_asked_once_in_a_few_minutes(office):
    """Then again: somebody may have become a guest."""
    office.stub.users["U0BOB"] = user()
    for _ in range(2):
        await office.people.account("U0BOB")
    assert len(office.stub.calls(INFO)) == 1
    office.clock.move(minutes=6)
    office.stub.users["U0BOB"] = user(is_restricted=True)
    assert (await office.people.account("U0BOB")).standing == "guest"


async def test_while_slack_cannot_say_what_it_said_today_counts(office):
    """A page must be answered; after a day nobody is vouched for."""
    office.stub.users["U0BOB"] = user()
    await office.people.account("U0BOB")
    office.stub.script[INFO] = [Fault(status=500), Fault(status=500)]
    office.clock.move(hours=23)
    assert (await office.people.account("U0BOB")).standing == "full"
    office.clock.move(hours=2)
    with pytest.raises(Retry):
        await office.people.account("U0BOB")


async def test_who_is_not_there_is_nobody(office):
    """Slack knows no such account."""
    with pytest.raises(Permanent, match="user_not_found"):
        await office.people.account("U0NOBODY")
    assert await office.people.name("U0NOBODY") == "somebody"
    assert await office.people.name(None) == "somebody"
    assert await office.people.handle("U0NOBODY") == "U0NOBODY"


async def test_a_mentioned_account_is_typed_as_its_person(office):
    """Else by the name that Slack has for it."""
    office.stub.users |= {"U0BOB": user(name="bobby"), "U0X": user("U0X", name="dana")}
    assert await office.people.handle("U0BOB") == "bob"
    assert await office.people.handle("U0X") == "dana"


async def test_everybody_is_met_page_by_page(office):
    """So that an e-mail links who never said a word; guests and bots are passed over."""
    office.stub.users |= {
        "U1": user("U1"),
        "U2": user("U2", is_restricted=True),
        "U3": user("U3", is_bot=True),
        "U4": user("U4"),
        "U5": user("U5", is_email_confirmed=False),
    }
    await office.people.meet()
    assert [one.id for one in office.keep.met] == ["U1", "U4"]
    assert await office.people.account("U2")
    assert office.stub.calls(INFO) == []


async def test_the_workspace_is_asked_for_once(office):
    """It does not change."""
    homes = {await office.people.home() for _ in range(3)}
    assert homes == {(TEAM, "U0BOT")}
    assert len(office.stub.calls("auth.test")) == 1
