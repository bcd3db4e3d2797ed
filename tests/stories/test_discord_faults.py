"""Discord over real sockets, and everything that breaks there: no page is lost, none is doubled."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import enumerate as threads

import pytest
from discord.gateway import KeepAliveHandler

from domain.account import Account
from domain.errors import Permanent, Retry
from domain.message import sentence
from domain.place import Place
from integrations.chat.discord.connection import Patience
from integrations.chat.discord.platform import Discord
from tests.fakes.conditions import TRINO
from tests.fakes.discord_loopback import GUILD, TOKEN, Fault, Loopback, discord_loopback
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Template, Tocsin, copy_file, opened

QUICK = Patience(between=0.02, echo=0.2, begin=5.0)
SAID = sentence("It fails")


@pytest.fixture(autouse=True)
def _sockets_left() -> Iterator[None]:
    """The library leaves the socket of a session that did not begin to the garbage collector.

    Its client has closed it by then: that nobody did so by name is no fault of ours.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
async def discord() -> AsyncIterator[Loopback]:
    """A Discord with one server."""
    async with discord_loopback() as made:
        yield made


@pytest.fixture
async def tocsin(
    discord: Loopback, sqlite_template: Template, tmp_path: Path
) -> AsyncIterator[Tocsin]:
    """A Tocsin that is connected to it; bob has an account there."""
    url = copy_file(sqlite_template.url, tmp_path / "tocsin.db")
    told = {
        "discord.bot_token": TOKEN,
        "discord.api_url": discord.api_url,
        "discord.gateway_url": discord.gateway_url,
        "discord.guild": str(GUILD),
        "discord.roles": '{"Responders": "responder"}',
    }
    async with opened(url, tmp_path, sqlite_template.seeded, **told) as made:
        bob = Account(
            platform="discord",
            workspace=str(GUILD),
            id=discord.add_member("bob", "Responders"),
            name="bob",
        )
        async with made.parts.store.write(SYSTEM) as unit:
            await unit.links.put(bob, "bob", "code")
        yield made
        await platform(made).close()


def platform(tocsin: Tocsin) -> Discord:
    """Discord as this Tocsin holds it."""
    (found,) = tocsin.parts.platforms
    assert isinstance(found, Discord)
    return found


@dataclass
class Held:
    """A connection that is being held, and its signs of life."""

    task: asyncio.Task[None]
    signs: int = 0
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def alive(self) -> None:
        """A sign of life."""
        self.signs += 1
        self.more.set()

    async def lives(self) -> None:
        """Wait for one more."""
        self.more.clear()
        await asyncio.wait_for(self.more.wait(), 10)


@asynccontextmanager
async def held(tocsin: Tocsin, patience: Patience = QUICK) -> AsyncIterator[Held]:
    """The connection, as the process holds it, but with less patience."""
    connection = replace(platform(tocsin).connection, patience=patience)
    made = Held(asyncio.create_task(asyncio.sleep(0)))
    made.task = asyncio.create_task(connection.hold(made.alive))
    try:
        yield made
    finally:
        made.task.cancel()
        await asyncio.gather(made.task, return_exceptions=True)
        # the library leaves the thread of a session that did not begin to find out by itself
        await until(lambda: not any(isinstance(one, KeepAliveHandler) for one in threads()))


