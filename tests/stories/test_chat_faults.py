"""Slack, Discord or Teams refuses a page, through the real libraries: it arrives by mail."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.responses import Response

from domain.account import Account, Platform
from integrations.chat.discord.platform import Discord
from integrations.chat.slack.connect import SlackPlatform
from integrations.chat.teams.connector import client
from integrations.chat.teams.platform import Teams
from tests.fakes import discord_loopback as discord_fakes
from tests.fakes.bot_framework import bot_framework
from tests.fakes.conditions import MINUTE, SECOND, TRINO
from tests.fakes.discord_loopback import discord_loopback
from tests.fakes.mail_server import mailing
from tests.fakes.slack_api import Fault, slack_api
from tests.fakes.stores import SYSTEM
from tests.fakes.teams import connected
from tests.fakes.tocsin import Template, Tocsin, opened

pytestmark = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)

PATIENCE_S = 0.2
MANY = 60
LONG = "600"
# A platform that asks for patience is well, and nobody is told; what is over is told once.
TOLD = {"busy": 0, "failing": 1, "silent": 1, "gone": 1}
POST = "chat.postMessage"


@dataclass
class Trouble:
    """A Tocsin whose chat goes wrong: ``begin`` says how, from now on."""

    tocsin: Tocsin
    begin: Callable[[str], None]


async def linked(tocsin: Tocsin, platform: Platform, workspace: str, account: str) -> None:
    """Bob has an account there."""
    bob = Account(platform=platform, workspace=workspace, id=account, name="bob")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.links.put(bob, "bob", "code")


@asynccontextmanager
async def slack(copied: Template, folder: Path) -> AsyncIterator[Trouble]:
    """Slack's own client, and a Web API by script."""
    faults = {
        "busy": Fault(status=429, error="ratelimited", retry_after=LONG),
        "failing": Fault(status=500),
        "silent": Fault(ending="hang"),
    }

    def begin(how: str) -> None:
        stub.script[POST] = [faults[how]] * MANY if how in faults else []
        stub.gone |= {"DU0BOB"} if how == "gone" else set()

    async with slack_api() as stub:
        stub.channels |= {"C0INCIDENTS": "incidents", "C0ALERTS": "alerts-data-platform"}
        told = {"slack.bot_token": "xoxb-1", "slack.api_url": stub.url}
        async with opened(copied.url, folder, copied.seeded, **told) as tocsin:
            (platform,) = tocsin.parts.platforms
            assert isinstance(platform, SlackPlatform)
            platform.api.deadline_s = PATIENCE_S
            await linked(tocsin, "slack", "T01TEST", "U0BOB")
            yield Trouble(tocsin, begin)
            await platform.close()


@asynccontextmanager
async def discord(copied: Template, folder: Path) -> AsyncIterator[Trouble]:
    """discord.py, and a server behind real sockets."""
    faults = {
        "busy": discord_fakes.Fault(429, retry_after=float(LONG)),
        "failing": discord_fakes.Fault(500),
        "silent": discord_fakes.Fault(when="never"),
    }

    def begin(how: str) -> None:
        server.faults.extend([faults[how]] * MANY if how in faults else [])
        server.closed |= {bob} if how == "gone" else set()

    async with discord_loopback() as server:
        told = {
            "discord.bot_token": discord_fakes.TOKEN,
            "discord.api_url": server.api_url,
            "discord.gateway_url": server.gateway_url,
            "discord.guild": str(discord_fakes.GUILD),
        }
        async with opened(copied.url, folder, copied.seeded, **told) as tocsin:
            (platform,) = tocsin.parts.platforms
            assert isinstance(platform, Discord)
            await platform.chat.probe()
            platform.chat.api.patience_s = PATIENCE_S
            bob = server.add_member("bob")
            await linked(tocsin, "discord", str(discord_fakes.GUILD), bob)
            yield Trouble(tocsin, begin)
            await platform.close()


@asynccontextmanager
async def teams(copied: Template, folder: Path) -> AsyncIterator[Trouble]:
    """Microsoft's client, and a Bot Framework that answers as it is told."""
    busy = Response(status_code=429, headers={"Retry-After": LONG})
    answers = {"busy": busy, "failing": Response(status_code=500)}

    def begin(how: str) -> None:
        framework.answers.extend([answers[how]] * MANY if how in answers else [])
        framework.gone |= {"a:bob"} if how == "gone" else set()
        framework.silent = how == "silent"

    async with bot_framework() as framework, connected(copied, folder, framework) as hall:
        await hall.in_team()
        await hall.say("bob", "help")
        (platform,) = hall.tocsin.parts.platforms
        assert isinstance(platform, Teams)
        await platform.connector.close()
        platform.connector.client = client("the-token-of-the-app", PATIENCE_S)
        yield Trouble(hall.tocsin, begin)


WORLDS: dict[str, Callable[[Template, Path], AbstractAsyncContextManager[Trouble]]] = {
    "slack": slack,
    "discord": discord,
    "teams": teams,
}


@pytest.fixture(params=WORLDS)
async def trouble(
    request: pytest.FixtureRequest, copied: Template, tmp_path: Path
) -> AsyncIterator[Trouble]:
    """One of the platforms."""
    async with WORLDS[request.param](copied, tmp_path) as made:
        yield made


@pytest.mark.parametrize("how", TOLD)
async def test_a_page_arrives_by_mail_and_an_admin_is_told_once(trouble: Trouble, how: str):
    """Within half a minute, to Bob himself; nobody is woken in his place."""
    tocsin = trouble.tocsin
    async with mailing(tocsin) as mail:
        trouble.begin(how)
        await tocsin.fire(TRINO)
        await tocsin.advance(30 * SECOND)
        assert len(mail.to("bob")) == 1
        assert [page.user for page in await tocsin.pages()] == ["bob"]
        await tocsin.say("carol", "/incident ack INC-13")
        await tocsin.advance(20 * MINUTE)
        told = [one["Subject"] for one in mail.to("alice")]
        assert len(told) == TOLD[how], told
