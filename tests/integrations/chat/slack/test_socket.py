"""Socket Mode: what is delivered is answered, and a session that is deaf or dead is replaced."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import Permanent, Retry
from integrations.chat.slack.api import SlackApi
from integrations.chat.slack.socket import CONNECT_S, QUIET_S, SILENT_PULSES, SlackSocket
from integrations.chat.slack.socket import PULSE_S as PULSE_SECONDS
from tests.fakes.slack_sockets import SlackSockets, slack_sockets

PULSE_S = 0.05
PATIENCE_S = 20.0


@dataclass
class Held:
    """A socket that is held, and what came of it."""

    socket: SlackSocket
    heard: list[str] = field(default_factory=list)
    missed: list[float] = field(default_factory=list)
    signs: int = 0

    def alive(self) -> None:
        """A sign of life."""
        self.signs += 1

    async def catch_up(self, since: float) -> None:
        """What was missed since then."""
        self.missed.append(since)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Task[None]]:
        """Hold it for the length of the block."""
        task = asyncio.create_task(self.socket.hold(self.alive))
        try:
            yield task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Retry, Permanent):
                await task


@pytest.fixture
async def sockets() -> AsyncIterator[SlackSockets]:
    """Slack's end."""
    async with slack_sockets() as made:
        yield made


@pytest.fixture
async def held(sockets: SlackSockets) -> AsyncIterator[Held]:
    """Our end, with a Bolt app that hears slash commands."""
    app = AsyncApp(
        client=AsyncWebClient(),
        authorize=_anybody,
        process_before_response=True,
        request_verification_enabled=False,
    )
    api = SlackApi("xapp-1", sockets.url)
    made = Held(SlackSocket(app, api, "xapp-1", _nothing, lambda: 100.0, PULSE_S, 60.0))
    made.socket.missed = made.catch_up

    @app.command("/incident")
    async def command(ack, body):
        made.heard.append(body["text"])
        await ack("done")

    yield made
    await api.close()


async def _anybody() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="U0BOT")


async def _nothing(_since: float) -> None:
    """Replaced by what the test watches."""


async def until(condition: Callable[[], object]) -> None:
    """Return as soon as ``condition`` holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - other tasks bring it about
            await asyncio.sleep(0.01)


async def test_what_is_delivered_is_answered_on_the_session(sockets, held):
    """With the reply in the acknowledgement, and signs of life meanwhile."""
    async with held.listening():
        await until(lambda: held.signs)
        await sockets.deliver("E1", command="/incident", text="list", team_id="T1", user_id="U1")
        await until(lambda: sockets.acked)
    assert held.heard == ["list"]
    assert sockets.acked == [{"envelope_id": "E1", "payload": {"text": "done"}}]
    assert held.missed == []


async def test_a_deaf_session_is_given_up(sockets, held):
    """The connection stands, and nothing comes any more: nobody asks whether it is connected."""
    sockets.mood = "deaf"
    async with held.listening() as task:
        with pytest.raises(Retry, match="sign of life"):
            await asyncio.wait_for(task, PATIENCE_S)
    assert sockets.opened == 1


async def test_a_closed_session_is_given_up(sockets, held):
    """At the next look."""
    sockets.mood = "closing"
    async with held.listening() as task:
        with pytest.raises(Retry, match="sign of life"):
            await asyncio.wait_for(task, PATIENCE_S)


async def test_after_a_break_there_is_a_new_session_and_what_was_missed(sockets, held):
    """From the last delivery on."""
    async with held.listening() as task:
        await until(lambda: held.signs > 2)
        await sockets.sessions[-1].close()
        with pytest.raises(Retry):
            await asyncio.wait_for(task, PATIENCE_S)
    async with held.listening():
        await until(lambda: held.missed)
        await sockets.deliver("E2", command="/incident", text="again", team_id="T1", user_id="U1")
        await until(lambda: held.heard)
    assert held.missed == [100.0]
    assert sockets.opened == 2


async def test_a_session_that_only_answers_pings_is_replaced(sockets, held):
    """It may be one that delivers nothing any more. The fresh one does, and is there before the
    other goes; what came meanwhile is looked for now and then."""
    held.socket.quiet_s = PULSE_S * 4
    async with held.listening():
        await until(lambda: sockets.opened > 2)
        assert held.missed == [], "not each time"
        held.socket.reread_s = 0.0
        await until(lambda: held.missed)
        await sockets.deliver("E4", command="/incident", text="fresh", team_id="T1", user_id="U1")
        await until(lambda: held.heard)
    assert held.missed[0] == 100.0


async def test_where_no_fresh_session_opens_the_other_stays(sockets, held):
    """Slack counts how often they are opened."""
    held.socket.quiet_s = PULSE_S * 4
    async with held.listening() as task:
        await until(lambda: held.signs)
        sockets.refuses = "ratelimited"
        asked = sockets.asked
        await until(lambda: sockets.asked > asked + 1)
        await sockets.deliver("E5", command="/incident", text="still", team_id="T1", user_id="U1")
        await until(lambda: held.heard)
        assert not task.done()
    assert sockets.opened == 1


async def test_slack_may_ask_for_a_fresh_session(sockets, held):
    """It is opened at once."""
    async with held.listening():
        await until(lambda: held.signs)
        await sockets.renew()
        await until(lambda: sockets.opened == 2)
        await sockets.deliver("E3", command="/incident", text="fresh", team_id="T1", user_id="U1")
        await until(lambda: held.heard)


async def test_a_refused_token_is_no_broken_line(sockets, held):
    """Nobody tries it again at once."""
    sockets.refuses = "invalid_auth"
    async with held.listening() as task:
        with pytest.raises(Permanent, match="invalid_auth"):
            await asyncio.wait_for(task, PATIENCE_S)


async def test_a_socket_that_does_not_open_is_tried_again_later(sockets, held):
    """By whoever holds the platform."""
    sockets.mood = "gone"
    held.socket.connect_s = 0.3
    async with held.listening() as task:
        with pytest.raises(Retry, match="does not open"):
            await asyncio.wait_for(task, PATIENCE_S)


def test_a_deaf_session_is_replaced_within_a_minute():
    """Whether it answers pings or not."""
    assert QUIET_S + PULSE_SECONDS + CONNECT_S <= 60
    assert SILENT_PULSES * PULSE_SECONDS + PULSE_SECONDS <= 60
