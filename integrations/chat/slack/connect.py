"""Slack as a connected platform: everything built once, from its settings."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.routing import BaseRoute, Route

from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.finding import Finding
from domain.message import Message
from domain.ports import ChatKeep, Clock
from integrations.chat.edge import ChatEdge
from integrations.chat.platform import Alive, Shortened, uncounted
from integrations.chat.slack import check
from integrations.chat.slack.answer import Answers
from integrations.chat.slack.api import SlackApi
from integrations.chat.slack.heard import MessageEvent, read
from integrations.chat.slack.listen import bolt, listeners
from integrations.chat.slack.manifest import PATH
from integrations.chat.slack.people import SlackPeople
from integrations.chat.slack.render import Render, render
from integrations.chat.slack.rooms import SlackRooms
from integrations.chat.slack.send import SlackChat
from integrations.chat.slack.silence import SlackSilence
from integrations.chat.slack.socket import PULSE_S, SlackSocket
from integrations.chat.slack.turns import Turns
from integrations.chat.slack.verify import Verifier
from integrations.chat.slack.web import SlackEvents

log = structlog.get_logger()

LOOPBACK = ("127.0.0.1", "::1", "localhost")
PROBE_S = 30.0
MEET_S = 600.0
OVERLAP_S = 10.0
DEAF = "slack cannot be heard: set SLACK_APP_TOKEN, or SLACK_SIGNING_SECRET"


class SlackTerms(Frozen):
    """What an admin has settled: ``app_token`` for Socket Mode, ``secrets`` for HTTP.

    ``incidents`` is the channel of all incidents, ``external`` are those that may be spoken in
    though other companies read them, ``emoji`` is the reaction that adds to a timeline.
    """

    bot_token: str
    app_token: str | None = None
    secrets: tuple[str, ...] = ()
    address: str = "https://slack.com/api"
    incidents: str = "incidents"
    external: frozenset[str] = frozenset()
    emoji: str = "pushpin"
    pulse_s: float = PULSE_S


@dataclass(frozen=True)
class Around:
    """What Slack's adapter is built with; ``seconds`` is the wall clock in Unix seconds, and
    ``dress`` marks what the demo answers; ``shortened`` counts what did not fit whole."""

    edge: ChatEdge
    keep: ChatKeep
    clock: Clock
    seconds: Callable[[], float]
    dress: Callable[[Message], Message]
    render: Render = render
    shortened: Shortened = uncounted


class SlackPlatform:
    """The `Platform` of one workspace. Several processes may hold sockets at a time."""

    single = False

    def __init__(self, terms: SlackTerms, around: Around) -> None:
        self.terms = terms
        self.api = SlackApi(terms.bot_token, terms.address)
        self.app_api = SlackApi(terms.app_token or "", terms.address)
        loopback = urlsplit(terms.address).hostname in LOOPBACK
        self.people = SlackPeople(self.api, around.keep, around.clock, loopback)
        told = (terms.incidents, terms.external)
        self.rooms = SlackRooms(self.api, around.keep, self.people, *told)
        silence = SlackSilence(self.api, around.seconds)
        self.chat = SlackChat(
            self.api, around.keep, self.rooms, around.render, around.shortened, silence
        )
        self.turns = Turns(self.people, Answers(self.chat, around.edge.registry), around.dress)
        self.heard = listeners(around.edge, self.people, self.turns, terms.emoji)
        app = bolt(self.heard, self.people)
        self.events = SlackEvents(app, Verifier(terms.secrets, around.seconds, around.keep))
        self.socket = SlackSocket(
            app=app,
            api=self.app_api,
            token=terms.app_token or "",
            missed=self._catch_up,
            seconds=around.seconds,
            pulse_s=terms.pulse_s,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """``POST /slack/events`` where requests can prove themselves."""
        if not self.terms.secrets:
            return ()
        return (Route(PATH, self.events.answer, methods=["POST"]),)

    async def listen(self, alive: Alive) -> None:
        """Hold the socket; over HTTP only, ask Slack now and then whether our token counts."""
        await self.people.home()
        meeting = asyncio.create_task(self._meet())
        try:
            await (self.socket.hold(alive) if self.terms.app_token else self._probe(alive))
        finally:
            meeting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await meeting

    async def check(self) -> tuple[Finding, ...]:
        """Tokens, scopes and the room of all incidents."""
        found = [*await check.of_bot(self.api)]
        if self.terms.app_token:
            found.append(await check.of_app(self.app_api))
        secrets = bool(self.terms.secrets)
        found += check.of_ears(app_token=bool(self.terms.app_token), secrets=secrets)
        if check.is_well(found[:1]):
            found.append(await check.of_room(self.rooms))
        return tuple(found)

    async def close(self) -> None:
        """Finish what goes on, and give every connection back."""
        await self.turns.settle()
        await self.api.close()
        await self.app_api.close()

    async def _probe(self, alive: Alive) -> None:
        if not self.terms.secrets:
            log.warning(DEAF)
        while True:
            await self.chat.probe()
            alive()
            await asyncio.sleep(PROBE_S)

    async def _meet(self) -> None:
        """Meet everybody now, and who is new from time to time."""
        while True:
            try:
                await self.people.meet()
            except (Retry, Permanent) as failed:
                log.warning("slack does not list its people", error=str(failed))
            await asyncio.sleep(MEET_S)

    async def _catch_up(self, since: float) -> None:
        """Hear what was said directly while the socket was deaf, and shortly before; what is
        heard twice counts once."""
        for event in await self.chat.said_since(since - OVERLAP_S):
            await self.heard.lines.direct(read(MessageEvent, event), again=True)