async def until(happened: Callable[[], bool]) -> None:
    """Wait for the other side of a socket."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - it is another process to us
            await asyncio.sleep(0.01)


async def test_a_press_over_the_gateway_is_answered(tocsin: Tocsin, discord: Loopback):
    """Page, press and answer over real sockets; the commands are registered once."""
    (bob,) = [account for account in (await tocsin.parts.edge.keep.accounts("discord")).values()]
    async with held(tocsin) as connection:
        await connection.lives()
        await tocsin.fire(TRINO)
        (page,) = discord.directly(bob)
        discord.press(
            bob, page, page["components"][0]["components"][1]["components"][0]["custom_id"]
        )
        await until(lambda: any(one.responded for one in discord.backend.interactions.values()))
        await tocsin.settle()
    assert (await tocsin.incident()).responders == ("bob",)
    assert len(discord.backend.commands[GUILD]) > 5


@pytest.mark.parametrize(("how", "began"), [("op 7", "resumed"), ("4000", "resumed")])
async def test_a_session_is_taken_up_again(tocsin: Tocsin, discord: Loopback, how: str, began: str):
    """Where Discord says so, at the address that is set."""
    async with held(tocsin) as connection:
        await connection.lives()
        await (discord.tell(7) if how == "op 7" else discord.hang_up(4000))
        await until(lambda: discord.begun[1:] == [began])
        await connection.lives()
        assert not connection.task.done()


async def test_a_session_that_is_refused_begins_anew(tocsin: Tocsin, discord: Loopback):
    """Discord forgot it; the library lets five seconds pass before it begins the next one."""
    discord.resumes = False
    async with held(tocsin, replace(QUICK, echo=8.0)) as connection:
        await connection.lives()
        await discord.tell(7)
        await until(lambda: discord.begun == ["new", "resumed", "new"])
        await connection.lives()


@pytest.mark.parametrize("hears", ["nothing", "beats"])
async def test_a_deaf_connection_is_given_up(tocsin: Tocsin, discord: Loopback, hears: str):
    """Open, but nothing comes through; whether it still beats or not."""
    async with held(tocsin) as connection:
        await connection.lives()
        discord.hears = hears  # type: ignore[assignment]
        with pytest.raises(Retry, match="nothing comes through"):
            await connection.task
    discord.hears = "everything"
    async with held(tocsin) as connection:
        await connection.lives()
    assert discord.begun == ["new", "new"], "another session, not the deaf one"


def test_deafness_is_noticed_within_a_minute():
    """Two echoes that stay out, and the time between them."""
    usual = Patience()
    assert 2 * (usual.between + usual.echo) < 60


@pytest.mark.parametrize(
    ("code", "fix"), [(4004, "DISCORD_BOT_TOKEN"), (4014, "Privileged Gateway Intents")]
)
async def test_a_refused_connection_says_what_to_do(
    tocsin: Tocsin, discord: Loopback, code: int, fix: str
):
    """Trying again would not help."""
    discord.refuses = code
    async with held(tocsin) as connection:
        with pytest.raises(Permanent, match=fix):
            await connection.task


async def test_a_server_without_the_bot_is_named(tocsin: Tocsin, discord: Loopback):
    """As long as nobody has invited it."""
    there = replace(platform(tocsin).connection.server, wanted="42")
    connection = replace(platform(tocsin).connection, server=there, patience=QUICK)
    with pytest.raises(Permanent, match="not on the Discord server 42"):
        await connection.hold(lambda: None)


async def test_a_wrong_token_is_told_before_anything_is_opened(tocsin: Tocsin, discord: Loopback):
    """By the API, and the connection is not tried."""
    platform(tocsin).chat.api.token = "wrong"
    with pytest.raises(Permanent, match="DISCORD_BOT_TOKEN"):
        await platform(tocsin).chat.probe()
    assert discord.begun == []


async def test_a_gateway_that_is_away_is_tried_again(tocsin: Tocsin, discord: Loopback):
    """Whoever holds the connection opens the next."""
    async with held(tocsin) as connection:
        await connection.lives()
        discord.refuses = 4008
        discord.resumes = False
        await discord.hang_up(4000)
        with pytest.raises(Retry):
            await connection.task


async def test_a_busy_discord_says_for_how_long(tocsin: Tocsin, discord: Loopback):
    """A short wait is waited for, a long one is the job's."""
    chat, place = platform(tocsin).chat, Place(platform="discord", room="incidents")
    discord.faults.append(Fault(429, retry_after=0.05))
    await chat.post(place, SAID, "k1")
    discord.faults.append(Fault(429, retry_after=30))
    with pytest.raises(Retry) as busy:
        await chat.post(place, SAID, "k2")
    assert busy.value.after == timedelta(seconds=30)
    assert len(discord.said(discord.channel("incidents"))) == 1


@pytest.mark.parametrize("nonces", [True, False])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_answer_is_neither_lost_nor_doubled(
    tocsin: Tocsin, discord: Loopback, when: str, nonces: bool
):
    """By the nonce while Discord remembers it, by the channel's history afterwards."""
    chat, place = platform(tocsin).chat, Place(platform="discord", room="incidents")
    discord.keeps_nonces = nonces
    discord.faults.append(Fault(when=when))  # type: ignore[arg-type]
    with pytest.raises(Retry, match="no answer"):
        await chat.post(place, SAID, "k1")
    ref = await chat.post(place, SAID, "k1", again=True)
    (only,) = discord.said(discord.channel("incidents"))
    assert ref.message == str(only["id"])
    await chat.post(place, SAID, "k2", again=True)
    assert len(discord.said(discord.channel("incidents"))) == 2, "another key is another message"


async def test_a_page_whose_answer_was_cut_rings_once(tocsin: Tocsin, discord: Loopback):
    """The job looks before it sends again."""
    tocsin.forgiven.add("ring_page")
    discord.keeps_nonces = False
    bob = (await tocsin.parts.edge.keep.accounts("discord"))["bob"]
    discord.faults.extend([Fault(when="after")] * 3)
    await tocsin.fire(TRINO)
    await tocsin.advance(timedelta(seconds=30))
    assert len(discord.directly(bob)) == 1
