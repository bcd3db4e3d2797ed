"""Slack's requests over HTTP: proved first, then parsed, then Bolt."""

from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import Request
from starlette.responses import Response

from integrations.chat.slack.verify import TooLarge, Unproven, Verifier

log = structlog.get_logger()

OK, MALFORMED, UNPROVEN, TOO_LARGE = 200, 400, 401, 413
# What Bolt raises on the shapes that it does not expect, also while it handles its own errors
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)


@dataclass(frozen=True)
class SlackEvents:
    """``POST /slack/events``: commands, events, presses, forms and choices."""

    app: AsyncApp
    verifier: Verifier

    async def answer(self, request: Request) -> Response:
        """200 with what Slack shows; 401, 413 or 400 for what is not Slack's, and never a 5xx."""
        try:
            body = await self.verifier.body(request)
        except Unproven:
            return Response(status_code=UNPROVEN)
        except TooLarge:
            return Response(status_code=TOO_LARGE)
        asked = _read(body, request)
        return await self._dispatched(asked) if asked else Response(status_code=MALFORMED)

    async def _dispatched(self, asked: AsyncBoltRequest) -> Response:
        try:
            answer = await self.app.async_dispatch(asked)
        except UNREADABLE as error:
            log.warning("slack request not understood", error=type(error).__name__)
            return Response(status_code=MALFORMED)
        if answer.status != OK:
            return Response(status_code=MALFORMED)
        return Response(answer.body, headers=dict(answer.first_headers()))


def _read(body: bytes, request: Request) -> AsyncBoltRequest | None:
    """The request as Bolt reads it; None where it cannot."""
    try:
        return AsyncBoltRequest(body=body.decode("utf-8"), headers=dict(request.headers))
    except UNREADABLE:
        return None
