"""What doctor says of Discord."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from discord import Permissions
from discord.http import Route

from bot.clock import SystemClock
from domain.actor import Role
from integrations.chat.discord import check
from integrations.chat.discord.api import Api
from integrations.chat.discord.manifest import permission_bits
from integrations.chat.discord.server import Server
from tests.fakes.web_api import DISCORD_ANSWERS, DISCORD_GUILDS, WebApi, web_api


@pytest.fixture
def discord(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebApi]:
    """A Discord whose bot is in the server Acme, as its administrator."""
    with web_api(DISCORD_ANSWERS) as up:
        monkeypatch.setattr(Route, "BASE", up.url)
        yield up


@pytest.fixture
async def api(discord: WebApi) -> AsyncIterator[Api]:
    """Spoken to by the library."""
    made = Api("token")
    yield made
    await made.close()


def server(api: Api, wanted: str | None = None) -> Server:
    """The server that is meant."""
    return Server(api, SystemClock(lambda: datetime.now(UTC)), wanted, {})


async def test_all_is_well(api: Api):
    """Token, server and room."""
    (token,) = await check.of_bot(api)
    (where,) = await check.of_server(api, server(api))
    room = await check.of_room(server(api), "incidents")
    assert [one.level for one in (token, where, room)] == ["ok"] * 3
    assert (token.text, where.text) == ("bot token ok (application 42)", "in the server Acme")


async def test_a_permission_that_is_missing_is_named_with_what_will_not_work(discord, api):
    """With the invitation that gives it."""
    without = permission_bits() & ~Permissions(pin_messages=True).value
    discord.answers["users/@me/guilds"] = [DISCORD_GUILDS[0] | {"permissions": str(without)}]
    _, lacking = await check.of_server(api, server(api))
    assert lacking.text == "it lacks the permission pin_messages: pin the incident's card"
    assert "client_id=42" in lacking.fix


async def test_a_server_that_the_bot_is_not_in_is_told_with_the_invitation(api):
    """Nothing works before that."""
    (found,) = await check.of_server(api, server(api, "9"))
    assert (found.level, "client_id=42" in found.fix) == ("failure", True)


async def test_a_room_that_is_not_there_is_told(api):
    """And how to name another."""
    found = await check.of_room(server(api), "elsewhere")
    assert (found.level, "TOCSIN_DISCORD__INCIDENTS_ROOM" in found.fix) == ("warning", True)


async def test_a_token_that_is_refused_is_all_there_is_to_say(discord, api):
    """The way to a new one with it."""
    discord.refuses = 401
    (found,) = await check.of_bot(api)
    assert found.level == "failure"


def test_without_roles_discord_is_closed():
    """Which is said, not found out (rule 1)."""
    assert check.of_roles({}).level == "warning"
    assert check.of_roles({"SRE": Role.RESPONDER}).text == "roles: SRE is responder"
