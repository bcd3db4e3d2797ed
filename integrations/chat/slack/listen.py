"""Slack's own library tells requests apart; each kind has one listener."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import Permanent, Retry
from integrations.chat.edge import ChatEdge
from integrations.chat.slack.api import quiet
from integrations.chat.slack.heard import Malformed
from integrations.chat.slack.lines import Lines
from integrations.chat.slack.notices import Notices
from integrations.chat.slack.people import SlackPeople
from integrations.chat.slack.presses import Presses
from integrations.chat.slack.turns import Turns

log = structlog.get_logger()

EVERY = re.compile(r".*", re.DOTALL)
MALFORMED = 400

Authorize = Callable[..., Awaitable[AuthorizeResult]]


@dataclass(frozen=True)
class SlackListeners:
    """Everything that is heard of one workspace."""

    lines: Lines
    presses: Presses
    notices: Notices


def listeners(edge: ChatEdge, people: SlackPeople, turns: Turns, emoji: str) -> SlackListeners:
    """The listeners, one for each kind of thing that people do."""
    notices = Notices(edge, people, turns, emoji)
    return SlackListeners(
        lines=Lines(edge, people, turns),
        presses=Presses(edge, people, turns, notices),
        notices=notices,
    )


def bolt(heard: SlackListeners, people: SlackPeople) -> AsyncApp:
    """Bolt with our listeners. It answers when a listener returns; requests over HTTP were
    verified before it sees them, and Slack's sockets need no proof."""
    app = AsyncApp(
        name="tocsin",
        logger=quiet("bolt"),
        client=AsyncWebClient(logger=quiet("bolt"), retry_handlers=[]),
        authorize=_authorize(people),
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.error(_broken)
    app.command(EVERY)(heard.lines.command)
    app.action(EVERY)(heard.presses.press)
    app.view(EVERY)(heard.presses.submit)
    app.view_closed(EVERY)(_nothing)
    app.options(EVERY)(heard.presses.suggest)
    app.shortcut(EVERY)(heard.presses.shortcut)
    app.event("app_mention")(heard.lines.mention)
    app.event("message")(heard.lines.message)
    app.event("reaction_added")(heard.notices.reaction)
    app.event("member_joined_channel")(heard.notices.joined)
    app.event("app_home_opened")(heard.notices.home)
    app.event(EVERY)(_nothing)
    return app


def _authorize(people: SlackPeople) -> Authorize:
    """Bolt asks as whom it acts; only to leave out what we said ourselves."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        try:
            bot = (await people.home()).bot
        except (Retry, Permanent):
            bot = None
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_user_id=bot)

    return authorize


async def _broken(error: Exception) -> BoltResponse:
    """Never a 5xx, and nothing of what was sent in the log."""
    if isinstance(error, Malformed):
        log.warning("slack request malformed")
    else:
        log.error("slack request not understood", error=type(error).__name__)
    return BoltResponse(status=MALFORMED, body="")


async def _nothing(ack: Callable[..., Awaitable[Any]]) -> None:
    """Heard, and of no interest."""
    await ack()
